"""Records of the API as Arrow tables, column by column; what does not fit goes to quarantine with its reason.

rows  ->  Arrow at once                    the usual, fast case
      ->  each row through its model       when something did not fit: mends what is mendable ("12" for 12),
          ->  Arrow | Reject               and tells the broken record from the good ones
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from salesloft_pipeline.ingest import nul
from salesloft_pipeline.ingest.columns import (
    DATE,
    JSON,
    KEY,
    TEXT,
    TIMESTAMP,
    Column,
    columns_of,
    schema,
    table_columns,
    version_columns,
)
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.salesloft.models import Record

Row = Any
# Python, and so every reader through it, begins with the year 1 and ends with the year 9999.
_FIRST, _LAST = (
    pa.scalar(end, TIMESTAMP.arrow).value
    for end in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
)
_MISFITS = (pa.ArrowException, AttributeError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Reject:
    """A record that cannot be loaded: as it came, and why. The reason names fields, never their values."""

    record: Row
    reason: str


@dataclass(frozen=True)
class Converted:
    """What became of some rows: the table of good ones, and the rejects."""

    table: pa.Table
    rejects: list[Reject]


def convert(endpoint: Endpoint, rows: list[Row], *, synced_at: datetime, source: str) -> Converted:
    """Rows as a table with every column of the endpoint's raw table, in its order. Never raises for a bad row."""
    stamp = _Stamp(synced_at, source)
    try:
        return Converted(_table(endpoint, rows, stamp), [])
    except _MISFITS:
        return _convert_patiently(endpoint, rows, stamp)


def versions(endpoint: Endpoint, table: pa.Table) -> pa.Table:
    """The observed versions in a table made by `convert`: one row per row, keyed by a digest of what it says."""
    columns = version_columns(endpoint)
    content = table.select([KEY, "updated_at", *endpoint.history])
    digests = [_digest(values) for values in zip(*map(_written, content.columns), strict=True)]
    taken = {"observed_at": "_synced_at", "source": "_source"}
    arrays = [pa.array(digests, pa.string())]
    arrays += [table.column(taken.get(column.name, column.name)) for column in columns[1:]]
    return pa.Table.from_arrays(arrays, schema=schema(columns))


def last_of_each(table: pa.Table, key: str) -> pa.Table:
    """Of rows with the same key, the last one."""
    last = {value: index for index, value in enumerate(table.column(key).to_pylist())}
    return table if len(last) == table.num_rows else _taken(table, sorted(last.values()))


def first_of_each(table: pa.Table, key: str, earlier: set[Any]) -> pa.Table:
    """Of rows with the same key, the first one, and none whose key is among the `earlier`, which grow by these."""
    first: dict[Any, int] = {}
    for index, value in enumerate(table.column(key).to_pylist()):
        if value not in earlier:
            first.setdefault(value, index)
    earlier.update(first)
    return table if len(first) == table.num_rows else _taken(table, list(first.values()))


