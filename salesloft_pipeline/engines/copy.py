"""Tables of either engine, copied into a new DuckDB file with their comments and types.

    a DuckDB file       ->  attached beside it  ->  target
    a Postgres server   ->  Arrow batches       ->  target

Both read one state of the source: a build that ends meanwhile is in all of the tables or in none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import duckdb

from salesloft_pipeline.engines import WarehouseError, quote, text

# What DuckDB 1.0 reads: BI tools bring a DuckDB of their own, which is often an older one.
_STORAGE = "v1.0.0"
# Arrow knows no such type, or the driver hands out bytes; DuckDB makes it of its text again.
_AS_TEXT = {"uuid", "json", "jsonb", "numeric"}
# A table, the column meant or None for the whole, and its comment.
Remark: TypeAlias = tuple[str, str | None, str | None]
_REMARKS = """
    select table_name, null, comment from duckdb_tables() where database_name = 'source' and schema_name = $1
    union all
    select view_name, null, comment from duckdb_views() where database_name = 'source' and schema_name = $1
    union all
    select table_name, column_name, comment from duckdb_columns()
    where database_name = 'source' and schema_name = $1
"""


@contextlib.contextmanager
def _new_file(target: Path, schema: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {text(str(target))} as target (storage_version '{_STORAGE}')")
        connection.execute(f"create schema target.{quote(schema)}")
        yield connection
        connection.execute("detach target")


def from_duckdb(source: Path, schema: str, tables: Sequence[str], target: Path) -> None:
    """Copy tables and views out of a DuckDB file that nobody else has open. Raises WarehouseError."""
    with _new_file(target, schema) as connection:
        try:
            connection.execute(f"attach {text(str(source))} as source (read_only)")
        except duckdb.IOException as error:
            raise WarehouseError(
                f"the warehouse {source} is not there, or open in another process: wait until that run ends, "
                f"then try again. DuckDB says: {error}"
            ) from error
        # In one transaction, and where a view finds the tables that it names.
        connection.execute(f"use source.{quote(schema)}")
        connection.begin()
        for table in tables:
            connection.execute(
                f"create table target.{quote(schema)}.{quote(table)} as from source.{quote(schema)}.{quote(table)}"
            )
        remarks = connection.execute(_REMARKS, [schema]).fetchall()
        _comment(connection, schema, [remark for remark in remarks if remark[0] in tables])
        connection.commit()
        connection.execute("use memory")


def from_postgres(url: str, schema: str, tables: Sequence[str], target: Path) -> None:
    """Copy tables and views out of a server, in batches, so that none has to fit into memory."""
    # Where it is missing, engines/postgres.py has said so.
    from adbc_driver_postgresql import dbapi

    with (
        _new_file(target, schema) as connection,
        contextlib.closing(dbapi.connect(url)) as server,
        contextlib.closing(server.cursor()) as cursor,
    ):
        cursor.execute("set transaction isolation level repeatable read, read only")
        remarks: list[Remark] = []
        for table in tables:
            place = f"{quote(schema)}.{quote(table)}"
            cursor.execute(_COLUMNS, (schema, table))
            typed = cursor.fetchall()
            columns = ", ".join(f"{quote(name)} {kind}" for name, kind, *_ in typed)
            connection.execute(f"create table target.{place} ({columns})")
            read = ", ".join(
                f"cast({quote(name)} as text)" if kind in _AS_TEXT else quote(name)
                for name, kind, *_ in typed
            )
            cursor.execute(f"select {read} from {place}")
            connection.register("batches", cursor.fetch_record_batch())
            connection.execute(f"insert into target.{place} from batches")
            connection.unregister("batches")
            remarks += [(table, None, whole) for *_, whole in typed[:1]]
            remarks += [(table, name, remark) for name, _, remark, _ in typed]
        _comment(connection, schema, remarks)


_COLUMNS = """
    select a.attname, format_type(a.atttypid, null), col_description(a.attrelid, a.attnum), obj_description(a.attrelid)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""


def _comment(connection: duckdb.DuckDBPyConnection, schema: str, remarks: Sequence[Remark]) -> None:
    for table, column, remark in remarks:
        if remark:
            place = f"target.{quote(schema)}.{quote(table)}"
            what = f"column {place}.{quote(column)}" if column else f"table {place}"
            connection.execute(f"comment on {what} is {text(remark)}")
