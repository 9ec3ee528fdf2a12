"""Loading through dlt: pipelines that are made for one run, with the warehouse as their only memory.

rows as Arrow tables (source.py)  ->  Parquet files  ->  merged into raw_salesloft, by DuckDB from the files
                                                         (merging.py), by Postgres from staging tables
                                  and the readers' state  ->  raw_salesloft._dlt_pipeline_state, with the rows
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import dlt
from dlt.common.configuration.utils import TraceLogContext
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from salesloft_pipeline.ingest import columns
from salesloft_pipeline.ingest.merging import MergingDuckDb
from salesloft_pipeline.warehouse import Warehouse, quote

PARALLEL_RESOURCES = 5
PIPELINE_NAME = "salesloft"
# dlt reads its own settings from the environment when its first pipeline is made, and only then.
_DLT_DEFAULTS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    # A diary of each run, which nobody reads.
    "ENABLE_RUNTIME_TRACE": "false",
    # Below this it warns of every JSON column, whose declared type has to differ from Arrow's.
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": str(PARALLEL_RESOURCES),
    # dlt is woken by what was read, and looks up from waiting besides: a hundred times a second, if it is not told.
    "EXTRACT__FUTURES_POLL_INTERVAL": "0.1",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}

# DuckDB would keep in memory what it read of files that each load removes.
_DUCKDB = {"enable_external_file_cache": False}


def pipeline_of(warehouse: Warehouse, name: str, working_folder: str) -> dlt.Pipeline:
    """A dlt pipeline whose only memory is the warehouse, so that any worker can run the next sync.

    name: pipelines of different names may load at the same time, because each has its own staging tables and state.
    """
    for setting, value in _DLT_DEFAULTS.items():
        os.environ.setdefault(setting, value)
    # Each value that dlt looks up is logged for that diary; without one, nobody empties the log.
    TraceLogContext.logging_enabled = False
    destination: Any = MergingDuckDb if warehouse.path else dlt.destinations.postgres
    return dlt.pipeline(
        name,
        destination=destination(_credentials(warehouse), staging_dataset_name_layout=_staging(name)),
        dataset_name=columns.RAW_SCHEMA,
        pipelines_dir=working_folder,
    )


def load(warehouse: Warehouse, name: str, tables: Sequence[Any]) -> None:
    """Load tables that tell how they are merged (source.py), all or none. name: as of `pipeline_of`.

    To be called within a turn at the warehouse, with its tables made. Raises warehouse errors.
    """
    with tempfile.TemporaryDirectory(prefix="salesloft-dlt-") as working_folder:
        resource = dlt.resource(list(tables), name=name)
        pipeline = pipeline_of(warehouse, name, working_folder)
        pipeline.run(resource, loader_file_format="parquet").raise_on_failed_jobs()
    drop_staging(warehouse, name)
    warehouse.settle()


def drop_staging(warehouse: Warehouse, name: str) -> None:
    """Remove the staging tables of a pipeline that is seldom run, or that makes none any more."""
    warehouse.execute(f"drop schema if exists {quote(_staging(name))} cascade")


def stored_states(warehouse: Warehouse, working_folder: str) -> Mapping[str, Any]:
    """What each resource's last sync wrote down for the next one, by resource; {} before the first sync."""
    pipeline = pipeline_of(warehouse, PIPELINE_NAME, working_folder)
    pipeline.sync_destination()
    sources: Mapping[str, Any] = pipeline.state.get("sources", {})
    return dict(sources.get("salesloft", {}).get("resources", {}))


def _credentials(warehouse: Warehouse) -> DuckDbCredentials | PostgresCredentials:
    """As dlt has them when it knows them: of a mere URL it asks its settings for each part, many times a round."""
    credentials = (
        DuckDbCredentials(str(warehouse.path), global_config=_DUCKDB)
        if warehouse.path
        else PostgresCredentials(warehouse.url)
    )
    credentials.resolve()
    return credentials


def _staging(name: str) -> str:
    return f"{columns.RAW_SCHEMA}_staging_{name}"
