"""A raw table against what SalesLoft holds: row by row and field by field, read independently of the loading code."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from salesloft_pipeline.ingest.columns import (
    BIGINT,
    DATE,
    DOUBLE,
    JSON,
    TEXT,
    TIMESTAMP,
    Column,
    Kind,
    columns_of,
    gone_column,
)
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.models import Unnamed
from salesloft_pipeline.simulator import World
from salesloft_pipeline.simulator.api.parts import PARTS
from salesloft_pipeline.warehouse import Warehouse, quote

DIFFERENCES_SHOWN = 5
Row = Mapping[str, Any]

_READ: dict[Kind, Callable[[Any], Any]] = {
    TIMESTAMP: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    DATE: date.fromisoformat,
    TEXT: str,
    BIGINT: int,
    DOUBLE: float,
}


def assert_equals_truth(warehouse: Warehouse, world: World, resource: str, but: Collection[str] = ()) -> None:
    """Every living record of the world is one row with its values, and there is no other living row.

    `but` names columns that may be as of an earlier reading.
    The message names the first records and fields that differ.
    """
    columns = columns_of(BY_NAME[resource].record)
    unnamed = issubclass(BY_NAME[resource].record, Unnamed)
    rows = rows_of(warehouse, resource, columns)
    gone = gone_column(BY_NAME[resource])
    living = {key: row for key, row in rows.items() if row[gone] is None}
    records = list(_records(world, resource))
    if unnamed:
        # Nobody but us has ids for these: what a record says stands for it.
        columns = tuple(column for column in columns if column.name != "id")
        living = {tuple(row[column.name] for column in columns): row for row in living.values()}
        truth = {tuple(_sent(column, record, None) for column in columns): record for record in records}
    else:
        truth = {record["id"]: record for record in records}
    found = list(islice(_differences(living, truth, columns, but), DIFFERENCES_SHOWN))
    assert not found, f"{resource} differ from SalesLoft:\n" + "\n".join(found)


def _records(world: World, resource: str) -> Iterator[Row]:
    """Every living record; of what hangs on another list, with the id of its parent where our tables have it."""
    if part := PARTS.get(resource):
        yield from ({**record, "_parent_id": record[part.key]} for record in world.truth(resource))
    else:
        yield from world.truth(BY_NAME[resource].path.strip("/"))


def rows_of(warehouse: Warehouse, resource: str, columns: tuple[Column, ...]) -> Mapping[Any, Row]:
    """The rows of a raw table by id, with `_extra`, `_deleted_at` and, where there is one, `_closed_at`. Fails when an id is there twice."""
    marks = dict.fromkeys(["_deleted_at", gone_column(BY_NAME[resource])])
    names = [*(column.name for column in columns), "_extra", *marks]
    listed = ", ".join(quote(name) for name in names)
    rows = warehouse.query(f"select {listed} from raw_salesloft.{quote(resource)}")
    by_id = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    assert len(by_id) == len(rows), f"{resource} holds {len(rows) - len(by_id)} rows twice"
    return by_id


def assert_unique(warehouse: Warehouse, table: str, key: str) -> None:
    """No value of `key` is there twice."""
    twice = warehouse.query(f"select {key} from raw_salesloft.{table} group by {key} having count(*) > 1")
    assert not twice, f"{table} holds {len(twice)} values of {key} twice, such as {twice[0]}"


def _differences(
    rows: Mapping[Any, Row], truth: Mapping[Any, Row], columns: tuple[Column, ...], but: Collection[str]
) -> Iterator[str]:
    yield from (f"{key} is missing" for key in truth.keys() - rows.keys())
    yield from (f"{key} is no record of SalesLoft" for key in rows.keys() - truth.keys())
    compared = [column for column in columns if column.name not in but]
    known = {column.path[0] for column in columns}
    for key in truth.keys() & rows.keys():
        row, record = rows[key], truth[key]
        for column in compared:
            if (found := row[column.name]) != (sent := _sent(column, record, found)):
                yield f"{key}: {column.name} is {found!r} and SalesLoft has {sent!r}"
        if known.issuperset(record) and row["_extra"] is not None:
            yield f"{key}: _extra is {row['_extra']} and every field has its column"


def _sent(column: Column, record: Row, found: Any) -> Any:
    """The record's value as the column should hold it; JSON is compared as the text that is there, if it fits."""
    value: Any = record
    for name in column.path:
        value = None if value is None else value.get(name)
    if value is None:
        return None
    if column.kind is JSON:
        return found if found is not None and json.loads(found) == value else json.dumps(value)
    return _READ.get(column.kind, lambda plain: plain)(value)
