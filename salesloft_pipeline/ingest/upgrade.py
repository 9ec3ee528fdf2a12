"""Tables of an earlier version of this software get the columns that have come since."""

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
