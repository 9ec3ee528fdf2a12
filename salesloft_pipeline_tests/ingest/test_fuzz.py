"""Arbitrary answers of lists and arbitrary deliveries: every record lands or is told why not, and nothing crashes."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesloft_pipeline.ingest.arrow import convert
from salesloft_pipeline.ingest.events import Unreadable, read
from salesloft_pipeline.ingest.keyset import KeysetReader
from salesloft_pipeline.ingest.lists import DescendingReader, SnapshotReader
from salesloft_pipeline.landing import Delivery
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import NoProgress, SalesloftError
from salesloft_pipeline.salesloft.protocol import Reply, decipher
from salesloft_pipeline.salesloft.webhooks import ROUTES, Flag
from salesloft_pipeline_tests.ingest.test_arrow import JUNK

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
INSTANTS = st.sampled_from(
    ["2026-11-01T10:00:00.000000-05:00", "2026-11-01T15:00:00Z", "yesterday", "", None, 7]
)
# Records as they should be, records of junk, and what is no record at all.
RECORDS = (
    st.fixed_dictionaries({"id": st.integers(1, 99)}, optional={"updated_at": INSTANTS, "name": JUNK}) | JUNK
)
READERS = st.sampled_from(
    [("people", KeysetReader), ("meetings", DescendingReader), ("tags", SnapshotReader)]
)


@given(READERS, st.lists(RECORDS, max_size=8))
def test_every_record_of_a_page_is_loaded_or_refused(way: tuple[str, Any], page: list[Any]) -> None:
    """A list may hold anything: no record is lost between the answer and the table, and each refusal has a reason."""
    name, kind = way
    reader = kind(BY_NAME[name], lambda _, __: Reply(page, {"paging": {"next_page": None}}))
    given_rows = [row for rows in reader.read({}, lambda _: False) for row in rows]
    if isinstance(reader.failure, NoProgress):
        return
    assert reader.finished
    assert [id(row) for row in given_rows] == [id(row) for row in page]
    converted = convert(BY_NAME[name], given_rows, synced_at=NOW, source="poll")
    assert converted.table.num_rows + len(converted.rejects) == len(page)
    assert all(reject.reason for reject in converted.rejects)


@given(JUNK)
def test_an_answer_of_anything_ends_the_reading_in_good_order(content: Any) -> None:
    """Any JSON with status 200, as /users and as /team: records, or one of our errors that is kept for the report."""

    def get(_: str, __: Any) -> Reply:
        return decipher(200, {}, json.dumps({"data": content}).encode())

    reader = SnapshotReader(BY_NAME["users"], get)
    given_rows = [row for rows in reader.read({}, lambda _: False) for row in rows]
    assert reader.over
    assert reader.finished != isinstance(reader.failure, SalesloftError)
    assert given_rows == (
        content if isinstance(content, list) else [content] if isinstance(content, dict) else []
    )


BODIES = st.binary(max_size=80) | JUNK.map(lambda value: json.dumps(value).encode())
OBJECTS = st.dictionaries(st.sampled_from(["id", "callback_token", "a"]), JUNK, max_size=3)
FLAGS = st.frozensets(st.sampled_from([flag.value for flag in Flag]), max_size=1)


def delivery(body: bytes, event_type: str, flags: frozenset[str] = frozenset()) -> Delivery:
    return Delivery(event_type, body, NOW, "main", flags, id=1)


@given(
    BODIES | OBJECTS.map(lambda value: json.dumps(value).encode()), st.sampled_from([*ROUTES, "", "x"]), FLAGS
)
def test_any_delivery_is_an_event_or_unreadable(body: bytes, event_type: str, flags: frozenset[str]) -> None:
    """Nothing else is raised; an event's key is one that a raw table can hold, and its text is JSON."""
    with suppress(Unreadable):
        event = read(delivery(body, event_type, flags))
        assert json.loads(event.text) == event.body
        assert event.key is None or event.endpoint
        assert not isinstance(event.key, int) or 0 < event.key < 2**63


@given(
    st.recursive(
        OBJECTS, lambda inner: st.fixed_dictionaries({"in": st.lists(inner, min_size=1, max_size=2)})
    )
)
@example({"callback_token": "s3cret"})
def test_no_spelling_of_a_secret_is_kept(body: dict[str, Any]) -> None:
    """Also where the name of the field is written in escapes; what holds none stays character by character."""
    for text in (json.dumps(body), json.dumps(body).replace("callback_token", "callback\\u005ftoken")):
        event = read(delivery(text.encode(), "person_updated"))
        assert "callback_token" not in json.dumps(json.loads(event.text))
        assert "callback_token" not in json.dumps(event.body)
        if "callback" not in text:
            assert event.text == text


@pytest.mark.parametrize("text", ['{"a": "\\u00e4"}', '{"a": 1.50}'])
def test_the_text_of_a_harmless_body_is_not_rewritten(text: str) -> None:
    """Escapes and numbers stay as they were sent."""
    assert read(delivery(text.encode(), "person_updated")).text == text