def _written(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column as `_digest` writes them; instants are texts, as it would write them itself."""
    if column.type == TIMESTAMP.arrow:
        # As an object of Python each would take twenty times as long.
        texts = pc.replace_substring(column.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
        column = pc.binary_join_element_wise(pc.replace_substring(texts, ".000000", ""), "+00:00", "")
    values: list[Any] = column.to_pylist()
    return values


def _taken(table: pa.Table, places: list[int]) -> pa.Table:
    return table.take(pa.array(places, pa.int64()))


def fingerprint(row: Row) -> str:
    """A short digest of a record's whole content, to recognise one that did not change."""
    return _digest(row)


@dataclass(frozen=True)
class _Stamp:
    synced_at: datetime
    source: str


def _table(endpoint: Endpoint, rows: list[Row], stamp: _Stamp) -> pa.Table:
    arrays = [_array(column, rows) for column in columns_of(endpoint.record)]
    if arrays[0].null_count:
        raise ValueError("a record without id")
    system = {
        "_extra": _json_array([_extra(endpoint.record, row) for row in rows]),
        "_synced_at": [stamp.synced_at] * len(rows),
        "_deleted_at": [None] * len(rows),
        "_closed_at": [None] * len(rows),
        "_source": [stamp.source] * len(rows),
    }
    columns = table_columns(endpoint)
    arrays += [pa.array(system[column.name], column.kind.arrow) for column in columns[len(arrays) :]]
    return pa.Table.from_arrays(arrays, schema=schema(columns))


def _array(column: Column, rows: list[Row]) -> pa.Array:
    values = _values(column.path, rows)
    if column.kind is JSON:
        return _json_array([None if value is None else _json(value) for value in values])
    if column.kind in (TIMESTAMP, DATE):
        instants = pa.array(values, pa.string()).cast(column.kind.arrow)
        if column.kind is TIMESTAMP and not _readable(instants):
            raise OverflowError("an instant before the year 1 or beyond the year 9999 (UTC)")
        return instants
    array = pa.array(values, column.kind.arrow)
    if column.kind is TEXT and nul.in_texts(array):
        raise ValueError("a text with NUL in it")
    return array


def _readable(instants: pa.Array) -> bool:
    ends = pc.min_max(instants)
    return bool((ends["min"].value or 0) >= _FIRST and (ends["max"].value or 0) <= _LAST)


def _json_array(texts: list[str | None]) -> pa.Array:
    array = pa.array(texts, pa.string())
    if nul.in_json(array):
        raise ValueError("JSON with NUL in it")
    return array


def _values(path: tuple[str, ...], rows: list[Row]) -> list[Any]:
    if len(path) == 1:
        (name,) = path
        return [row.get(name) for row in rows]
    outer, inner = path
    return [None if (nested := row.get(outer)) is None else nested.get(inner) for row in rows]


def _extra(record: type[Record], row: Row) -> str | None:
    known, nested = _known_names(record)
    extra = {name: row[name] for name in row.keys() - known} if not known.issuperset(row) else {}
    for name, inner in nested:
        value = row.get(name)
        if value is not None and not inner.issuperset(value):
            extra[name] = {part: value[part] for part in value if part not in inner}
    return _json(extra) if extra else None


@cache
def _known_names(record: type[Record]) -> tuple[frozenset[str], list[tuple[str, frozenset[str]]]]:
    """Names at the top, and inside each reference or group of counters. `_href` only repeats the id."""
    columns = columns_of(record)
    secret = {field.alias or name for name, field in record.model_fields.items() if field.exclude}
    top = frozenset(column.path[0] for column in columns) | secret
    outers = dict.fromkeys(column.path[0] for column in columns if len(column.path) == 2)
    inner = {
        outer: frozenset(column.path[1] for column in columns if column.path[0] == outer) | {"_href"}
        for outer in outers
    }
    return top, list(inner.items())


def _convert_patiently(endpoint: Endpoint, rows: list[Row], stamp: _Stamp) -> Converted:
    good, rejects = [], []
    for row in rows:
        try:
            good.append((row, _mended(endpoint.record, row)))
        except ValidationError as error:
            rejects.append(Reject(row, _reason(error)))
    try:
        return Converted(_table(endpoint, [mended for _, mended in good], stamp), rejects)
    except _MISFITS:
        faults = [(row, _misfits(endpoint, mended)) for row, mended in good]
        rejects += [Reject(row, fault) for row, fault in faults if fault]
        fitting = [mended for (_, mended), (_, fault) in zip(good, faults, strict=True) if not fault]
        return Converted(_table(endpoint, fitting, stamp), rejects)


def _misfits(endpoint: Endpoint, mended: Row) -> str:
    """Which columns cannot hold a value that the model takes, such as a whole number beyond 64 bits."""
    return "; ".join(
        f"{'.'.join(column.path)}: a value that its column cannot hold"
        for column in columns_of(endpoint.record)
        if not _fits(column, mended)
    )


def _fits(column: Column, mended: Row) -> bool:
    try:
        _array(column, [mended])
    except _MISFITS:
        return False
    return True


def _mended(record: type[Record], row: Row) -> Row:
    return record.model_validate(nul.left_out(row)).model_dump(mode="json", by_alias=True)


def _reason(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, p['loc'])) or 'record'}: {p['msg']}" for p in problems)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _digest(value: Any) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()


__all__ = ["Converted", "Reject", "convert", "fingerprint", "versions"]
