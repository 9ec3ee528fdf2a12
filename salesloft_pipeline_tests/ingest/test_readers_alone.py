"""The readers of lists by themselves, on lists in memory: what they give, and what they write down for the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest.keyset import KeysetReader
from salesloft_pipeline.ingest.lists import DescendingReader, SnapshotReader, SuspiciousSnapshot, named
from salesloft_pipeline.ingest.reader import Reader
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import Garbled, NoProgress
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant
from salesloft_pipeline_tests.salesloft.listing import EPOCH, Listing, row

HOUR = 3_600_000_000


def ids(reader: Reader, state: dict[str, Any], rows: int = 10**6) -> list[Any]:
    return [each["id"] for page in reader.read(state, lambda given: given >= rows) for each in page]


def keyset(listing: Listing, **more: Any) -> KeysetReader:
    return KeysetReader(BY_NAME["people"], lambda _, params: listing.fetch(params), **more)


def test_a_collection_is_followed_from_sync_to_sync() -> None:
    """The newest first, then the rest; a later sync gives what changed and no more, and `forget` all again."""
    listing, state = Listing({number: number * HOUR for number in range(12)}), dict[str, Any]()
    first = keyset(listing)
    assert ids(first, state)[:5] == [11, 10, 9, 8, 7]
    assert (first.finished, state["pending"], state["rows_left"], state["stopped"]) == (True, [], 0, None)
    listing.instants |= {3: 12 * HOUR, 99: 13 * HOUR}
    again = keyset(listing)
    assert ids(again, state) == [3, 99]
    assert again.cursor == EPOCH + timedelta(hours=13)
    assert set(ids(keyset(listing, forget=True), state)) == {*range(12), 99}


def test_a_first_reading_begins_at_its_start() -> None:
    """What did not change since is not wanted."""
    listing = Listing({number: number * HOUR for number in range(12)})
    assert set(ids(keyset(listing, start=EPOCH + timedelta(hours=4)), {})) == set(range(4, 12))


def test_readings_of_a_page_each_come_to_an_end() -> None:
    """Each writes down where it stood, and at most two requests are made by each."""
    listing, state, seen = (
        Listing({number: number * HOUR for number in range(30)}),
        dict[str, Any](),
        set[Any](),
    )
    for _ in range(20):
        reader = keyset(listing)
        before = len(listing.asked)
        seen |= set(ids(reader, state, rows=1))
        assert len(listing.asked) - before <= 3
        if reader.finished:
            break
    assert (seen, state["pending"]) == (set(range(30)), [])


def test_a_walk_that_stopped_in_an_old_tie_goes_on_there() -> None:
    """A tie that takes several syncs is not begun again at the overlap each time."""
    listing, state = Listing({1: 0}), dict[str, Any]()
    ids(keyset(listing), state)
    listing.instants |= dict.fromkeys(range(2, 20), HOUR)
    found = ids(keyset(listing), state, rows=1)
    found += ids(keyset(listing), state, rows=1)
    assert state["stopped"] == {"at": format_instant(EPOCH + timedelta(hours=1)), "tie_page": 3}
    for page in (2, 1):
        found += ids(keyset(listing), state, rows=1)
        assert state["stopped"]["tie_page"] == page
    last = keyset(listing)
    found += ids(last, state)
    assert last.finished
    assert set(found) == set(range(2, 20))
    assert state["stopped"] is None


def test_a_reader_goes_on_where_it_was_stopped() -> None:
    """Round after round of one sync, and tells about how much is left."""
    listing, state = Listing({number: number * HOUR for number in range(30)}), dict[str, Any]()
    reader, seen, left = keyset(listing), set[Any](), list[int | None]()
    while not reader.finished:
        seen |= set(ids(reader, state, rows=6))
        left.append(reader.rows_left)
    assert seen == set(range(30))
    assert left == sorted(left, key=lambda rows: -(rows or 0))
    assert (left[0], left[-1]) == (20, 0)


def test_near_the_present_the_overlap_is_worth_its_price() -> None:
    """There records may still appear behind us, so where the walk stopped is not written down."""
    now = (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)
    listing, state = Listing({1: now - 2_000_000}), dict[str, Any]()
    ids(keyset(listing), state)
    listing.instants |= {number: now - 1_000_000 + number for number in range(2, 30)}
    ids(keyset(listing), state, rows=1)
    assert state["stopped"] is None
    assert state["cursor"] < format_instant(EPOCH + timedelta(microseconds=now))


def test_a_reading_that_fails_at_once_writes_nothing_down() -> None:
    """The state is what it was, and so for an empty list."""

    def broken(_: str, __: Params) -> Reply:
        raise Garbled("no")

    state = dict[str, Any]()
    for name, kind in (("people", KeysetReader), ("meetings", DescendingReader), ("tags", SnapshotReader)):
        reader = kind(BY_NAME[name], broken)
        assert ids(reader, state) == []
        assert reader.over
        assert not reader.finished
        assert isinstance(reader.failure, Garbled)
    assert ids(keyset(Listing({})), state) == []
    assert state == {}


def test_a_list_that_does_not_sort_is_no_progress() -> None:
    """Told at the first page, before anything is cut."""
    reply = Reply([row(1, 1), row(2, 2)], {"paging": {"next_page": 2}})
    reader = KeysetReader(BY_NAME["people"], lambda _, __: reply)
    assert ids(reader, {}) == []
    assert isinstance(reader.failure, NoProgress)


def test_a_descending_list_is_read_to_what_is_known() -> None:
    """From the start wanted at first; then what changed; `forget` reads as at first."""
    listing, state = Listing({number: number * HOUR for number in range(12)}), dict[str, Any]()

    def reader(**more: Any) -> DescendingReader:
        return DescendingReader(BY_NAME["meetings"], lambda _, params: listing.fetch(params), **more)

    assert ids(reader(start=EPOCH + timedelta(hours=3)), state) == [11, 10, 9, 8, 7, 6, 5, 4, 3]
    listing.instants[5] = 20 * HOUR
    again = reader()
    assert ids(again, state) == [5]
    assert (again.finished, again.cursor) == (True, EPOCH + timedelta(hours=20))
    assert len(ids(reader(forget=True), state)) == 12


def snapshot(rows: list[Any], name: str = "tags", **more: Any) -> SnapshotReader:
    return SnapshotReader(BY_NAME[name], lambda _, __: Reply(rows, {}), **more)


def test_a_list_is_read_whole_and_given_where_it_changed() -> None:
    """All its keys are told, as text; one that lost more than half is not believed unless `forget` says so."""
    state = dict[str, Any]()
    first = snapshot([{"id": number, "name": "a"} for number in range(4)])
    assert (ids(first, state), first.ids) == ([0, 1, 2, 3], ["0", "1", "2", "3"])
    assert ids(snapshot([{"id": 2, "name": "b"}, {"id": 3, "name": "a"}]), state) == [2]
    assert ids(snapshot([{"id": 2, "name": "b"}]), state) == []
    shrunk = snapshot([])
    assert ids(shrunk, state) == []
    assert isinstance(shrunk.failure, SuspiciousSnapshot)
    assert f"{0} records and had {1} at the last sync" in str(shrunk.failure)
    assert shrunk.ids is None
    assert ids(snapshot([{"id": 2, "name": "b"}], forget=True), state) == [2]


def test_a_calendar_is_not_shown_whole() -> None:
    """So what it does not show is not gone."""
    reader = snapshot([{"id": "a", "start_time": "2026-11-01T00:00:00Z"}], "calendar_events")
    assert (ids(reader, {}), reader.ids) == (["a"], None)


@pytest.mark.parametrize(("name", "record"), [("tags", {"id": 1}), ("account_types", "junk")])
def test_only_a_record_that_has_no_key_gets_one(name: str, record: Any) -> None:
    """What is no record is refused later, and not named before."""
    assert named(BY_NAME[name], record) == record


def test_a_record_without_key_is_named_by_what_it_says() -> None:
    """The same record has the same name."""
    one, same, other = (named(BY_NAME["account_types"], {"name": name}) for name in ("a", "a", "b"))
    assert one == same
    assert one["id"] != other["id"]
    assert one["name"] == "a"
