"""The warehouse: DuckDB or Postgres behind one small face, chosen by the URL.

    duckdb:///data/warehouse.duckdb     a file, path relative to the working folder
    duckdb:////srv/warehouse.duckdb     a file, absolute path
    postgresql://user@host/database     a server

Parameters are written `$1`, `$2` ... and given as a sequence; both engines read them so. Times come back in UTC.
A DuckDB file belongs to one process at a time, so it is open only inside `transaction`, `query` or `frame`.
"""

from __future__ import annotations

import contextlib
import shutil
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
_CATALOGUE = {"schema": "schemas", "table": "tables", "view": "views", "index": "indexes"}


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

    def compact(self, schemas: Sequence[str]) -> None:
        """Write everything anew, so that what was deleted leaves no bytes behind. Not inside `kept_open`.

        DuckDB: the whole file, by a copy beside it (so there must be room for two) that is compared and then takes
        its place at once; a crash before that leaves the old file as it was, and a copy that the next call removes.
        Postgres: VACUUM FULL of the tables of `schemas`, one by one, each locked meanwhile; a crash leaves some
        tables done. What backups and the server's log hold is theirs to forget.
        Raises WarehouseError when the file is in use, or when the copy is not the same.
        """
        if self.path:
            _rewrite(self.path.resolve())
            return
        tables = self.query(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema = any($1) and table_type = 'BASE TABLE' order by 1, 2",
            [list(schemas)],
        )
        # VACUUM refuses to run inside a transaction.
        with contextlib.closing(psycopg.connect(self._url, autocommit=True)) as connection:
            for schema, table in tables:
                connection.execute(f"vacuum (full, analyze) {quote(schema)}.{quote(table)}".encode())


def _rewrite(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.fresh")
    for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        left.unlink(missing_ok=True)
    with contextlib.closing(_open_file(path, read_only=False)) as connection:
        # The log beside the file is about the old one: it has to be empty before the new one comes.
        connection.execute("checkpoint")
        ((old,),) = connection.execute("select current_database()").fetchall()
        connection.execute("attach '" + str(fresh).replace("'", "''") + "' as fresh")
        connection.execute(f"copy from database {quote(old)} to fresh")
        if _inventory(connection, old) != _inventory(connection, "fresh"):
            raise WarehouseError(
                f"the copy of {path} is not what the file holds, so the file was left as it is: remove {fresh}, and "
                "report this with the version of DuckDB"
            )
        connection.execute("detach fresh")
        shutil.copymode(path, fresh)
        # While the old file is still ours, nobody can begin to write to it.
        fresh.replace(path)


def _inventory(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[Any, ...]]:
    """Everything there is: schemas, tables with their keys, views, indexes, comments, and rows by table."""
    parts = [
        part
        for what, listed in _CATALOGUE.items()
        for part in connection.execute(
            f"select '{what}', schema_name, {what}_name, sql, comment from duckdb_{listed}() "
            "where database_name = $1 order by all",
            [database],
        ).fetchall()
    ]
    tables = [".".join(map(quote, (database, *part[1:3]))) for part in parts if part[0] == "table"]
    return parts + [connection.execute(f"select count(*) from {table}").fetchall()[0] for table in tables]


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
