"""Builds the mart: every table from raw data, all or nothing.

    raw_salesloft.*  +  seeds  ->  mart/*.sql in dependency order  ->  mart.*, one transaction

The same raw data, `as_of` and time zone give the same tables: nothing looks at the clock, every table is sorted
by its key. Readers see the mart as it was until the build commits. DuckDB replaces tables inside the transaction;
on Postgres that would lock readers out for the whole build, so the tables are made in `mart_next` and moved.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from salesloft_pipeline.transform.grants import admit_reader, grant_again, grants_held
from salesloft_pipeline.transform.marts import MARTS, SCHEMA, Mart
from salesloft_pipeline.transform.seeds import SEED_FOLDER, SEEDS, Seed, SeedRows, load_seed, read_seed
from salesloft_pipeline.warehouse import Sql, Warehouse

_SHADOW = "mart_next"
BUILD_INFO = "build_info"
BUILD_INFO_GRAIN = "One row: which build these tables are, of which raw data and in which time zone."


class BuildError(Exception):
    """The mart was not built and is as it was; the message names the table or the setting at fault."""


@dataclass(frozen=True)
class BuildReport:
    """What a build made: rows and seconds by table, and the id that also stands in `mart.build_info`."""

    build_id: str
    as_of: datetime
    time_zone: str
    rows: dict[str, int]
    seconds: dict[str, float]
    total_seconds: float


def build(
    warehouse: Warehouse,
    as_of: datetime,
    time_zone: str,
    *,
    marts: tuple[Mart, ...] = MARTS,
    seed_folder: Path = SEED_FOLDER,
) -> BuildReport:
    """Rebuild every mart table from the raw tables.

    `as_of` is the instant of the raw load (with a time zone), `time_zone` the reporting zone as an IANA name.
    Raises SeedError or BuildError; then the mart is as it was.
    """
    started = time.perf_counter()
    if as_of.tzinfo is None:
        raise BuildError(f"as_of {as_of} has no time zone: give the instant of the raw load in UTC")
    seeds = [(seed, read_seed(seed, seed_folder)) for seed in SEEDS]
    values = {"as_of": instant(as_of), "time_zone": _text(time_zone)}
    with warehouse.transaction() as sql:
        _refuse_unknown_zone(sql, time_zone)
        schema = _open_schema(sql, SCHEMA if warehouse.dialect == "duckdb" else _SHADOW)
        rows, seconds = _load_seeds(sql, seeds, schema), {}
        for mart in marts:
            begun = time.perf_counter()
            rows[mart.name] = _make(sql, mart, schema, values)
            seconds[mart.name] = time.perf_counter() - begun
        build_id = _fingerprint(values, rows, seeds, [mart.sql for mart in marts])
        _write_build_info(sql, schema, build_id, values, rows)
        if schema == _SHADOW:
            _move(sql, [*rows, BUILD_INFO])
    return BuildReport(build_id, as_of, time_zone, rows, seconds, time.perf_counter() - started)


def _refuse_unknown_zone(sql: Sql, time_zone: str) -> None:
    # The engine that will use the name is the one to ask: it raises in mid-build for a name it does not know.
    names = [name for (name,) in sql.query("select name from pg_timezone_names()")]
    if time_zone not in names:
        near = difflib.get_close_matches(time_zone, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "use an IANA name such as America/New_York"
        raise BuildError(f"unknown reporting time zone {time_zone!r}: {hint}")


def _open_schema(sql: Sql, schema: str) -> str:
    if schema == _SHADOW:
        sql.execute(f"drop schema if exists {schema} cascade")
    sql.execute(f"create schema if not exists {schema}")
    return schema


def _load_seeds(sql: Sql, seeds: Sequence[tuple[Seed, SeedRows]], schema: str) -> dict[str, int]:
    for seed, content in seeds:
        load_seed(sql, seed, content, schema)
        _describe(sql, schema, seed.name, seed.grain)
    return {seed.name: len(content) for seed, content in seeds}


def _make(sql: Sql, mart: Mart, schema: str, values: dict[str, str]) -> int:
    """Create one table or view, count its rows."""
    text = re.sub(r"\bmart\.", f"{schema}.", mart.sql)
    text = re.sub(r"(?<!:):(as_of|time_zone)\b", lambda place: values[place[1]], text)
    what = "view" if mart.is_view else "table"
    try:
        sql.execute(f"drop {what} if exists {schema}.{mart.name}")
        sql.execute(f"create {what} {schema}.{mart.name} as\n{text}")
        _describe(sql, schema, mart.name, mart.grain, what)
        if not mart.is_view:
            # Postgres plans the next tables badly without knowing the size of this one.
            sql.execute(f"analyze {schema}.{mart.name}")
        return _count(sql, schema, mart.name)
    except Exception as error:
        raise BuildError(f"{SCHEMA}.{mart.name} could not be made, the mart is unchanged: {error}") from error


def _count(sql: Sql, schema: str, table: str) -> int:
    ((rows,),) = sql.query(f"select count(*) from {schema}.{table}")
    return int(rows)


def _describe(sql: Sql, schema: str, name: str, grain: str, what: str = "table") -> None:
    sql.execute(f"comment on {what} {schema}.{name} is {_text(grain)}")


def _fingerprint(*ingredients: Any) -> str:
    """A short name for a build: the same for the same ingredients, whenever it runs."""
    text = json.dumps(ingredients, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write_build_info(
    sql: Sql, schema: str, build_id: str, values: dict[str, str], rows: dict[str, int]
) -> None:
    as_of, time_zone = values["as_of"], values["time_zone"]
    sql.execute(f"drop table if exists {schema}.{BUILD_INFO}")
    sql.execute(
        f"create table {schema}.{BUILD_INFO} as select {_text(build_id)} as build_id, {as_of} as as_of, "
        f"cast({as_of} at time zone {time_zone} as date) as as_of_date, {time_zone} as reporting_time_zone, "
        f"min(observed_at) as history_started_at, cast({_text(json.dumps(rows))} as json) as row_counts "
        "from raw_salesloft.emails_versions"
    )
    _describe(sql, schema, BUILD_INFO, BUILD_INFO_GRAIN)


def _move(sql: Sql, names: list[str]) -> None:
    """Postgres: put the new tables in place of the old ones, which keep their grants."""
    sql.execute(f"create schema if not exists {SCHEMA}")
    grants = grants_held(sql)
    for name in reversed(names):
        what = "view" if name.startswith("v_") else "table"
        sql.execute(f"drop {what} if exists {SCHEMA}.{name} cascade")
        sql.execute(f"alter {what} {_SHADOW}.{name} set schema {SCHEMA}")
    grant_again(sql, grants, names)
    admit_reader(sql)
    sql.execute(f"drop schema {_SHADOW} cascade")


def instant(moment: datetime) -> str:
    """A moment with time zone as both engines read it in SQL."""
    return f"timestamptz {_text(moment.astimezone(UTC).isoformat(sep=' '))}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
