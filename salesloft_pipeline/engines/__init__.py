"""The two engines behind the warehouse's face: how each is opened, and how it is written anew.

An engine, and the library below it, is imported when somebody first opens it: who only speaks of a warehouse, as
Dagster's definitions do, needs none, and who has it on Postgres no DuckDB.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesloft_pipeline.engines import copy, duckdb_file, postgres
else:

    def __getattr__(name: str) -> Any:
        if name in ("copy", "duckdb_file", "postgres"):
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"{__name__} has no {name}")


# By their names, since two of the drivers are dlt's.
_GONE = {f"{driver}.OperationalError" for driver in ("psycopg", "psycopg2", "adbc_driver_manager")}


class WarehouseError(Exception):
    """The warehouse cannot be opened; the message says which one, why, and what to do."""


def quote(identifier: str) -> str:
    """A schema, table or column name as SQL takes it: `order` becomes `"order"`."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL takes it: `it's` becomes `'it''s'`. For the few places that take no parameter."""
    return "'" + value.replace("'", "''") + "'"


def went_away(error: BaseException | None) -> bool:
    """Was it the server, and not what it was asked for? Whichever of three drivers said so, and whoever repeated it."""
    while error:
        if any(f"{kind.__module__}.{kind.__name__}" in _GONE for kind in type(error).__mro__):
            return True
        error = error.__cause__ or error.__context__
    return False


__all__ = ["WarehouseError", "copy", "duckdb_file", "postgres", "quote", "text", "went_away"]
