"""What each walk asks, request by request, and what it gives: the properties of test_walk.py, by example."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.errors import Garbled, NoProgress
from salesloft_pipeline.salesloft.protocol import Params, Reply
from salesloft_pipeline.salesloft.walk import Position
from salesloft_pipeline_tests.salesloft.listing import EPOCH, Listing, row

SORTED = {"sort_by": "updated_at", "sort_direction": "ASC", "per_page": "100"}
NEWEST_FIRST = {**SORTED, "sort_direction": "DESC"}
COUNTED = {"include_paging_counts": "true", "limit_paging_counts": "false"}
TIE = {1: 0, 2: 1, 3: 1, 4: 1, 5: 2}
UNREADABLE: list[Any] = [{"id": 7, "updated_at": "yesterday"}, "junk", {"id": 8}]


def at(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def text(microseconds: int) -> str:
    return f"2026-01-01T00:00:00.{microseconds:06}Z"


def bounds(since: int, until: int | None = None) -> dict[str, str]:
    upper = {} if until is None else {"updated_at[lte]": text(until)}
    return {"updated_at[gte]": text(since), **upper}


def given(listing: Listing, start: Position, until: int | None = None) -> list[tuple[list[int], Position]]:
    pages = walk.keyset(listing.fetch, start, None if until is None else at(until))
    return [([each["id"] for each in page], position) for page, position in pages]


class Pages:
    """A list that answers with these pages, whatever it is asked; the last one has no next."""

    def __init__(self, *pages: Any) -> None:
        self.pages, self.asked = pages, list[Params]()

    def fetch(self, params: Params) -> Reply:
        self.asked.append(params)
        number = len(self.asked)
        more = number + 1 if number < len(self.pages) else None
        return Reply(self.pages[number - 1], {"paging": {"next_page": more}})


def test_the_newest_hundred_are_asked_for_with_their_count() -> None:
    """One request, between two instants or from one on."""
    listing = Listing({1: 1, 2: 2, 3: 3})
    assert walk.records(walk.latest(listing.fetch, at(1), at(2))) == [row(2, 2), row(1, 1)]
    walk.latest(listing.fetch, at(1))
    assert listing.asked == [
        {**NEWEST_FIRST, **bounds(1, 2), "page": "1", **COUNTED},
        {**NEWEST_FIRST, **bounds(1), "page": "1", **COUNTED},
    ]


def test_the_newest_and_the_oldest_of_a_page() -> None:
    """Unreadable records have no say; a page that is not newest first, or wholly unreadable, is no progress."""
    page = [row(1, 5), *UNREADABLE, row(2, 5), row(3, 2)]
    assert walk.newest_in(Reply(page[::-1], {})) == at(5)
    assert walk.newest_in(Reply(UNREADABLE, {})) is None
    assert walk.oldest_of(page) == at(2)
    for wrong in (page[::-1], UNREADABLE, []):
        with pytest.raises(NoProgress, match=r"^newest first was asked, and came otherwise"):
            walk.oldest_of(wrong)


def test_the_earliest_record_costs_one_row() -> None:
    """Not older than asked; nothing in an empty list."""
    listing = Listing({1: 1, 2: 4, 3: 6})
    assert walk.earliest(listing.fetch, at(2)) == at(4)
    assert listing.asked == [{**SORTED, "per_page": "1", **bounds(2), "page": "1"}]
    assert walk.earliest(listing.fetch, at(7)) is None


@pytest.mark.parametrize("counts", [True, False])
def test_a_tie_is_read_from_its_last_page_to_its_first(counts: bool) -> None:
    """Two to a page, three of one instant: its end is looked for first, and each page given is a position."""
    listing = Listing(TIE, size=2, counts=counts)
    assert given(listing, Position(at(0))) == [
        ([1, 2], Position(at(1))),
        ([4], Position(at(1), 1)),
        ([2, 3], Position(at(2))),
        ([5], Position(at(2))),
    ]
    within = {**SORTED, **bounds(1, 1)}
    assert listing.asked == [
        {**SORTED, **bounds(0), "page": "1"},
        {**SORTED, **bounds(1), "page": "1"},
        {**within, "page": "1", **COUNTED},
        {**within, "page": "2"},
        {**within, "page": "1"},
        {**SORTED, **bounds(2), "page": "1"},
    ]


@pytest.mark.parametrize(("counts", "asked"), [(True, [1, 4, 3, 2, 1]), (False, [1, 2, 3, 4, 3, 2, 1])])
def test_the_end_of_a_tie_is_found_with_and_without_a_count(counts: bool, asked: list[int]) -> None:
    """A count takes us there at once; without it page after page is looked at, and none of them twice for nothing."""
    listing = Listing(dict.fromkeys(range(8), 1), size=2, counts=counts)
    pages = given(listing, Position(at(1)))
    assert [position for _, position in pages[:4]] == [
        *(Position(at(1), n) for n in (3, 2, 1)),
        Position(at(2)),
    ]
    assert [int(str(each["page"])) for each in listing.asked if "updated_at[lte]" in each] == asked


def test_a_walk_that_stopped_in_a_tie_goes_on_with_its_next_page() -> None:
    """And then behind the instant, not at it."""
    listing = Listing(TIE, size=2)
    assert given(listing, Position(at(1), 1)) == [([2, 3], Position(at(2))), ([5], Position(at(2)))]
    assert [each["updated_at[gte]"] for each in listing.asked] == [text(1), text(2)]


@pytest.mark.parametrize(("start", "until", "ids"), [(0, 1, [1, 2, 4, 2, 3]), (2, 2, [5]), (3, 2, [])])
def test_a_walk_ends_at_until(start: int, until: int, ids: list[int]) -> None:
    """That instant included, also where the walk ends with a tie of it or has only it; every request says so."""
    listing = Listing(TIE, size=2)
    pages = given(listing, Position(at(start)), until)
    assert [each for page, _ in pages for each in page] == ids
    assert [position for _, position in pages[-1:]] == [Position(at(until + 1))][: len(pages)]
    assert {each["updated_at[lte]"] for each in listing.asked} <= {text(until)}


def test_a_record_of_the_boundary_is_given_once_and_its_new_version_too() -> None:
    """The last instant is asked for again: what was known of it is dropped, what is new in it is not."""
    pages = Pages([row(1, 0), row(2, 1)], [row(2, 1), row(3, 1), row(2, 2)])
    (first, second) = walk.keyset(pages.fetch, Position(at(0)))
    assert first == ([row(1, 0), row(2, 1)], Position(at(1)))
    assert second == ([row(3, 1), row(2, 2)], Position(at(2)))


def test_unreadable_records_of_a_page_that_ends_in_a_tie_come_once() -> None:
    """They stand on no page of the tie, so they come with the first of it that is given."""
    listing = Listing(dict.fromkeys((1, 2, 3), 1), size=2)

    def fetch(params: Params) -> Reply:
        reply = listing.fetch(params)
        return Reply([*UNREADABLE, *reply.data], reply.metadata) if len(listing.asked) == 1 else reply

    pages = [page for page, _ in walk.keyset(fetch, Position(at(0)))]
    assert pages == [[*UNREADABLE, row(3, 1)], [row(1, 1), row(2, 1)], []]


def test_a_page_of_nothing_readable_ends_where_it_began() -> None:
    """It is passed on, and the position stays."""
    pages = Pages(UNREADABLE)
    assert list(walk.keyset(pages.fetch, Position(at(3)))) == [(UNREADABLE, Position(at(3)))]


def test_a_record_out_of_order_is_named() -> None:
    """With both instants, also where an unreadable one stands between them."""
    rows = [row(1, 5), *UNREADABLE, row(2, 3)]
    told = f"^record 2 of {text(3)} came after {text(5)}, although"
    with pytest.raises(NoProgress, match=told):
        list(walk.keyset(lambda _: Reply(rows, {}), Position(at(0))))


def test_descending_stops_at_the_first_older_record() -> None:
    """Page after page, newest first, never one too many."""
    pages = Pages([row(1, 9), row(2, 8)], [row(3, 5), row(4, 4)], [row(5, 3)])
    assert list(walk.descending(pages.fetch, at(5))) == [[row(1, 9), row(2, 8)], [row(3, 5)]]
    assert pages.asked == [{**NEWEST_FIRST, "page": "1"}, {**NEWEST_FIRST, "page": "2"}]


def test_descending_passes_unreadable_records_on() -> None:
    """They tell nothing of the order, so they do not end the walk."""
    pages = Pages(UNREADABLE, [row(1, 9)])
    assert list(walk.descending(pages.fetch, at(5))) == [UNREADABLE, [row(1, 9)]]


def test_by_id_asks_from_the_last_id_until_nothing_comes() -> None:
    """Records without a number are passed on."""
    pages = Pages([{"id": 3}, {"id": 9}, {"id": 5}], ["junk", {"id": 12}], [])
    assert list(walk.by_id(pages.fetch)) == [[{"id": 3}, {"id": 9}, {"id": 5}], ["junk", {"id": 12}]]
    assert pages.asked == [{"per_page": "100", "id[gt]": number} for number in ("0", "9", "12")]


@pytest.mark.parametrize("again", [[{"id": 9}], [{"id": 1}], ["junk"]])
def test_by_id_does_not_turn_for_ever(again: list[Any]) -> None:
    """A list that takes no notice of the cursor is an error, told with the cursor."""
    pages = Pages([{"id": 9}], again, again)
    with pytest.raises(NoProgress, match=r"^asked for ids above 9 and was given none$"):
        list(walk.by_id(pages.fetch))


def event(start: int | None, changed: int = 0) -> dict[str, Any]:
    return {
        "start_time": None if start is None else at(start).isoformat(),
        "updated_at": at(changed).isoformat(),
    }


def test_recent_goes_back_a_window_before_the_newest_change() -> None:
    """A start exactly there is still recent; the newest change of any page counts, wherever it stood."""
    window = timedelta(microseconds=10)
    pages = [event(60, 20)], [event(20, 30), event(None)], [event(19, 5)], [event(1)]
    list_ = Pages(*pages)
    assert list(walk.recent(list_.fetch, window)) == list(pages[:3])
    latest_start = {"sort_by": "start_time", "sort_direction": "DESC", "per_page": "100"}
    assert list_.asked == [{**latest_start, "page": str(number)} for number in (1, 2, 3)]


def test_recent_reads_to_the_end_where_nothing_tells_when() -> None:
    """Pages without a readable start, or before any change is known, end nothing."""
    pages = [{"start_time": at(1).isoformat()}], [event(None, 50)], [event(45, 1)]
    assert list(walk.recent(Pages(*pages).fetch, timedelta(microseconds=10))) == list(pages)


def test_a_snapshot_asks_for_every_page() -> None:
    """A hundred at a time."""
    pages = Pages([1], [2], [3])
    assert list(walk.snapshot(pages.fetch)) == [[1], [2], [3]]
    assert pages.asked == [{"per_page": "100", "page": number} for number in "123"]


@pytest.mark.parametrize(("data", "kind"), [("text", "str"), (None, "NoneType"), (3, "int")])
def test_what_is_no_list_is_told_by_its_kind(data: Any, kind: str) -> None:
    """And not by what it says."""
    with pytest.raises(Garbled, match=f"^`data` should be a list and is {kind}$"):
        walk.records(Reply(data, {}))
