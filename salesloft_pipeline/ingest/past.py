"""The past of a collection, read newest first and several slices at once.

the newest hundred  ->  the rest cut into slices  ->  one walk each, a page at a time, in threads
                                                  ->  pages in the order they came
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime

from salesloft_pipeline.ingest.slices import ROWS_A_SLICE, Slice, cut
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST

# A slice that has given this many pages is long: its halves cost one point more, and keep two requests busy.
PAGES_BEFORE_A_SPLIT = 20


@dataclass(frozen=True)
class _Step:
    """What one request of a walk gave, and where the walk then stands."""

    came_at: float
    page: walk.Page
    position: walk.Position


class _Walk:
    """One slice on its way; `slice` is what of it is left."""

    def __init__(self, fetch: walk.Fetch, stretch: Slice) -> None:
        self.slice = stretch
        self.pages = 0
        self._walk = walk.keyset(fetch, stretch.begin, stretch.end)

    def step(self) -> _Step:
        page, position = next(self._walk)
        return _Step(time.monotonic(), page, position)

    def book(self, position: walk.Position) -> None:
        self.pages += 1
        self.slice = replace(self.slice, begin=position)

    @property
    def over(self) -> bool:
        return self.slice.begin.instant > self.slice.end


class Past:
    """What is left of a collection's past, `rows_left` records or so (None: nobody knows).

    at_once: how many requests may be under way, asked again and again.
    """

    def __init__(
        self,
        fetch: walk.Fetch,
        at_once: Callable[[], int],
        slices: Sequence[Slice] = (),
        rows_left: int | None = 0,
    ) -> None:
        self.rows_left = rows_left
        self._fetch, self._at_once = fetch, at_once
        walks = [_Walk(fetch, stretch) for stretch in slices]
        self._walks = [each for each in walks if not each.over]

    @classmethod
    def of(
        cls, fetch: walk.Fetch, at_once: Callable[[], int], since: datetime, until: datetime | None = None
    ) -> tuple[walk.Page, Past]:
        """The newest page of a stretch that was never read, and what lies before it. Costs two points at most."""
        reply = walk.latest(fetch, since, until)
        page = walk.records(reply)
        if reply.next_page is None:
            return page, cls(fetch, at_once)
        newest = walk.oldest_of(page)
        rows = None if reply.total_count is None else max(0, reply.total_count - len(page))
        few = rows is not None and rows < 2 * ROWS_A_SLICE
        oldest = since if few else walk.earliest(fetch, since) or since
        return page, cls(fetch, at_once, cut(min(oldest, newest), newest, rows), rows)

    @property
    def left(self) -> list[Slice]:
        """The slices that are not read to their ends, newest first, each from where it stands."""
        return [each.slice for each in self._in_order()]

    def pages(self, enough: Callable[[], bool]) -> Iterator[walk.Page]:
        """Pages as they come, until nothing is left or `enough` says so; whatever was asked by then still comes, and
        something is always asked, so that every call gets further.

        Raises what a request raises; the pages that were given stand.
        """
        running: dict[Future[_Step], _Walk] = {}
        with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
            self._send(pool, running)
            while running:
                wait(running, return_when=FIRST_COMPLETED)
                steps = [(future.result(), running.pop(future)) for future in list(running) if future.done()]
                for step, one in sorted(steps, key=lambda answered: answered[0].came_at):
                    if self.rows_left is not None:
                        self.rows_left = max(0, self.rows_left - len(step.page))
                    yield step.page
                    one.book(step.position)
                    if one.over:
                        self._walks.remove(one)
                if not enough():
                    self._send(pool, running)

    def _in_order(self) -> list[_Walk]:
        return sorted(self._walks, key=lambda each: each.slice.end, reverse=True)

    def _send(self, pool: ThreadPoolExecutor, running: dict[Future[_Step], _Walk]) -> None:
        free = self._at_once() - len(running)
        idle = [each for each in self._in_order() if each not in running.values()]
        if len(idle) < free:
            idle = [part for each in idle for part in self._split(each)]
        for one in idle[: max(free, 0)]:
            running[pool.submit(one.step)] = one

    def _split(self, one: _Walk) -> list[_Walk]:
        if one.pages < PAGES_BEFORE_A_SPLIT:
            return [one]
        parts = [_Walk(self._fetch, half) for half in one.slice.halves()]
        self._walks = [each for each in self._walks if each is not one] + parts
        return parts
