"""`mart.build_info`, the one row that says which build the mart is, and what the next build has to know of it.

last_build  ->  LastBuild  ->  the build  ->  write
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from salesloft_pipeline.transform.marts import SCHEMA, Mart
from salesloft_pipeline.transform.statements import text
from salesloft_pipeline.warehouse import Sql

BUILD_INFO = "build_info"
BUILD_INFO_GRAIN = "One row: which build these tables are, of which raw data and in which time zone."
_REMEMBERED = {"as_of", "last_appended_on", "raw_counts"}


@dataclass(frozen=True)
class LastBuild:
    """What the build before left: its instant, the day of its last snapshots, and how many rows each raw table had."""

    as_of: datetime | None
    appended_on: date | None
    raw_counts: Mapping[str, int]

    def appended_before(self, day: date) -> bool:
        """Is it time for the snapshots of this day?"""
        return self.appended_on is None or self.appended_on < day


def last_build(sql: Sql) -> LastBuild:
    """What mart.build_info tells; nothing before the first build, or when that was made by an older version."""
    known = sql.query(
        "select column_name from information_schema.columns where table_schema = $1 and table_name = $2",
        [SCHEMA, BUILD_INFO],
    )
    if not {name for (name,) in known} >= _REMEMBERED:
        return LastBuild(None, None, {})
    query = f"select as_of, last_appended_on, cast(raw_counts as text) from {SCHEMA}.{BUILD_INFO}"
    ((as_of, day, counts),) = sql.query(query)
    return LastBuild(as_of, day, json.loads(counts))


def raw_counts(sql: Sql, marts: Iterable[Mart]) -> dict[str, int]:
    """Rows of each raw table that the marts read, those marked as deleted included."""
    tables = {source for mart in marts for source in mart.upstream if not source.startswith(f"{SCHEMA}.")}
    counted = " union all ".join(f"select {text(table)}, count(*) from {table}" for table in sorted(tables))
    return {table.partition(".")[2]: int(rows) for table, rows in sql.query(f"{counted} order by 1")}


def write(
    sql: Sql,
    schema: str,
    last: LastBuild,
    today: date,
    build_id: str,
    values: Mapping[str, str],
    rows: Mapping[str, int],
    raw: Mapping[str, int],
) -> None:
    """Make the table. `values` holds as_of and time_zone as SQL; `rows` and `raw` count the tables of mart and raw.

    The counts before are those of the build before; the first build compares with itself.
    """
    columns = {
        "build_id": text(build_id),
        "as_of": values["as_of"],
        "as_of_date": f"date {text(today.isoformat())}",
        "reporting_time_zone": values["time_zone"],
        "history_started_at": "min(observed_at)",
        "last_appended_on": f"date {text(max(today, last.appended_on or today).isoformat())}",
        "row_counts": _json(rows),
        "raw_counts": _json(raw),
        "raw_counts_before": _json({name: last.raw_counts.get(name, count) for name, count in raw.items()}),
    }
    listed = ", ".join(f"{value} as {name}" for name, value in columns.items())
    sql.execute(f"drop table if exists {schema}.{BUILD_INFO}")
    sql.execute(f"create table {schema}.{BUILD_INFO} as select {listed} from raw_salesloft.emails_versions")


def _json(counts: Mapping[str, int]) -> str:
    return f"cast({text(json.dumps(counts))} as json)"
