"""A Postgres server: reached by URL, in a transaction, as data frames, its tables written anew."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import TextLoader

from salesloft_pipeline.engines import WarehouseError

# As DuckDB makes its frames: by Postgres's name of the type, without and with nulls.
_DTYPES = {
    "int2": ("int16", "Int16"),
    "int4": ("int32", "Int32"),
    "int8": ("int64", "Int64"),
    "bool": ("bool", "boolean"),
    "float4": ("float32", "float32"),
    "float8": ("float64", "float64"),
    "numeric": ("float64", "float64"),
    "date": ("datetime64[us]", "datetime64[us]"),
    "timestamp": ("datetime64[us]", "datetime64[us]"),
    "timestamptz": ("datetime64[us, UTC]", "datetime64[us, UTC]"),
    "text": ("str", "str"),
    "varchar": ("str", "str"),
    "json": ("str", "str"),
    "jsonb": ("str", "str"),
}
# ANALYZE leaves the notes of a table without rows as they were; a column "changed" to its own type has none.
_FORGET_NOTES = """
    select format(
        'alter table %s alter column %I type %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)
    )
    from pg_stats s
    join pg_attribute a on a.attname = s.attname and a.attrelid = format('%I.%I', s.schemaname, s.tablename)::regclass
    join pg_class c on c.oid = a.attrelid
    where c.oid = any($1::regclass[]) and c.reltuples = 0
"""


def require_driver() -> None:
    """Raises WarehouseError where ADBC's driver is missing: dlt would insert row by row then, and say nothing."""
    if importlib.util.find_spec("adbc_driver_postgresql") is None:
        raise WarehouseError(
            "the driver that loads a Postgres warehouse is not installed: pip install adbc-driver-postgresql, or "
            "install what requirements.lock lists"
        )


def written_out(url: str) -> str:
    """The URL with user, password and host, also where libpq would add them by itself: other drivers demand them.

    Raises WarehouseError for what is no such URL.
    """
    defaults = {
        option.keyword.decode(): option.val.decode()
        for option in psycopg.pq.Conninfo.get_defaults()
        if option.val and option.keyword in (b"user", b"host", b"port", b"password")
    }
    try:
        known = {"host": "localhost", "password": "", **defaults, **conninfo_to_dict(url)}
    except psycopg.ProgrammingError:
        # What the driver says may repeat the URL, and the URL holds a password. For the same reason: from None.
        raise WarehouseError(
            "the Postgres URL cannot be read: write postgresql://<user>:<password>@<host>:<port>/<database>, with "
            "%2F for a / and so on where the password holds signs that mean something in a URL"
        ) from None
    user, password, host, port, database = (
        quote(str(known.pop(part, default)), safe="")
        for part, default in (("user", ""), ("password", ""), ("host", ""), ("port", "5432"), ("dbname", ""))
    )
    options = f"?{urlencode(known, quote_via=quote)}" if known else ""
    return f"postgresql://{user}:{password}@{host}:{port}/{database or user}{options}"


@contextlib.contextmanager
def transaction(url: str, read_only: bool) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor whose work is committed when the block ends and rolled back when it raises. Raises WarehouseError."""
    connection = _connected(url)
    connection.read_only = read_only
    for kind in ("json", "jsonb"):
        # The text, as DuckDB gives it.
        connection.adapters.register_loader(kind, TextLoader)
    with connection, connection.cursor() as cursor:
        yield cursor


@contextlib.contextmanager
def turn(url: str) -> Iterator[None]:
    """Wait until nobody else is in such a block on this database, and keep everybody out meanwhile."""
    with contextlib.closing(_connected(url)) as connection:
        connection.autocommit = True
        # The session holds the lock, so it ends with the connection, and with the process whatever becomes of that.
        connection.execute("select pg_advisory_lock(hashtextextended('salesloft_pipeline', 0))")
        yield


def frame(cursor: psycopg.Cursor[Any]) -> pd.DataFrame:
    """The rows of the statement just executed, in columns of the types that DuckDB would give."""
    columns, rows = cursor.description or [], cursor.fetchall()
    series = {
        place: _series([row[place] for row in rows], column.type_code) for place, column in enumerate(columns)
    }
    return pd.DataFrame(series).set_axis([column.name for column in columns], axis="columns")


def _series(values: list[Any], oid: int) -> pd.Series[Any]:
    known = psycopg.postgres.types.get(oid)
    whole, with_nulls = _DTYPES.get(known.name if known else "", ("object", "object"))
    return pd.Series(values, dtype=with_nulls if None in values else whole)


def rewrite(url: str, tables: Sequence[str]) -> None:
    """VACUUM FULL, table by table, and the planner's notes with them; the names come quoted."""
    # VACUUM refuses to run inside a transaction.
    with contextlib.closing(_connected(url)) as connection:
        connection.autocommit = True
        for table in tables:
            connection.execute(f"vacuum (full, analyze) {table}".encode())
        for (statement,) in connection.execute(_FORGET_NOTES, [list(tables)]).fetchall():
            connection.execute(statement.encode())
        # The notes are values out of the columns; who does not own their table is only warned.
        connection.execute("vacuum (full) pg_catalog.pg_statistic")


def _connected(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, options="-c timezone=UTC", cursor_factory=psycopg.RawCursor)
    except psycopg.OperationalError as error:
        # The URL holds a password, so only what the driver says is repeated.
        raise WarehouseError(f"cannot reach the Postgres warehouse: {error}") from error
