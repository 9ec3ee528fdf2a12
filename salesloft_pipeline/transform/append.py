"""Tables that only grow: what a day showed stays as it was told, whatever becomes known later.

    select of mart/append/<name>.sql  ->  rows of today  ->  appended to mart.<name>, by the first build of a day

No build drops or changes such a table, so it needs no shadow and keeps its grants. A column that its file gained is
added, empty for the days before.
"""

from __future__ import annotations

from salesloft_pipeline.transform.marts import SCHEMA, Mart
from salesloft_pipeline.warehouse import Sql, quote

_TODAY = "rows_of_today"


def append(sql: Sql, mart: Mart, query: str, *, due: bool) -> None:
    """Make the table if it is not there, and if a day is due, add the rows of the query."""
    table = f"{SCHEMA}.{mart.name}"
    sql.execute(f"create schema if not exists {SCHEMA}")
    sql.execute(f"create temp table {_TODAY} as\n{query}")
    sql.execute(f"create table if not exists {table} as select * from {_TODAY} where false")
    _add_missing_columns(sql, mart.name)
    if due:
        columns = ", ".join(mart.columns)
        sql.execute(f"insert into {table} ({columns}) select {columns} from {_TODAY}")
    sql.execute(f"drop table {_TODAY}")


def _add_missing_columns(sql: Sql, name: str) -> None:
    columns = (
        "select column_name, data_type from information_schema.columns where table_name = $1 and {} "
        "order by ordinal_position"
    )
    there = dict(sql.query(columns.format("table_schema = $2"), [name, SCHEMA]))
    for column, kind in sql.query(columns.format("true"), [_TODAY]):
        if column not in there:
            sql.execute(f"alter table {SCHEMA}.{name} add column {quote(column)} {kind}")
