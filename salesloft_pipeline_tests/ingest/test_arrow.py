"""From JSON to typed columns: nothing raises, nothing gets lost, and the types mean what the models say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import blake2b
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from salesloft_pipeline.ingest.arrow import Converted, convert, versions
from salesloft_pipeline.ingest.columns import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    JSON,
    TEXT,
    TIMESTAMP,
    VERSION_KEY,
    Column,
    Kind,
    columns_of,
    table_columns,
)
from salesloft_pipeline.salesloft.endpoints import BY_NAME, Endpoint, Reading
from salesloft_pipeline.salesloft.models import WebhookSubscription

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
MODELS = ("emails", "people", "cadence_memberships", "steps", "tasks", "meetings")

# Of NUL, which is left out, the other tests tell.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FITTING: dict[Kind, st.SearchStrategy[Any]] = {
    TEXT: TEXTS | st.integers(-(2**63), 2**63 - 1),
    BIGINT: st.integers(-(2**63), 2**63 - 1) | st.integers(-99, 99).map(str) | st.just(3.0),
    DOUBLE: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-99, 99) | st.just("13.5"),
    BOOLEAN: st.booleans() | st.sampled_from(["true", "no", 0, 1]),
    TIMESTAMP: st.datetimes(timezones=ZONES).map(datetime.isoformat)
    | st.sampled_from(["2026-03-08T02:30:00.123456789Z", "2026-01-01 10:00:00+01:00", "2026-01-01T10:00Z"]),
    DATE: st.dates().map(date.isoformat) | st.just("2026-01-01T00:00:00Z"),
    JSON: JUNK,
}


@st.composite
def rows(draw: st.DrawFn, endpoint: Endpoint) -> Any:
    """A record with a few of its fields, most of them right, and perhaps some that nobody knows."""
    if draw(st.integers(0, 30)) == 0:
        return draw(JUNK)
    row: dict[str, Any] = {"id": draw(st.integers(1, 10**9)), "updated_at": "2026-11-01T10:00:00-05:00"}
    for column in draw(st.lists(st.sampled_from(columns_of(endpoint.record)), max_size=6)):
        value = draw(JUNK if draw(st.integers(0, 8)) == 0 else FITTING[column.kind])
        _put(row, column.path, value)
    return row | draw(st.dictionaries(st.sampled_from(["mood", "zodiac"]), JUNK, max_size=1))


def _put(row: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if len(path) == 1:
        row[path[0]] = value
    elif isinstance(outer := row.setdefault(path[0], {}), dict):
        outer[path[1]] = value


BATCHES = st.sampled_from(MODELS).flatmap(
    lambda name: st.tuples(st.just(BY_NAME[name]), st.lists(rows(BY_NAME[name]), max_size=4))
)


@settings(max_examples=400)
@given(BATCHES)
def test_every_row_is_loaded_or_refused(batch: tuple[Endpoint, list[Any]]) -> None:
    """`convert` never raises, rows and rejects are the input, and versions can be taken of every table."""
    endpoint, given_rows = batch
    converted = converted_of(*batch)
    assert converted.table.num_rows + len(converted.rejects) == len(given_rows)
    assert all(any(reject.record is row for row in given_rows) for reject in converted.rejects)
    assert all(reject.reason for reject in converted.rejects)
    if endpoint.history:
        assert versions(endpoint, converted.table).num_rows == converted.table.num_rows


@settings(max_examples=400)
@given(BATCHES)
def test_what_is_loaded_is_what_the_model_says(batch: tuple[Endpoint, list[Any]]) -> None:
    """The fast way and pydantic agree, value by value; what pydantic refuses is refused, and little else."""
    endpoint, given_rows = batch
    converted = converted_of(*batch)
    refused = [id(reject.record) for reject in converted.rejects]
    loaded = [row for row in given_rows if id(row) not in refused]
    for place, row in enumerate(loaded):
        record = endpoint.record.model_validate(row).model_dump(by_alias=True)
        for column in columns_of(endpoint.record):
            assert same(column, converted.table.column(column.name)[place], _value(record, column.path))
    for reject in converted.rejects:
        assert not fits(endpoint, reject.record), reject


def fits(endpoint: Endpoint, row: Any) -> bool:
    """Pydantic takes it, its numbers fit into 64 bits, and its instants are of Python's years in UTC too."""
    try:
        record = endpoint.record.model_validate(row).model_dump(by_alias=True)
    except ValidationError:
        return False
    values = [(column.kind, _value(record, column.path)) for column in columns_of(endpoint.record)]
    return all(_has_room(kind, value) for kind, value in values if value is not None)


