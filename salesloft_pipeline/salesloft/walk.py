"""The ways to read a list of SalesLoft completely. Pure walking: what to ask next, and when to stop.

    keyset      updated_at filter and sort     ask page 1 from the last instant seen, again and again
    descending  sort only                      newest first, until a row older than wanted
    by_id       an id[gt] cursor, no pages     ask from the last id seen
    recent      a sort by start_time, no end   latest start first, until long ago
    snapshot    nothing of these               every page

Each takes `fetch`, which answers a list request with a Reply, and yields pages of records as they come. Records
keep changing while we walk; each way says why it still loses none.
https://developers.salesloft.com/docs/platform/guides/building-an-efficient-cursor-poller/ is where keyset starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from salesloft_pipeline.salesloft.errors import Garbled, NoProgress
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant, parse_instant

Fetch = Callable[[Params], Reply]
Page = list[Any]

PER_PAGE = "100"
_ASCENDING = {"sort_by": "updated_at", "sort_direction": "ASC", "per_page": PER_PAGE}
# Asked for in this way a count is not capped at 10,000, as far as SalesLoft keeps its word.
COUNTS = {"include_paging_counts": "true", "limit_paging_counts": "false"}
_NEWEST_FIRST = {"sort_by": "updated_at", "sort_direction": "DESC", "per_page": PER_PAGE}
_LATEST_START_FIRST = {"sort_by": "start_time", "sort_direction": "DESC", "per_page": PER_PAGE}
ONE_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Position:
    """Where an ascending walk stands: all records before `instant` were given. With `tie_page`, so were those of
    the instant itself that stand on later pages than this one.
    """

    instant: datetime
    tie_page: int | None = None


def latest(fetch: Fetch, since: datetime, until: datetime | None = None) -> Reply:
    """The hundred records that changed last within [since, until], newest first, and how many there are in all."""
    return fetch({**_NEWEST_FIRST, **_between(since, until), "page": "1", **COUNTS})


def newest_in(reply: Reply) -> datetime | None:
    """The newest updated_at of an answer; None where it has none."""
    return max((at for row in records(reply) if (at := updated_at(row))), default=None)


def oldest_of(page: Page) -> datetime:
    """The oldest updated_at of a page that came newest first. Raises NoProgress where it did not."""
    instants = [at for row in page if (at := updated_at(row))]
    if not instants or instants != sorted(instants, reverse=True):
        raise NoProgress(
            "newest first was asked, and came otherwise: the endpoint does not sort by updated_at"
        )
    return instants[-1]


def earliest(fetch: Fetch, since: datetime) -> datetime | None:
    """The oldest updated_at that is not older than `since`; None where the list is empty."""
    page = records(fetch({**_ASCENDING, "per_page": "1", **_between(since), "page": "1"}))
    return updated_at(page[0]) if page else None


def keyset(fetch: Fetch, start: Position, until: datetime | None = None) -> Iterator[tuple[Page, Position]]:
    """Records with start.instant <= updated_at <= until, oldest change first, each once for each change that was
    seen, in pages, and with each page the position from which a later walk can go on.

    Always page 1 from the last instant seen, so a page never costs more than one point and a record that
    changes meanwhile only moves ahead of us. The boundary instant is asked for again (`gte`) and its known
    records are dropped, so records sharing it are not lost.

    Raises: NoProgress when the order or the filter is not what was asked; whatever `fetch` raises.
    """
    cursor, known = start.instant, set[Any]()
    if start.tie_page is not None:
        yield from _tie_pages(fetch, cursor, start.tie_page)
        cursor += ONE_MICROSECOND
    while until is None or cursor <= until:
        reply = fetch({**_ASCENDING, **_between(cursor, until), "page": "1"})
        page = records(reply)
        instants = [updated_at(row) for row in page]
        _check_order(page, instants, cursor)
        shared = set(instants) - {None}
        if reply.next_page is not None and not shared:
            raise NoProgress("a page without any readable updated_at claims that more pages follow")
        newest = max((at for at in instants if at), default=cursor)
        if reply.next_page is not None and len(shared) == 1:
            unreadable = [row for row, at in zip(page, instants, strict=True) if at is None]
            for tied, position in _tie(fetch, newest):
                yield unreadable + tied, position
                unreadable = []
            cursor, known = newest + ONE_MICROSECOND, set()
            continue
        fresh = [row for row, at in zip(page, instants, strict=True) if at != cursor or _id(row) not in known]
        if reply.next_page is None:
            # All up to `until` was given, and nobody has to ask again to see so.
            yield fresh, Position(newest if until is None else until + ONE_MICROSECOND)
            return
        yield fresh, Position(newest)
        cursor, known = newest, {_id(row) for row, at in zip(page, instants, strict=True) if at == newest}


def _tie(fetch: Fetch, instant: datetime) -> Iterator[tuple[Page, Position]]:
    """All records that share one instant, when they are more than a page: a bulk edit stamps them alike.

    Records only ever leave a past instant, and what stands behind them then moves to an earlier page. So the
    pages are read from the last to the first: what has not been read yet can only move to where we still go.
    """
    last, reply = 1, fetch({**_within(instant), "page": "1", **COUNTS})
    # The count may be absent or capped, so it only says where to start looking for the end. What is seen on the
    # way there is read again on the way back.
    while reply.next_page is not None:
        last = max(last + 1, reply.total_pages or 0)
        reply = fetch({**_within(instant), "page": str(last)})
    yield records(reply), _behind(instant, last)
    yield from _tie_pages(fetch, instant, last - 1)


def _tie_pages(fetch: Fetch, instant: datetime, first: int) -> Iterator[tuple[Page, Position]]:
    for number in range(first, 0, -1):
        yield records(fetch({**_within(instant), "page": str(number)})), _behind(instant, number)


def _behind(instant: datetime, page: int) -> Position:
    """Where to go on after this page of a tie: every page given is progress that a later walk can build on."""
    return Position(instant, page - 1) if page > 1 else Position(instant + ONE_MICROSECOND)


def _within(instant: datetime) -> dict[str, str]:
    return {**_ASCENDING, **_between(instant, instant)}


def _between(since: datetime, until: datetime | None = None) -> dict[str, str]:
    bounds = {"updated_at[gte]": format_instant(since)}
    return bounds | {"updated_at[lte]": format_instant(until)} if until else bounds


def descending(fetch: Fetch, since: datetime) -> Iterator[Page]:
    """Records with updated_at >= since, newest change first, for lists that sort but do not filter.

    A record that changes meanwhile moves to the front, where the next walk finds it; the others move back, so
    some come twice and none is skipped. Records without a readable updated_at are passed on, never dropped.
    """
    for number in count(1):
        reply = fetch({**_NEWEST_FIRST, "page": str(number)})
        page = records(reply)
        wanted = [row for row in page if (changed := updated_at(row)) is None or changed >= since]
        yield wanted
        if len(wanted) < len(page) or reply.next_page is None:
            return


def by_id(fetch: Fetch) -> Iterator[Page]:
    """The whole list, in the order of its ids, for lists that neither page nor sort (/bulk_jobs)."""
    last = 0
    while page := records(fetch({"per_page": PER_PAGE, "id[gt]": str(last)})):
        yield page
        numbers = [number for row in page if isinstance(number := _id(row), int)]
        if max(numbers, default=last) <= last:
            raise NoProgress(f"asked for ids above {last} and was given none")
        last = max(numbers)


def recent(fetch: Fetch, window: timedelta) -> Iterator[Page]:
    """Records by their start, latest first, back to `window` before the newest change among them.

    For /calendar/events, where nothing tells a change and the past of all calendars has no end. What changes
    meanwhile may come twice, as in a snapshot.
    """
    newest: datetime | None = None
    for number in count(1):
        reply = fetch({**_LATEST_START_FIRST, "page": str(number)})
        page = records(reply)
        yield page
        newest = max((at for at in (newest, newest_in(reply)) if at), default=None)
        starts = [at for row in page if (at := _instant(row, "start_time"))]
        if reply.next_page is None or (newest and starts and min(starts) < newest - window):
            return


def snapshot(fetch: Fetch) -> Iterator[Page]:
    """The whole list, in SalesLoft's own order. A single object (/team) is a list of one."""
    for number in count(1):
        reply = fetch({"per_page": PER_PAGE, "page": str(number)})
        yield records(reply)
        if reply.next_page is None:
            return


def updated_at(row: Any) -> datetime | None:
    """The record's updated_at in UTC; None where it is missing or unreadable (the record is then refused later,
    when it is loaded, and must not stop the walk).
    """
    return _instant(row, "updated_at")


def _instant(row: Any, field: str) -> datetime | None:
    try:
        return parse_instant(row[field])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def records(reply: Reply) -> Page:
    """The records of an answer; a single object is a list of one. Raises Garbled for anything else."""
    if isinstance(reply.data, dict):
        return [reply.data]
    if not isinstance(reply.data, list):
        raise Garbled(f"`data` should be a list and is {type(reply.data).__name__}")
    return reply.data


def _check_order(page: Page, instants: list[datetime | None], cursor: datetime) -> None:
    newest = cursor
    for row, at in zip(page, instants, strict=True):
        if at is not None and at < newest:
            raise NoProgress(
                f"record {_id(row)} of {format_instant(at)} came after {format_instant(newest)}, "
                "although oldest first was asked: the endpoint does not sort or filter by updated_at"
            )
        newest = at or newest


def _id(row: Any) -> Any:
    return row.get("id") if isinstance(row, dict) else None
