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

from salesloft_pipeline.transform import build_info, seen
from salesloft_pipeline.transform.build_info import BUILD_INFO, BUILD_INFO_GRAIN, last_build, raw_counts
from salesloft_pipeline.transform.comments import comment
from salesloft_pipeline.transform.grants import admit_reader, grant_again, grants_held
from salesloft_pipeline.transform.kept import KEPT
from salesloft_pipeline.transform.maker import Maker
from salesloft_pipeline.transform.marts import MARTS, SCHEMA, Mart
from salesloft_pipeline.transform.seeds import SEED_FOLDER, SEEDS, Seed, SeedRows, load_seed, read_seed
from salesloft_pipeline.transform.statements import instant, text
from salesloft_pipeline.warehouse import Sql, Warehouse

_SHADOW = "mart_next"
_WHOLE = "mart_whole"


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
    whole_up_to_emails: int | None = None,
    compare: bool = False,
) -> BuildReport:
    """Rebuild every mart table from the raw tables.

    `as_of` is the instant of the raw load (with a time zone), `time_zone` the reporting zone as an IANA name.
    `whole_up_to_emails`: with more emails than this, change the large tables in place where that can be done; None
    makes all anew. Both give the same rows; `compare`: see to it, at the price of a whole build beside this one. Rows
    that differ are told, and the next build is a whole one.
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
        maker = Maker(
            sql, schema, values, marts, a_new_day=last.appended_on is None or last.appended_on < today
        )
        basis = _fingerprint(time_zone, seeds, [mart.sql for mart in marts], KEPT, seen.still(sql))
        large = whole_up_to_emails is not None and _is_larger(sql, whole_up_to_emails)
        if large and last.as_of and last.as_of <= as_of and seen.basis_seen(sql) == basis:
            maker.keep(last.as_of)
        rows, seconds = _load_seeds(sql, seeds, schema), dict[str, float]()
        for mart in marts:
            rows[mart.name], seconds[mart.name] = _made(maker, mart)
        maker.close()
        made = {name: count for name, count in rows.items() if name not in maker.growing}
        build_id = _fingerprint(values, made, seeds, [mart.sql for mart in marts])
        build_info.write(sql, schema, last, today, build_id, values, rows, raw_counts(sql, marts))
        told = [*((seed.name, seed.grain) for seed in SEEDS), *((mart.name, mart.grain) for mart in marts)]
        comment(sql, {maker.place(name): grain for name, grain in [*told, (BUILD_INFO, BUILD_INFO_GRAIN)]})
        differing = _differing(sql, values, seeds, marts) if compare and not maker.whole else {}
        seen.remember(sql, basis) if large and not differing else seen.forget(sql)
        if schema == _SHADOW:
            _move(sql, [name for name in [*rows, BUILD_INFO] if name not in maker.staying])
    total_seconds = time.perf_counter() - started
    return BuildReport(build_id, as_of, time_zone, rows, seconds, total_seconds, maker.whole, differing)


def _made(maker: Maker, mart: Mart) -> tuple[int, float]:
    begun = time.perf_counter()
    try:
        return maker.make(mart), time.perf_counter() - begun
    except Exception as error:
        raise BuildError(f"{SCHEMA}.{mart.name} could not be made, the mart is unchanged: {error}") from error


def _differing(
    sql: Sql, values: Mapping[str, str], seeds: Sequence[tuple[Seed, SeedRows]], marts: tuple[Mart, ...]
) -> dict[str, int]:
    """By kept table, the rows that a whole build beside the mart has and it has not, or the other way round."""
    sql.execute(f"create schema {_WHOLE}")
    whole = Maker(sql, _WHOLE, values, marts, a_new_day=False)
    _load_seeds(sql, seeds, _WHOLE)
    for mart in marts:
        whole.make(mart)
    counts = {}
    for name in KEPT:
        kept, made = f"select * from {SCHEMA}.{name}", f"select * from {_WHOLE}.{name}"
        either = f"({kept} except {made}) union all ({made} except {kept})"
        ((counts[name],),) = sql.query(f"select count(*) from ({either}) d")
    # One by one: DuckDB cannot commit when tables of this transaction go with their schema.
    views = {mart.name for mart in marts if mart.is_view}
    for name in reversed(
        [*(seed.name for seed, _ in seeds), *(mart.name for mart in marts if not mart.appended)]
    ):
        sql.execute(f"drop {'view' if name in views else 'table'} {_WHOLE}.{name}")
    sql.execute(f"drop schema {_WHOLE}")
    return {name: rows for name, rows in counts.items() if rows}


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
    sql.execute(f"create schema if not exists {SCHEMA}")
    grants = grants_held(sql)
    for name in reversed(names):
        what = "view" if name.startswith("v_") else "table"
        sql.execute(f"drop {what} if exists {SCHEMA}.{name} cascade")
        sql.execute(f"alter {what} {_SHADOW}.{name} set schema {SCHEMA}")
    grant_again(sql, grants, names)
    admit_reader(sql)
    sql.execute(f"drop schema {_SHADOW} cascade")
