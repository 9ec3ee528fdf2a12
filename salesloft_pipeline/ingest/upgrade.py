"""Tables of an earlier version of this software get the columns and keys that have come since."""

from __future__ import annotations

from collections.abc import Mapping

from salesloft_pipeline.warehouse import Sql, quote


def add_missing_columns(sql: Sql, schema: str, tables: Mapping[str, Mapping[str, str]]) -> None:
    """Give each table of a schema the columns it lacks, so that a table of an earlier version serves as well.

    tables: by name, the columns a table has to have, each with its SQL type.
    """
    present = set(
        sql.query(
            "select table_name, column_name from information_schema.columns where table_schema = $1", [schema]
        )
    )
    for table, columns in tables.items():
        for column, kind in columns.items():
            if (table, column) not in present:
                sql.execute(f"alter table {quote(schema)}.{quote(table)} add column {quote(column)} {kind}")


def add_missing_keys(sql: Sql, schema: str, keys: Mapping[str, str]) -> None:
    """Give each table of a schema on Postgres a unique index on its key column. keys: by table, the column."""
    present = {
        name for (name,) in sql.query("select indexname from pg_indexes where schemaname = $1", [schema])
    }
    for table, column in keys.items():
        if (name := f"{table}_key") not in present:
            # Only where it is missing: even with "if not exists" the statement waits for everybody who writes.
            sql.execute(
                f"create unique index {quote(name)} on {quote(schema)}.{quote(table)} ({quote(column)})"
            )
