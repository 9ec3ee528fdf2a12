"""The three walks never lose a record, whatever the list does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.errors import Garbled, NoProgress
from salesloft_pipeline.salesloft.protocol import Reply, parse_instant
from salesloft_pipeline_tests.salesloft.listing import EPOCH, Listing, row


def ascending(fetch: walk.Fetch, since: datetime) -> Iterator[list[Any]]:
    """The pages of a whole keyset walk."""
    return (page for page, _ in walk.keyset(fetch, walk.Position(since)))


def collected(pages: Any) -> dict[int, str]:
    """The newest content seen of each record."""
    newest: dict[int, str] = {}
    for page in pages:
        for each in page:
            newest[each["id"]] = max(newest.get(each["id"], ""), each["updated_at"])
    return newest


LISTS = st.dictionaries(st.integers(1, 60), st.integers(0, 12), max_size=60)


@given(LISTS, st.booleans())
def test_keyset_reads_every_record(instants: dict[int, int], counts: bool) -> None:
    """Any mix of ties, with and without a page count from the server."""
    listing = Listing(instants, counts=counts)
    assert set(collected(ascending(listing.fetch, EPOCH))) == set(instants)


@given(LISTS, st.integers(0, 12))
def test_keyset_reads_nothing_older_than_asked(instants: dict[int, int], since: int) -> None:
    """`since` is inclusive."""
    listing = Listing(instants)
    found = collected(ascending(listing.fetch, EPOCH + timedelta(microseconds=since)))
    assert set(found) == {number for number, at in instants.items() if at >= since}


@given(LISTS, st.integers(0, 3), st.integers(0, 2**16), st.booleans())
def test_keyset_loses_nothing_while_records_change(
    instants: dict[int, int], changes: int, seed: int, counts: bool
) -> None:
    """Records change between any two requests, also inside a tie; the final state of each is seen."""
    listing = Listing(instants, seed=seed, counts=counts)
    budget = iter(range(20))

    def change() -> None:
        if instants and next(budget, None) is not None:
            listing.touch(changes)

    listing.between = change
    found = collected(ascending(listing.fetch, EPOCH))
    assert found == {number: row(number, at)["updated_at"] for number, at in listing.instants.items()}


@given(st.integers(6, 60), st.integers(1, 3), st.integers(0, 2**16), st.booleans())
def test_keyset_loses_nothing_of_a_tie_that_shrinks(size: int, changes: int, seed: int, counts: bool) -> None:
    """Records leave a tie while it is read, and those behind them move to pages that were read already."""
    listing = Listing(dict.fromkeys(range(size), 0), seed=seed, counts=counts)
    budget = iter(range(20))
    listing.between = lambda: listing.touch(changes) if next(budget, None) is not None else None
    found = collected(ascending(listing.fetch, EPOCH))
    assert found == {number: row(number, at)["updated_at"] for number, at in listing.instants.items()}


@given(LISTS, st.integers(1, 4), st.integers(0, 2**16), st.booleans())
def test_keyset_stopped_anywhere_goes_on_from_its_position(
    instants: dict[int, int], pages: int, seed: int, counts: bool
) -> None:
    """Walks of a few pages each, records changing between them: together they see the final state of each."""
    listing, position, found = (
        Listing(instants, seed=seed, counts=counts),
        walk.Position(EPOCH),
        dict[int, str](),
    )
    for _ in range(300):
        visited = list(islice(walk.keyset(listing.fetch, position), pages))
        for page, _ in visited:
            found = {
                **found,
                **{each["id"]: max(found.get(each["id"], ""), each["updated_at"]) for each in page},
            }
        if not listing.more and "updated_at[lte]" not in listing.asked[-1]:
            break
        assert visited[-1][1] != position, "a walk of some pages gets nowhere"
        position = visited[-1][1]
        if len(listing.asked) < 30 and instants:
            listing.touch(2)
    assert found == {number: row(number, at)["updated_at"] for number, at in listing.instants.items()}


@given(LISTS)
def test_keyset_turns_pages_only_inside_a_tie(instants: dict[int, int]) -> None:
    """Page numbers above 1 cost more the deeper they go, so they are used only within one instant."""
    listing = Listing(instants)
    collected(ascending(listing.fetch, EPOCH))
    for asked in listing.asked:
        assert asked["page"] == "1" or asked["updated_at[gte]"] == asked["updated_at[lte]"]


def test_keyset_costs_one_request_per_page_and_a_few_for_a_tie() -> None:
    """2,000 records of which 200 share one instant, 5 to a page: 1 boundary record a page is read again."""
    instants = {number: number if number < 1_000 else max(1_000, number - 200) for number in range(2_000)}
    listing = Listing(instants)
    collected(ascending(listing.fetch, EPOCH))
    assert len(listing.asked) <= 1_800 / 4 + 200 / 5 + 5


def test_keyset_refuses_a_list_that_is_not_sorted() -> None:
    """A default sort other than updated_at would lose records silently."""
    rows = [row(1, 5), row(2, 3)]
    with pytest.raises(NoProgress, match="record 2"):
        list(ascending(lambda _: Reply(rows, {}), EPOCH))


@pytest.mark.parametrize("rows", [[], [{"id": 1}], [{"id": 1, "updated_at": None}]])
def test_keyset_does_not_turn_for_ever(rows: list[dict[str, Any]]) -> None:
    """A page without any readable updated_at that claims a next page is an error, not a loop."""
    with pytest.raises(NoProgress):
        list(ascending(lambda _: Reply(rows, {"paging": {"next_page": 2}}), EPOCH))


def test_keyset_passes_malformed_records_on() -> None:
    """They are refused when they are loaded; the walk goes on around them."""
    rows = [row(1, 1), {"id": 2, "updated_at": "yesterday"}, "junk", row(3, 3)]
    assert list(ascending(lambda _: Reply(rows, {}), EPOCH)) == [rows]


@given(LISTS, st.integers(0, 12))
def test_descending_reads_exactly_what_changed_since(instants: dict[int, int], since: int) -> None:
    """Newest first, until the first older record."""
    listing = Listing(instants)
    found = collected(walk.descending(listing.fetch, EPOCH + timedelta(microseconds=since)))
    assert set(found) == {number for number, at in instants.items() if at >= since}


@given(LISTS, st.integers(0, 2**16))
def test_descending_twice_loses_nothing_while_records_change(instants: dict[int, int], seed: int) -> None:
    """What changes during one walk has moved to the front, where the next walk starts."""
    listing = Listing(instants, seed=seed)
    budget = iter(range(5))
    listing.between = lambda: listing.touch(1) if instants and next(budget, None) is not None else None
    first = collected(walk.descending(listing.fetch, EPOCH))
    listing.between = lambda: None
    second = collected(walk.descending(listing.fetch, parse_instant(max(first.values())) if first else EPOCH))
    assert {**first, **second} == {n: row(n, at)["updated_at"] for n, at in listing.instants.items()}


@given(st.sets(st.integers(1, 60)))
def test_snapshot_reads_every_page(numbers: set[int]) -> None:
    """Page after page until there is no next one."""
    listing = Listing(dict.fromkeys(numbers, 0))
    assert set(collected(walk.snapshot(listing.fetch))) == numbers
    assert all(int(b["page"]) == int(a["page"]) + 1 for a, b in pairwise(listing.asked))


def test_a_single_object_is_a_list_of_one() -> None:
    """/team answers with one object."""
    assert list(walk.snapshot(lambda _: Reply({"id": 1}, {}))) == [[{"id": 1}]]


def test_data_of_another_shape_is_garbled() -> None:
    """Text where a list should be is not an empty list."""
    with pytest.raises(Garbled):
        list(walk.snapshot(lambda _: Reply("nothing", {})))
