"""The ways of reading by themselves, on lists in memory: what a slice costs, what a parent's list gives."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest import past
from salesloft_pipeline.ingest.lists import ChildReader, Parent
from salesloft_pipeline.ingest.past import Past
from salesloft_pipeline.ingest.reader import BEGINNING
from salesloft_pipeline.ingest.slices import ROWS_A_SLICE, SLICES_AT_MOST, Slice, cut
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import NotFound
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant
from salesloft_pipeline_tests.salesloft.listing import EPOCH, Listing

DAY = timedelta(days=1)


def at(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def stretch(begin: int, end: int) -> Slice:
    return Slice(walk.Position(at(begin)), at(end))


def ends(parts: list[Slice]) -> list[float]:
    return [(part.end - EPOCH) / DAY for part in parts]


def test_a_stretch_is_cut_by_its_number_of_records() -> None:
    """A slice for each thousand, the newest the shortest: of four, the last is 1/16 of the time and the first 7/16."""
    parts = cut(EPOCH, EPOCH + 16 * DAY, 4 * ROWS_A_SLICE)
    assert ends(parts) == [16, 15, 12, 7]
    assert ends(cut(EPOCH, EPOCH + 16 * DAY, 2 * ROWS_A_SLICE - 1)) == [16]
    assert len(cut(EPOCH, EPOCH + 16 * DAY, None)) == SLICES_AT_MOST
    assert len(cut(EPOCH, EPOCH + 16 * DAY, SLICES_AT_MOST * ROWS_A_SLICE * 9)) == SLICES_AT_MOST
    assert cut(EPOCH, EPOCH, 5 * ROWS_A_SLICE) == [Slice(walk.Position(EPOCH), EPOCH)]


def test_halves_are_halves() -> None:
    """Newer first; what begins in a tie keeps its page in the state and is not halved."""
    part = stretch(0, 100)
    assert part.halves() == [stretch(51, 100), stretch(0, 50)]
    tied = Slice(walk.Position(at(0), 3), at(100))
    assert tied.halves() == [tied]
    assert Slice.from_state(tied.as_state()) == tied


@pytest.mark.parametrize(("total", "asked"), [(7, 1), (None, 2), (2 * ROWS_A_SLICE + 5, 2)])
def test_the_past_is_begun_for_two_points_at_most(total: int | None, asked: int) -> None:
    """The oldest instant is asked for only where there are many records, or nobody knows how many."""
    listing = Listing({number: 10 * number for number in range(1, 8)})

    def fetch(params: Params) -> Reply:
        reply = listing.fetch(params)
        return Reply(reply.data, {"paging": {**reply.metadata["paging"], "total_count": total}})

    page, rest = Past.of(fetch, lambda: 1, at(5))
    assert [each["id"] for each in page] == [7, 6, 5, 4, 3]
    assert rest.rows_left == (None if total is None else total - 5)
    assert (rest.left[0].end, rest.left[-1].begin.instant) == (at(30), at(5 if asked == 1 else 10))
    assert len(listing.asked) == asked


def test_a_short_past_is_over_with_its_first_page() -> None:
    """Nothing is left, and nothing more is asked."""
    listing = Listing({1: 1, 2: 2})
    page, rest = Past.of(listing.fetch, lambda: 1, at(0), at(1))
    assert ([each["id"] for each in page], rest.left, rest.rows_left) == ([1], [], 0)
    assert list(rest.pages(lambda: False)) == []
    assert len(listing.asked) == 1


@pytest.mark.parametrize("rows", [60, None])
@pytest.mark.parametrize("at_once", [1, 3])
def test_every_slice_is_read_and_long_ones_are_split(
    rows: int | None, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every record, newest slice first; with room for more requests, what has given many pages is halved."""
    monkeypatch.setattr(past, "PAGES_BEFORE_A_SPLIT", 2)
    listing = Listing({number: number for number in range(60)}, size=5)
    rest = Past(listing.fetch, lambda: at_once, [stretch(0, 19), stretch(20, 59)], rows)
    first, *others = rest.pages(lambda: False)
    read = [each["id"] for page in (first, *others) for each in page]
    assert set(read) == set(range(60))
    assert rest.left == []
    assert rest.rows_left == (None if rows is None else 0)
    if at_once == 1:
        assert first[0]["id"] == 20
        assert len(read) == 60
    bounds = {(each["updated_at[lte]"], each["page"]) for each in listing.asked}
    assert (len(bounds) > 2) == (at_once == 3)


def test_a_past_that_is_stopped_tells_what_is_left() -> None:
    """One request a call, each from where the last one ended; a call that has had enough still gets further."""
    listing = Listing({number: number for number in range(12)}, size=5)
    slices, seen = [stretch(0, 5), stretch(6, 11)], list[int]()
    left = 12
    for _ in range(20):
        rest = Past(listing.fetch, lambda: 1, slices, left)
        seen += [each["id"] for page in rest.pages(lambda: True) for each in page]
        slices, left = rest.left, rest.rows_left or 0
        if not slices:
            break
    assert seen[0] == 6
    assert set(seen) == set(range(12))
    assert (slices, left) == ([], 0)
    # None is asked again only to hear that nothing follows.
    assert len(listing.asked) == 4


def test_a_slice_that_was_read_to_its_end_is_not_left() -> None:
    """As a state may tell of one that ended with a tie."""
    done = Slice(walk.Position(at(6)), at(5))
    assert Past(Listing({}).fetch, lambda: 1, [done, stretch(0, 5)]).left == [stretch(0, 5)]


