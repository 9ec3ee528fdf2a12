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
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

import duckdb
import pandas as pd
import psycopg

Dialect: TypeAlias = Literal["duckdb", "postgres"]
Cursor: TypeAlias = "duckdb.DuckDBPyConnection | psycopg.Cursor[Any]"
_DUCKDB = "duckdb:///"


class WarehouseError(Exception):
    """The warehouse cannot be opened; the message says which one, why, and what to do."""


def quote(identifier: str) -> str:
    """A schema, table or column name as SQL takes it: `order` becomes `"order"`."""
    return '"' + identifier.replace('"', '""') + '"'


class Sql:
    """One open transaction. Both engines' cursors share the few methods it needs."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement."""
        if isinstance(self._cursor, duckdb.DuckDBPyConnection):
            self._cursor.execute(sql, list(params))
        else:
            self._cursor.execute(sql.encode(), tuple(params))

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        self.execute(sql, params)
        return self._cursor.fetchall()

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows of a query as a data frame, one column per column of the query."""
        self.execute(sql, params)
        if isinstance(self._cursor, duckdb.DuckDBPyConnection):
            return self._cursor.df()
        names = [column.name for column in self._cursor.description or ()]
        return pd.DataFrame(self._cursor.fetchall(), columns=names)


class Warehouse:
    """One database, by URL. Making the object opens nothing.

    `read_only` is for everybody who only looks: DuckDB lets several such processes share a file.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.dialect = _dialect(url)
        self._url, self._read_only = url, read_only

    def __repr__(self) -> str:
        return f"Warehouse({self.dialect})"

    @property
    def url(self) -> str:
        """The URL as given. It may hold a password: for connecting only, never for printing."""
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
                stack.callback(_open_file(self.path, self._read_only).close)
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Sql]:
        """All or nothing: commits when the block ends, rolls back when it raises.

        Raises WarehouseError when the database cannot be opened.
        """
        path, read_only = self.path, self._read_only
        with _duckdb(path, read_only) if path else _postgres(self._url, read_only) as cursor:
            yield Sql(cursor)

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


@contextlib.contextmanager
def _duckdb(path: Path, read_only: bool) -> Iterator[Cursor]:
    with contextlib.closing(_open_file(path, read_only)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.begin()
        try:
            yield connection
            connection.commit()
        except BaseException:
            # A failed commit has already ended the transaction; the first error is the one to tell.
            with contextlib.suppress(duckdb.Error):
                connection.rollback()
            raise


def _open_file(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    if read_only and not path.exists():
        raise WarehouseError(f"there is no warehouse at {path} yet: run a sync first, or correct the URL")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return duckdb.connect(path, read_only=read_only)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise WarehouseError(f"cannot open the warehouse {path}: {error}") from error
        raise WarehouseError(
            f"the warehouse {path} is open in another process, and DuckDB lets only one write: wait until that run "
            "ends, or close the notebook or BI tool (they should read the serving copy), then try again. "
            f"DuckDB says: {error}"
        ) from error


@contextlib.contextmanager
def _postgres(url: str, read_only: bool) -> Iterator[Cursor]:
    try:
        connection = psycopg.connect(url, options="-c timezone=UTC", cursor_factory=psycopg.RawCursor)
    except psycopg.OperationalError as error:
        # The URL holds a password, so only what the driver says is repeated.
        raise WarehouseError(f"cannot reach the Postgres warehouse: {error}") from error
    connection.read_only = read_only
    with connection, connection.cursor() as cursor:
        yield cursor
