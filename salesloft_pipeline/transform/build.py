"""Builds the mart: every table from raw data, all or nothing.

    raw_salesloft.*  +  seeds  ->  mart/*.sql in dependency order  ->  mart.*, one transaction

The same raw data, `as_of` and time zone give the same rows: nothing looks at the clock. Readers see the mart as it
was until the build commits. DuckDB replaces tables inside the transaction; on Postgres that would lock readers out
for the whole build, so the tables are made in `mart_next` and moved.
The tables of `mart/append/` outlive a build, and grow by one day (append.py). Of a large warehouse the largest do
too: only those of their rows are made again that follow from what was loaded since the last build (incremental.py).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from salesloft_pipeline.tracing import current, span
from salesloft_pipeline.transform import build_info, comparison, seen
from salesloft_pipeline.transform.build_info import BUILD_INFO, BUILD_INFO_GRAIN, last_build, raw_counts
from salesloft_pipeline.transform.comments import comment
from salesloft_pipeline.transform.description import tables
from salesloft_pipeline.transform.grants import admit_reader, grant_again, grants_held
from salesloft_pipeline.transform.indexes import index
from salesloft_pipeline.transform.kept import KEPT
from salesloft_pipeline.transform.maker import Maker
from salesloft_pipeline.transform.marts import MARTS, SCHEMA, Mart
from salesloft_pipeline.transform.rules import DEFAULT_RULES, Rules
from salesloft_pipeline.transform.seeds import SEED_FOLDER, SEEDS, Seed, SeedRows, load_seed, read_seed
from salesloft_pipeline.transform.statements import instant, text
from salesloft_pipeline.warehouse import Sql, Warehouse

_SHADOW = "mart_next"


class BuildError(Exception):
    """The mart was not built and is as it was; the message names the table or the setting at fault."""


@dataclass(frozen=True)
class BuildReport:
    """What a build made: rows and seconds by table, and the id that also stands in `mart.build_info`.

    `whole`: it made everything anew, rather than the affected rows of the kept tables. `differing`: when it was
    compared with a whole build, the rows by table that were in one and not in the other; nothing when all agree.
    """

    build_id: str
    as_of: datetime
    time_zone: str
    rows: dict[str, int]
    seconds: dict[str, float]
    total_seconds: float
    whole: bool
    differing: Mapping[str, int]


def build(
    warehouse: Warehouse,
    as_of: datetime,
    time_zone: str,
    *,
    marts: tuple[Mart, ...] = MARTS,
    seed_folder: Path = SEED_FOLDER,
    rules: Rules = DEFAULT_RULES,
    whole_up_to_emails: int | None = None,
    compare: bool = False,
) -> BuildReport:
    """Rebuild every mart table from the raw tables.

    `as_of` is the instant of the raw load (with a time zone), `time_zone` the reporting zone as an IANA name,
    `rules` what the team decided. `whole_up_to_emails`: with more emails than this, change the large tables in place
    where that can be done; None makes all anew. Both give the same rows; `compare`: see to it, at the price of a whole
    build beside this one. Rows that differ are told, and the next build is a whole one.
    Raises SeedError or BuildError; then the mart is as it was.
    """
    started = time.perf_counter()
    if as_of.tzinfo is None:
        raise BuildError(f"as_of {as_of} has no time zone: give the instant of the raw load in UTC")
    seeds = [(seed, read_seed(seed, seed_folder)) for seed in SEEDS]
    values = {"as_of": instant(as_of), "time_zone": text(time_zone), **rules.values}
    # Between two loads, so that no table is older than another; and no two builds at once.
    with span("build the mart"), warehouse.turn(), warehouse.transaction() as sql:
        _refuse_unknown_zone(sql, time_zone)
        last, today = last_build(sql), _local_day(sql, values)
        schema = _open_schema(sql, SCHEMA if warehouse.dialect == "duckdb" else _SHADOW)
        maker = Maker(sql, schema, values, marts, a_new_day=last.appended_before(today))
        basis = _fingerprint(time_zone, rules, seeds, _told(marts), seen.still(sql))
        large = whole_up_to_emails is not None and _is_larger(sql, whole_up_to_emails)
        if large and last.as_of and last.as_of <= as_of and seen.basis_seen(sql) == basis:
            maker.keep(last.as_of)
        rows = _load_seeds(sql, seeds, schema)
        seconds = _make(maker, rows)
        made = {name: count for name, count in rows.items() if name not in maker.growing}
        build_id = _fingerprint(values, made, seeds, [mart.sql for mart in marts])
        build_info.write(sql, schema, last, today, build_id, values, rows, raw_counts(sql, marts))
        _describe(sql, maker)
        differing = comparison.differing(sql, values, seeds, maker) if compare and not maker.whole else {}
        seen.remember(sql, basis) if large and not differing else seen.forget(sql)
        if schema == _SHADOW:
            _move(sql, [name for name in [*rows, BUILD_INFO] if name not in maker.staying])
    total_seconds = time.perf_counter() - started
    return BuildReport(build_id, as_of, time_zone, rows, seconds, total_seconds, maker.whole, differing)


def _describe(sql: Sql, maker: Maker) -> None:
    grains = {seed.name: seed.grain for seed in SEEDS} | {mart.name: mart.grain for mart in maker.marts}
    grains |= {BUILD_INFO: BUILD_INFO_GRAIN}
    comment(sql, {maker.place(name): grain for name, grain in grains.items() if maker.is_new(name)})


def _make(maker: Maker, rows: dict[str, int]) -> dict[str, float]:
    """Make the tables and note their `rows`; the seconds that each took."""
    seconds = {}
    for mart in maker.marts:
        begun = time.perf_counter()
        try:
            with span(f"make {mart.name}", table=mart.name) as trace:
                rows[mart.name] = maker.make(mart)
                trace.tell(rows=rows[mart.name])
        except Exception as error:
            raise BuildError(
                f"{SCHEMA}.{mart.name} could not be made, the mart is unchanged: {error}"
            ) from error
        seconds[mart.name] = time.perf_counter() - begun
    maker.close()
    current().tell(whole=maker.whole, rows=sum(rows.values()))
    return seconds


def _told(marts: tuple[Mart, ...]) -> list[Any]:
    """All that says what the tables are and how they are made."""
    return [[mart.sql for mart in marts], KEPT, [kept.affected for kept in KEPT.values()], tables()]


def _is_larger(sql: Sql, emails: int) -> bool:
    ((counted,),) = sql.query("select count(*) from raw_salesloft.emails")
    return int(counted) > emails


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


def _fingerprint(*ingredients: Any) -> str:
    """A short name for a build: the same for the same ingredients, whenever it runs."""
    text = json.dumps(ingredients, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _move(sql: Sql, names: list[str]) -> None:
    """Postgres: put the new tables in place of the old ones, which keep their grants."""
    index(sql, _SHADOW, names)
    sql.execute(f"create schema if not exists {SCHEMA}")
    grants = grants_held(sql)
    for name in reversed(names):
        what = "view" if name.startswith("v_") else "table"
        sql.execute(f"drop {what} if exists {SCHEMA}.{name} cascade")
        sql.execute(f"alter {what} {_SHADOW}.{name} set schema {SCHEMA}")
    grant_again(sql, grants, names)
    admit_reader(sql)
    sql.execute(f"drop schema {_SHADOW} cascade")