def test_no_request_is_made_while_there_is_no_room() -> None:
    """As many as `at_once` allows are under way, and none where it allows none."""
    listing = Listing({1: 1})
    rest = Past(listing.fetch, lambda: 0, [stretch(0, 5)], 1)
    assert list(rest.pages(lambda: False)) == []
    assert listing.asked == []
    assert rest.left == [stretch(0, 5)]


PARENTS: list[Parent] = [(1, EPOCH), (2, EPOCH + DAY), (3, EPOCH + DAY)]


class Parts:
    """Lists of parts by the parent's id, behind the client's `get`, and of whom they were asked for."""

    def __init__(self, **parts: list[Any]) -> None:
        self.parts, self.asked, self.since = parts, list[str](), list[datetime]()

    def get(self, path: str, _: Params) -> Reply:
        parent = path.split("/")[2]
        self.asked.append(parent)
        if f"of_{parent}" not in self.parts:
            raise NotFound("404", status=404)
        return Reply(self.parts[f"of_{parent}"], {})

    def parents(self, since: datetime) -> list[Parent]:
        self.since.append(since)
        return [each for each in PARENTS if each[1] >= since]

    def read(self, name: str, state: dict[str, Any], *, rows: int = 99, **more: Any) -> list[Any]:
        reader = ChildReader(BY_NAME[name], self.get, parents=self.parents, **more)
        return [row for page in reader.read(state, lambda given: given >= rows) for row in page]


def test_parts_know_their_parent_and_have_a_key() -> None:
    """A parent that is gone has no parts, and what is no record is passed on to be refused."""
    parts = Parts(of_1=[{"id": 5}, "junk"], of_3=[{"name": "a"}])
    read = parts.read("conversations_extensive", {}, at_once=lambda: 2)
    assert read == [{"id": 5, "_parent_id": 1}, "junk", {"id": 3, "name": "a", "_parent_id": 3}]
    assert (sorted(parts.asked), parts.since) == (["1", "2", "3"], [BEGINNING])


def test_parts_without_a_key_are_counted() -> None:
    """Their place in the list makes their key, from 1."""
    parts = Parts(of_1=[{"id": 5}, {"x": 2}])
    assert [row["id"] for row in parts.read("transcriptions_sentences", {})] == ["1-1", "1-2"]


def test_parents_of_one_instant_are_told_apart() -> None:
    """A reading that stopped after the second of three goes on with the third, though both changed at once."""
    parts, state = Parts(of_1=[{"id": 1}], of_2=[{"id": 2}], of_3=[{"id": 3}]), dict[str, Any]()
    assert [row["id"] for row in parts.read("conversations_extensive", state, rows=2)] == [1, 2]
    assert state["through"] == {"at": "2026-01-02T00:00:00.000000Z", "id": "2"}
    assert [row["id"] for row in parts.read("conversations_extensive", state)] == [3]
    assert parts.read("conversations_extensive", state) == []
    assert [row["id"] for row in parts.read("conversations_extensive", state, forget=True)] == [1, 2, 3]


def test_a_reader_of_parts_goes_on_in_the_next_round() -> None:
    """It asks for its parents once, and tells whose parts it saw in this one."""
    parts, state = Parts(of_1=[{"id": 1}], of_2=[{"id": 2}], of_3=[{"id": 3}]), dict[str, Any]()
    reader = ChildReader(BY_NAME["conversations_extensive"], parts.get, parents=parts.parents)
    seen = []
    while not reader.finished:
        list(reader.read(state, lambda given: given >= 1))
        seen.append(reader.seen)
    assert seen == [{"1": ["1"]}, {"2": ["2"]}, {"3": ["3"]}, {}]
    assert len(parts.since) == 1


@pytest.mark.parametrize(("hours", "asked"), [(23, 0), (25, 3)])
def test_what_changes_without_a_word_is_asked_for_of_all_once_a_day(hours: int, asked: int) -> None:
    """Else of the parents that changed, of which there are none."""
    parts = Parts(of_1=[{"id": 1}])
    long_ago = format_instant(datetime.now(UTC) - timedelta(hours=hours))
    state = {"asked_at": long_ago, "through": {"at": format_instant(EPOCH + DAY), "id": "3"}}
    parts.read("cadence_stats", state)
    assert len(parts.asked) == asked
    assert (state["asked_at"] == long_ago) == (not asked)


def test_no_more_requests_are_under_way_than_there_may_be() -> None:
    """Also while one of them takes long and the others come and go."""
    listing, done, under_way, seen = Listing({number: number for number in range(6)}), [0], [0], list[int]()
    slow = threading.Event()

    def fetch(params: Params) -> Reply:
        under_way[0] += 1
        seen.append(under_way[0])
        # The newest slice waits for three of the others, and those for whoever should not come.
        (
            slow.wait(5)
            if params["updated_at[lte]"] == "2026-01-01T00:00:00.000005Z"
            else threading.Event().wait(0.02)
        )
        done[0] += 1
        if done[0] == 3:
            slow.set()
        under_way[0] -= 1
        return listing.fetch(params)

    rest = Past(fetch, lambda: 2, [stretch(number, number) for number in range(6)], 6)
    assert sorted(each["id"] for page in rest.pages(lambda: False) for each in page) == list(range(6))
    assert max(seen) == 2
