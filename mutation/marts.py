"""Mutants of the SQL behind the daily mart: one token changed at a time, in the text as sqlglot reads it.

What is no SQL any more is no mutant: any test would notice.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from sqlglot.dialects.postgres import Postgres

from mutation.outcome import Outcome, drawn
from mutation.trials import Mutant, Trials
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.transform import MARTS, build
from salesloft_pipeline.transform.maker import Maker
from salesloft_pipeline.transform.marts import SCHEMA, Mart
from salesloft_pipeline.transform.rules import DEFAULT_RULES
from salesloft_pipeline.transform.statements import instant, text
from salesloft_pipeline.warehouse import Sql, Warehouse
from salesloft_pipeline_tests.transform.twin import AS_OF, ZONE

_MART = "daily_engagement"
# Where a file is no wait for a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it
_FOLDER = Path("salesloft_pipeline_tests/transform")
_TESTS = [
    str(_FOLDER / f"test_{name}.py")
    for name in ("twin", "examples", "facts", "enrollment", "append", "rules")
]
# What stands for what; a word is replaced where it stands alone.
_SWAPS = {
    "=": "<>", "<>": "=", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+",
    "and": "or", "or": "and", "not": "", "distinct": "", "left": "inner", "when": "when not", "where": "where not",
    "min": "max", "max": "min", "sum": "max", "count": "max", "greatest": "least", "least": "greatest",
    "coalesce": "nullif", "true": "false", "false": "true", "desc": "asc", "0": "1", "1": "2",
}  # fmt: skip


def outcomes(sample: int, seed: int) -> list[Outcome]:
    """All mutants of the facts and of the daily mart, or so many of them drawn by `seed`; 0 is all.

    Raises RuntimeError when the tests do not pass as it is.
    """
    marts = _needed()
    mutants = [each for mart in marts if mart.name.startswith(("fct_", _MART)) for each in _of(mart)]
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.exists() else None) as folder:
        # The list ends what opened a database: nothing of it is open in what is forked.
        chosen = list(islice(_sound(drawn(mutants, len(mutants), seed), Path(folder)), sample or None))
        trials = Trials(marts, chosen)
        options = ["-s", "-n", "0", "-k", "not postgres", "-o", "tmp_path_retention_policy=failed"]
        profile = ["-p", "mutation.profile", "--hypothesis-profile=mutants"]
        code = pytest.main([*options, *profile, f"--basetemp={folder}/tests", *_TESTS], plugins=[trials])
    if code:
        raise RuntimeError(
            f"pytest ended with {code!r} before all mutants were tried: see what it wrote above"
        )
    return trials.outcomes


def _needed() -> tuple[Mart, ...]:
    """The daily mart, what the tests look at, and all that these are made of, in the order of building."""
    read = {name for file in _TESTS for name in re.findall(r"\bmart\.(\w+)", Path(file).read_text("utf-8"))}
    by_name, needed, waiting = {mart.name: mart for mart in MARTS}, set[str](), [_MART, *read]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in needed:
            needed.add(name)
            waiting += [each.removeprefix("mart.") for each in by_name[name].upstream]
    return tuple(mart for mart in MARTS if mart.name in needed)


def _of(mart: Mart) -> Iterator[Mutant]:
    for token in Postgres.Tokenizer().tokenize(mart.sql):
        new = _SWAPS.get(token.text.lower())
        if new is None or mart.sql[token.start] == "'":
            continue
        sql = f"{mart.sql[: token.start]}{new}{mart.sql[token.end + 1 :]}"
        yield Mutant(replace(mart, sql=sql), token.line, sql.splitlines()[token.line - 1].strip())


def _sound(mutants: Iterable[Mutant], folder: Path) -> Iterator[Mutant]:
    """Those that DuckDB can make a plan of."""
    warehouse = Warehouse(f"duckdb:///{folder}/plans.duckdb")
    create_tables(warehouse)
    ops.create_tables(warehouse)
    build(warehouse, AS_OF, ZONE)
    values = {"as_of": instant(AS_OF), "time_zone": text(ZONE), **DEFAULT_RULES.values}
    with warehouse.kept_open(), warehouse.transaction() as sql:
        resolve = Maker(sql, SCHEMA, values, (), a_new_day=False).resolve
        yield from (mutant for mutant in mutants if _has_plan(sql, resolve(mutant.mart.sql)))


def _has_plan(sql: Sql, select: str) -> bool:
    try:
        sql.execute(f"explain {select}")
    except Exception:
        return False
    return True