def _has_room(kind: Kind, value: Any) -> bool:
    if kind is BIGINT:
        return bool(-(2**63) <= value < 2**63)
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    return kind is not TIMESTAMP or ends[0] <= value <= ends[1]


def converted_of(endpoint: Endpoint, given_rows: list[Any]) -> Converted:
    return convert(endpoint, given_rows, synced_at=NOW, source="poll")


def _value(record: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        value = None if value is None else value.get(name)
    return value


def same(column: Column, found: Any, expected: Any) -> bool:
    """An Arrow scalar against a Python value. Instants as microseconds, because UTC may leave Python's years."""
    if column.kind is TIMESTAMP and expected is not None:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return bool(found.value == (expected - epoch) // timedelta(microseconds=1))
    if column.kind is JSON and expected is not None:
        return bool(orjson.loads(found.as_py()) == expected)
    return bool(found.as_py() == expected)


def test_the_reason_names_the_field_also_where_only_the_column_is_too_small() -> None:
    """A whole number beyond 64 bits passes the model; the reason must still say where to look."""
    row = {"id": 1, "updated_at": "2026-11-01T10:00:00Z", "counts": {"views": 2**63}}
    (reject,) = converted_of(BY_NAME["emails"], [row]).rejects
    assert "views" in reject.reason


def test_mending_one_row_takes_nothing_from_the_others() -> None:
    """An unknown part of a reference is in `_extra`, whether or not a neighbour had to be mended."""
    good = {"id": 1, "updated_at": "2026-11-01T10:00:00Z", "user": {"id": 5, "nickname": "w"}}
    mendable = {"id": 2, "updated_at": "2026-11-01T10:00:00Z", "counts": {"views": "12"}}
    alone, together = (converted_of(BY_NAME["emails"], batch) for batch in ([good], [good, mendable]))
    extra = alone.table.column("_extra")[0].as_py()
    assert json.loads(extra) == {"user": {"nickname": "w"}}
    assert together.table.column("_extra")[0].as_py() == extra


@pytest.mark.parametrize(("text", "is_one"), [(r"a\u0000b", True), (r"a\\u0000b", False)])
def test_an_escape_is_told_from_its_text(text: str, is_one: bool) -> None:
    """NUL inside of JSON is left out; the six characters that stand for it, written as text, are not it."""
    row = {"id": 1, "updated_at": "2026-11-01T10:00:00Z", "tags": json.loads(f'["{text}"]'), "mood": "\0calm"}
    table = converted_of(BY_NAME["people"], [row]).table
    kept = ["ab"] if is_one else json.loads(f'["{text}"]')
    assert json.loads(table.column("tags")[0].as_py()) == kept
    assert json.loads(table.column("_extra")[0].as_py()) == {"mood": "calm"}


INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(st.lists(st.none() | INSTANTS | INSTANTS.map(lambda at: at.replace(microsecond=0)), min_size=1))
def test_a_version_keeps_its_digest(sent_at: list[datetime | None]) -> None:
    """It is that of the plain values of id, updated_at and history: with another, all records would look changed."""
    emails = BY_NAME["emails"]
    rows = [{"id": number, "sent_at": at and at.isoformat()} for number, at in enumerate(sent_at)]
    table = converted_of(emails, rows).table
    contents = zip(*(table[name].to_pylist() for name in ("id", "updated_at", *emails.history)), strict=True)
    expected = [blake2b(orjson.dumps(content), digest_size=12).hexdigest() for content in contents]
    assert versions(emails, table)[VERSION_KEY].to_pylist() == expected


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_the_end_of_time_is_an_instant(never: str) -> None:
    """Some systems write the ends of the calendar for "never", which is the year 10000 or 0 in UTC."""
    row = {"id": 1, "updated_at": "2026-11-01T10:00:00Z", "sent_at": never}
    converted = converted_of(BY_NAME["emails"], [row])
    assert versions(BY_NAME["emails"], converted.table).num_rows + len(converted.rejects) == 1


SECRETIVE = Endpoint("webhook_subscriptions", "/webhook_subscriptions", WebhookSubscription, Reading.SNAPSHOT)


@pytest.mark.parametrize("enabled", [True, "yes"])
def test_a_secret_field_is_nowhere(enabled: Any) -> None:
    """Neither a column nor part of `_extra`, on the fast way and on the mending one."""
    row = {"id": 7, "callback_token": "hunter2-hunter2", "enabled": enabled, "mood": "calm"}
    table = converted_of(SECRETIVE, [row]).table
    assert "callback_token" not in {column.name for column in table_columns(SECRETIVE)}
    assert json.loads(table.column("_extra")[0].as_py()) == {"mood": "calm"}
    assert "hunter2" not in str(table.to_pylist())
