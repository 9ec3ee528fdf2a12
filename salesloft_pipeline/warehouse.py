"""The warehouse: DuckDB or Postgres behind one small face, chosen by the URL.

    duckdb:///data/warehouse.duckdb     a file, path relative to the working folder
    duckdb:////srv/warehouse.duckdb     a file, absolute path
    postgresql://user@host/database     a server

Parameters are written `$1`, `$2` ... and given as a sequence; both engines read them so. Times come back in UTC.
A DuckDB file belongs to one process at a time, so it is open only inside `transaction`, `query` or `frame`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote

from salesloft_pipeline import engines
from salesloft_pipeline.engines import WarehouseError, quote, text, went_away

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import psycopg

Dialect: TypeAlias = Literal["duckdb", "postgres"]
Cursor: TypeAlias = "duckdb.DuckDBPyConnection | psycopg.Cursor[Any]"
_DUCKDB = "duckdb:///"


class Sql:
    """One open transaction. Both engines' cursors share the few methods it needs."""

    def __init__(self, cursor: Cursor, dialect: Dialect) -> None:
        self._cursor: Any = cursor
        self._dialect = dialect

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""
        if self._dialect == "duckdb":
            self._cursor.execute(sql, list(params))
        else:
            self._cursor.execute(sql.encode(), tuple(params))

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        self.execute(sql, params)
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of a query as a data frame, one column per column of the query."""
        self.execute(sql, params)
        frame: pd.DataFrame = (
            self._cursor.df() if self._dialect == "duckdb" else engines.postgres.frame(self._cursor)
        )
        return frame


class Warehouse:
    """One database, by URL. Making the object opens nothing.

    `read_only` is for everybody who only looks: DuckDB lets several such processes share a file.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.dialect = _dialect(url)
        if self.dialect == "postgres":
            engines.postgres.require_driver()
            url = engines.postgres.written_out(url)
        self._url = url
        self._read_only = read_only

    def __repr__(self) -> str:
        return f"Warehouse({self.dialect})"

    @property
    def url(self) -> str:
        """The URL, with all its parts on Postgres. It may hold a password: for connecting only, never for printing."""
        return self._url

    @property
    def path(self) -> Path | None:
        """The DuckDB file; None on Postgres."""
        return Path(unquote(self._url.removeprefix(_DUCKDB))) if self.dialect == "duckdb" else None

    @contextlib.contextmanager
    def kept_open(self) -> Iterator[None]:
        """Hold a DuckDB file open, so that many short visits by this process do not each open and close it."""
        with contextlib.ExitStack() as stack:
            if self.path:
                stack.callback(engines.duckdb_file.opened(self.path, self._read_only).close)
            yield

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Load alone: on Postgres wait for the turn of others to end; a DuckDB file has but one process anyway.

        A process that dies gives its turn back. Raises WarehouseError when the database cannot be reached.
        """
        with contextlib.nullcontext() if self.path else engines.postgres.turn(self._url):
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Sql]:
        """All or nothing: commits when the block ends, rolls back when it raises.

        Raises WarehouseError when the database cannot be opened.
        """
        opening: contextlib.AbstractContextManager[Cursor] = (
            engines.duckdb_file.transaction(self.path, self._read_only)
            if self.path
            else engines.postgres.transaction(self._url, self._read_only)
        )
        with opening as cursor:
            yield Sql(cursor, self.dialect)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement in a transaction of its own."""
        with self.transaction() as transaction:
            transaction.execute(sql, params)

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query, as tuples."""
        with self.transaction() as transaction:
            return transaction.query(sql, params)

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of one query, as a data frame."""
        with self.transaction() as transaction:
            return transaction.frame(sql, params)

    def tables(self, schema: str) -> list[str]:
        """Names of the tables and views of a schema, sorted; none when there is no such schema."""
        found = self.query(
            "select table_name from information_schema.tables where table_schema = $1 order by 1", [schema]
        )
        return [name for (name,) in found]

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """The columns of a table in their order: name to the engine's own type name; empty when there is none."""
        found = self.query(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = $1 and table_name = $2 order by ordinal_position",
            [schema, table],
        )
        return dict(found)

    def copy(self, schema: str, tables: Sequence[str], target: Path) -> None:
        """Copy tables and views of a schema into a new DuckDB file, as tables, with their comments; not in `kept_open`.

        All of one state, and written so that older versions of DuckDB read it. Raises WarehouseError.
        """
        if self.path:
            engines.copy.from_duckdb(self.path, schema, tables, target)
        else:
            engines.copy.from_postgres(self._url, schema, tables, target)

    def settle(self) -> None:
        """Free the memory that long loads take: a DuckDB file held open keeps what was written until it is told."""
        if self.path:
            engines.duckdb_file.checkpoint(self.path)

    def compact(self, schemas: Sequence[str]) -> None:
        """Write everything anew, so that what was deleted leaves no bytes behind. Not inside `kept_open`.

        DuckDB: the whole file, by a copy beside it (so there must be room for two) that is compared and then takes
        its place at once; a crash before that leaves the old file as it was, and a copy that the next call removes.
        Postgres: VACUUM FULL of the tables of `schemas`, one by one, each locked meanwhile; a crash leaves some
        tables done. What backups and the server's log hold is theirs to forget, and the planner's notes of columns
        (pg_statistic) may only be written anew by a superuser.
        Raises WarehouseError when the file is in use, or when the copy is not the same.
        """
        if self.path:
            engines.duckdb_file.rewrite(self.path.resolve())
            return
        tables = self.query(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema = any($1) and table_type = 'BASE TABLE' order by 1, 2",
            [list(schemas)],
        )
        engines.postgres.rewrite(self._url, [f"{quote(schema)}.{quote(table)}" for schema, table in tables])


def _dialect(url: str) -> Dialect:
    if url.startswith(("postgresql://", "postgres://")):
        return "postgres"
    if not url.startswith(_DUCKDB):
        scheme = url.partition(":")[0]
        raise WarehouseError(f"no warehouse speaks {scheme!r}: write duckdb:///<path> or postgresql://<...>")
    if not url.removeprefix(_DUCKDB).strip("/"):
        raise WarehouseError(
            f"the warehouse URL {url!r} names no file: write duckdb:///data/warehouse.duckdb"
        )
    return "duckdb"


__all__ = ["Dialect", "Sql", "Warehouse", "WarehouseError", "quote", "text", "went_away"]
