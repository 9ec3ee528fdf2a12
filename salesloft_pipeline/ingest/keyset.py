"""Large collections: what changed is followed from the cursor, and the past is read newest first.

    first sync   the newest hundred  ->  cursor there, everything before it cut into slices
    every sync   from the cursor on  ->  what is left of the slices, several at once  ->  from the cursor on

The state holds the memory (memory.py), where an unfinished walk from the cursor `stopped`, the `pending` slices,
and about how many rows are left in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.ingest.memory import OVERLAP, Memory, State
from salesloft_pipeline.ingest.past import Past
from salesloft_pipeline.ingest.reader import BEGINNING, Enough, Get, Reader, Row
from salesloft_pipeline.ingest.slices import Slice
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.salesloft.protocol import format_instant, parse_instant


class KeysetReader(Reader):
    """Follows one collection by updated_at. start: the oldest updated_at wanted at a first sync.
    at_once: how many requests may be under way for it. forget: read as at a first sync.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        get: Get,
        *,
        start: datetime = BEGINNING,
        at_once: Callable[[], int] = lambda: 1,
        forget: bool = False,
    ) -> None:
        super().__init__(endpoint, get)
        self._start, self._at_once, self._forget = start, at_once, forget
        self._memory: Memory | None = None
        self._head: Iterator[tuple[walk.Page, walk.Position]] = iter(())
        self._position: walk.Position | None = None
        self._following = False
        self._past = Past(self._fetch, at_once)

    @property
    def rows_left(self) -> int | None:
        return self._past.rows_left

    def _pages(self, state: State, enough: Enough) -> Iterator[list[Row]]:
        if self._memory is None:
            yield from self._begin(state)
        yield from self._followed(enough)
        if self._past.left:
            yield from self._read_past(enough)
            if self._past.left:
                return
            yield from self._followed(enough)
        self.finished = not self._following

    def _followed(self, enough: Enough) -> Iterator[list[Row]]:
        assert self._memory is not None
        for page, position in self._head:
            self._position = position
            self._memory.note(page)
            yield self._memory.news(page)
            if enough():
                return
        self._following = False

    def _read_past(self, enough: Enough) -> Iterator[list[Row]]:
        memory = self._memory
        assert memory is not None
        for page in self._past.pages(enough):
            memory.note(page)
            yield page
        if not self._past.left and not self._following and memory.cursor:
            # Records that changed while the past was read have left it: they are ahead of the cursor now.
            memory.settle()
            self._follow(walk.Position(memory.cursor - OVERLAP))

    def _follow(self, position: walk.Position) -> None:
        self._following, self._head = True, walk.keyset(self._fetch, position)

    def _begin(self, state: State) -> Iterator[list[Row]]:
        if self._forget:
            state.clear()
        memory = Memory(state)
        if memory.cursor is None:
            page, self._past = Past.of(self._fetch, self._at_once, self._start)
            memory.note(page)
            yield page
        else:
            pending = [Slice.from_state(each) for each in state.get("pending", [])]
            self._past = Past(self._fetch, self._at_once, pending, state.get("rows_left", 0))
            self._follow(self._resumed(state, memory.cursor - OVERLAP))
        self._memory = memory

    def _resumed(self, state: State, since: datetime) -> walk.Position:
        """Where an unfinished walk stopped, exactly; after a finished one, the overlap before its end."""
        if stopped := state.get("stopped"):
            return walk.Position(parse_instant(stopped["at"]), stopped["tie_page"])
        return walk.Position(since)

    def _save(self, state: State) -> None:
        if self._memory is None or self._memory.cursor is None:
            return
        self.cursor = self._memory.cursor
        self._memory.save(state)
        state["stopped"] = self._stopped()
        state["pending"] = [each.as_state() for each in self._past.left]
        state["rows_left"] = self._past.rows_left

    def _stopped(self) -> dict[str, Any] | None:
        """Where to go on, when the walk from the cursor is not finished. Without it, a walk that needs several syncs
        to get past records of one instant would begin again at the overlap each time. Only near the present can
        records still appear behind us, and there the overlap is worth its price.
        """
        stood = self._position
        if not self._following or stood is None or stood.instant > datetime.now(UTC) - OVERLAP:
            return None
        return {"at": format_instant(stood.instant), "tie_page": stood.tie_page}
