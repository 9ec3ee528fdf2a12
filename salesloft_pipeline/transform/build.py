"""Builds the mart: every table from raw data, all or nothing.

    raw_salesloft.*  +  seeds  ->  mart/*.sql in dependency order  ->  mart.*, one transaction

The same raw data, `as_of` and time zone give the same tables: nothing looks at the clock, every table is sorted
by its key. Readers see the mart as it was until the build commits. DuckDB replaces tables inside the transaction;
on Postgres that would lock readers out for the whole build, so the tables are made in `mart_next` and moved.
Only the tables of `mart/append/` outlive a build, and grow by one day (append.py).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from salesloft_pipeline.transform import build_info
from salesloft_pipeline.transform.append import append
from salesloft_pipeline.transform.build_info import BUILD_INFO, BUILD_INFO_GRAIN, last_build, raw_counts
from salesloft_pipeline.transform.comments import comment
from salesloft_pipeline.transform.grants import admit_reader, grant_again, grants_held
from salesloft_pipeline.transform.marts import MARTS, SCHEMA, Mart
from salesloft_pipeline.transform.seeds import SEED_FOLDER, SEEDS, Seed, SeedRows, load_seed, read_seed
from salesloft_pipeline.transform.statements import instant, text
from salesloft_pipeline.warehouse import Sql, Warehouse

_SHADOW = "mart_next"


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
    values = {"as_of": instant(as_of), "time_zone": text(time_zone)}
    # Between two loads, so that no table is older than another; and no two builds at once.
    with warehouse.turn(), warehouse.transaction() as sql:
        _refuse_unknown_zone(sql, time_zone)
        last, today = last_build(sql), _local_day(sql, values)
        schema = _open_schema(sql, SCHEMA if warehouse.dialect == "duckdb" else _SHADOW)
        rows, seconds = _load_seeds(sql, seeds, schema), {}
        maker = _Maker(
            sql, schema, values, marts, a_new_day=last.appended_on is None or last.appended_on < today
        )
        for mart in marts:
            begun = time.perf_counter()
            rows[mart.name] = maker.make(mart)
            seconds[mart.name] = time.perf_counter() - begun
        made = {name: count for name, count in rows.items() if name not in maker.growing}
        build_id = _fingerprint(values, made, seeds, [mart.sql for mart in marts])
        build_info.write(sql, schema, last, today, build_id, values, rows, raw_counts(sql, marts))
        told = [*((seed.name, seed.grain) for seed in SEEDS), *((mart.name, mart.grain) for mart in marts)]
        comment(sql, {maker.place(name): grain for name, grain in [*told, (BUILD_INFO, BUILD_INFO_GRAIN)]})
        if schema == _SHADOW:
            _move(sql, [*made, BUILD_INFO])
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


def _local_day(sql: Sql, values: dict[str, str]) -> date:
    ((day,),) = sql.query(f"select cast({values['as_of']} at time zone {values['time_zone']} as date)")
    return cast(date, day)


def _load_seeds(sql: Sql, seeds: Sequence[tuple[Seed, SeedRows]], schema: str) -> dict[str, int]:
    for seed, content in seeds:
        load_seed(sql, seed, content, schema)
    return {seed.name: len(content) for seed, content in seeds}


class _Maker:
    """Makes one table after the other in a schema. `growing`: the tables that stay in `mart` and are appended to."""

    def __init__(
        self, sql: Sql, schema: str, values: dict[str, str], marts: tuple[Mart, ...], *, a_new_day: bool
    ) -> None:
        self.growing = {mart.name for mart in marts if mart.appended}
        self._sql, self._schema, self._values, self._a_new_day = sql, schema, values, a_new_day

    def make(self, mart: Mart) -> int:
        """Create one table or view, or add today's rows to it; how many rows it has."""
        try:
            if mart.appended:
                append(self._sql, mart, self._query(mart), due=self._a_new_day)
            else:
                self._create(mart)
            ((rows,),) = self._sql.query(f"select count(*) from {self.place(mart.name)}")
            return int(rows)
        except Exception as error:
            raise BuildError(
                f"{SCHEMA}.{mart.name} could not be made, the mart is unchanged: {error}"
            ) from error

    def place(self, name: str) -> str:
        """The address of a table while the mart is being built."""
        return f"{SCHEMA if name in self.growing else self._schema}.{name}"

    def _create(self, mart: Mart) -> None:
        what, place = "view" if mart.is_view else "table", self.place(mart.name)
        self._sql.execute(f"drop {what} if exists {place}")
        self._sql.execute(f"create {what} {place} as\n{self._query(mart)}")
        if self._schema == _SHADOW and not mart.is_view:
            # Postgres plans the next tables badly without knowing the size of this one; DuckDB knows.
            self._sql.execute(f"analyze {place}")

    def _query(self, mart: Mart) -> str:
        query = re.sub(rf"\b{SCHEMA}\.(\w+)", lambda found: self.place(found[1]), mart.sql)
        return re.sub(r"(?<!:):(as_of|time_zone)\b", lambda found: self._values[found[1]], query)


def _fingerprint(*ingredients: Any) -> str:
    """A short name for a build: the same for the same ingredients, whenever it runs."""
    text = json.dumps(ingredients, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


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
