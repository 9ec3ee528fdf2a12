"""A DuckDB file: opened, in a transaction, written anew."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from salesloft_pipeline.engines import WarehouseError, quote, text

# A warehouse is full of people.
OWNER_ONLY = 0o600
_CATALOGUE = {"schema": "schemas", "table": "tables", "view": "views", "index": "indexes"}


@contextlib.contextmanager
def transaction(path: Path, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that commits when the block ends and rolls back when it raises. Raises as `opened`."""
    with contextlib.closing(opened(path, read_only)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.begin()
        try:
            yield connection
            connection.commit()
            if not read_only:
                _guard_log(path)
        except BaseException:
            # A failed commit has already ended the transaction; the first error is the one to tell.
            with contextlib.suppress(duckdb.Error):
                connection.rollback()
            raise


def opened(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to the file, made where it is missing. Raises WarehouseError, which says what to do."""
    if read_only and not path.exists():
        raise WarehouseError(f"there is no warehouse at {path} yet: run a sync first, or correct the URL")
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    try:
        connection = duckdb.connect(path, read_only=read_only)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise WarehouseError(f"cannot open the warehouse {path}: {error}") from error
        raise WarehouseError(
            f"the warehouse {path} is open in another process, and DuckDB lets only one write: wait until that run "
            "ends, or close the notebook or BI tool (they should read the serving copy), then try again. "
            f"DuckDB says: {error}"
        ) from error
    if is_new:
        path.chmod(OWNER_ONLY)
    return connection


def _guard_log(path: Path) -> None:
    # DuckDB makes the log beside its file with the first commit, readable for everybody, and it holds the same people.
    with contextlib.suppress(FileNotFoundError, PermissionError):
        path.with_name(f"{path.name}.wal").chmod(path.stat().st_mode & 0o777)


def checkpoint(path: Path) -> None:
    """Move what is committed into the file, and so out of memory; put off where somebody is writing just now."""
    with (
        contextlib.closing(opened(path, read_only=False)) as connection,
        contextlib.suppress(duckdb.TransactionException),
    ):
        connection.execute("checkpoint")


def rewrite(path: Path) -> None:
    """Copy everything beside the file, compare, and let the copy take its place. Raises WarehouseError."""
    fresh = path.with_name(f"{path.name}.fresh")
    for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        left.unlink(missing_ok=True)
    with contextlib.closing(opened(path, read_only=False)) as connection:
        # The log beside the file is about the old one: it has to be empty before the new one comes.
        connection.execute("checkpoint")
        ((old,),) = connection.execute("select current_database()").fetchall()
        connection.execute(f"attach {text(str(fresh))} as fresh")
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
