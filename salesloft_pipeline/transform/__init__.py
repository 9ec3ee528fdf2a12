"""The analyst's half of the warehouse: raw tables in, star schema and daily marts out, by SQL that runs in the engine.

`build` makes everything; `MARTS` and `SEEDS` say what there is (name, grain, upstream tables, columns), `tables` and
`metrics` what it means; `run_checks` and `CHECKS` ask whether it is right.
"""

from salesloft_pipeline.transform.build import BuildError, BuildReport, build
from salesloft_pipeline.transform.build_info import BUILD_INFO, BUILD_INFO_GRAIN
from salesloft_pipeline.transform.checks import CHECKS, Check, CheckResult, run_checks
from salesloft_pipeline.transform.description import Column, Metric, Table, columns_of, metrics, tables
from salesloft_pipeline.transform.glance import glance
from salesloft_pipeline.transform.marts import MARTS, Mart
from salesloft_pipeline.transform.rules import Rules
from salesloft_pipeline.transform.seeds import SEED_FOLDER, SEEDS, Seed, SeedError

__all__ = [
    "BUILD_INFO",
    "BUILD_INFO_GRAIN",
    "CHECKS",
    "MARTS",
    "SEEDS",
    "SEED_FOLDER",
    "BuildError",
    "BuildReport",
    "Check",
    "CheckResult",
    "Column",
    "Mart",
    "Metric",
    "Rules",
    "Seed",
    "SeedError",
    "Table",
    "build",
    "columns_of",
    "glance",
    "metrics",
    "run_checks",
    "tables",
]
