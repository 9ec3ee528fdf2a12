"""Smaller collections, and those that can only be read whole or parent by parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from salesloft_pipeline.ingest.memory import OVERLAP, Memory, State, key_of
from salesloft_pipeline.ingest.reader import BEGINNING, Enough, Get, Reader, Row
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.errors import BrokenContract, NotFound
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant, parse_instant

# A parent's id, and when the parent last changed.
Parent = tuple[Any, datetime]
Parents = Callable[[datetime], Sequence[Parent]]


class SuspiciousSnapshot(BrokenContract):
    """A whole list came back less than half as long as last time: lost visibility looks just like that."""


class DescendingReader(Reader):
    """Newest change first, until what the last sync has seen. start: the oldest updated_at wanted at a first sync."""

    def __init__(
        self, endpoint: Endpoint, get: Get, *, start: datetime = BEGINNING, forget: bool = False
    ) -> None:
        super().__init__(endpoint, get)
        self._start, self._forget = start, forget
        self._memory: Memory | None = None

    def _pages(self, state: State, _: Enough) -> Iterator[list[Row]]:
        if self._forget:
            state.clear()
        memory = Memory(state)
        since = memory.cursor - OVERLAP if memory.cursor else self._start
        for page in walk.descending(self._fetch, since):
            memory.note(page)
            yield memory.news(page)
        # Nothing older is known before the end, so only the whole walk moves the cursor.
        self._memory, self.cursor, self.finished = memory, memory.cursor, True

    def _save(self, state: State) -> None:
        if self._memory:
            self._memory.save(state)


class SnapshotReader(Reader):
    """The whole list, each time. `ids` are all its keys, as text, once it was read.

    forget: believe it even where it has shrunk by more than half.
    """

    def __init__(self, endpoint: Endpoint, get: Get, *, forget: bool = False) -> None:
        super().__init__(endpoint, get)
        self._forget = forget
        self._memory: Memory | None = None
        self.ids: list[str] | None = None

    def _pages(self, state: State, _: Enough) -> Iterator[list[Row]]:
        if self._forget:
            state.clear()
        memory = Memory(state, whole=True)
        walked = walk.by_id if self.endpoint.reading is Reading.BY_ID else walk.snapshot
        rows = [row for page in walked(self._fetch) for row in page]
        if len(rows) * 2 < memory.size:
            raise SuspiciousSnapshot(
                f"{self.endpoint.name} has {len(rows)} records and had {memory.size} at the last sync: the "
                "old rows are kept. If the key still sees everything and this is right, run "
                f"`salesloft-pipeline sync --only {self.endpoint.name} --full` once"
            )
        memory.note(rows)
        yield memory.news(rows)
        self._memory, self.ids, self.finished = memory, [key_of(row) for row in rows], True

    def _save(self, state: State) -> None:
        if self._memory:
            self._memory.save(state)


class ChildReader(Reader):
    """What hangs on the records of another collection, one request for each that changed since the last sync.

    parents: gives (id, updated_at) of every parent that changed at or after an instant, oldest change first.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        get: Get,
        *,
        parents: Parents,
        at_once: Callable[[], int] = lambda: 1,
        forget: bool = False,
    ) -> None:
        super().__init__(endpoint, get)
        self._parents, self._at_once, self._forget = parents, at_once, forget
        self._waiting: list[Parent] | None = None
        self._done: Parent | None = None

    def _pages(self, state: State, enough: Enough) -> Iterator[list[Row]]:
        if self._waiting is None:
            self._waiting = self._begin(state)
        with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
            while self._waiting:
                some = self._waiting[: self._at_once()]
                yield from pool.map(self._children, [parent for parent, _ in some])
                self._done, self._waiting = some[-1], self._waiting[len(some) :]
                if enough():
                    return
        self.finished = True

    def _begin(self, state: State) -> list[Parent]:
        if self._forget or not self.endpoint.with_parent:
            state.clear()
        if not (through := state.get("through")):
            return list(self._parents(BEGINNING))
        at, number = parse_instant(through["at"]), through["id"]
        changed = self._parents(at)
        return [(parent, when) for parent, when in changed if when > at or str(parent) > number]

    def _children(self, parent: Any) -> list[Row]:
        reads_list = True

        def fetch(params: Params) -> Reply:
            nonlocal reads_list
            reply = self._fetch(params, self.endpoint.path.replace("{id}", str(parent)))
            reads_list = isinstance(reply.data, list)
            return reply

        try:
            rows = [row for page in walk.snapshot(fetch) for row in page]
        except NotFound:
            return []  # gone since we read it, or it has none yet
        return [
            _child(row, parent, f"{parent}-{place}" if reads_list else parent)
            for place, row in enumerate(rows, 1)
        ]

    def _save(self, state: State) -> None:
        if self._done:
            parent, at = self._done
            state["through"] = {"at": format_instant(at), "id": str(parent)}


def _child(row: Row, parent: Any, own: Any) -> Row:
    """The record with its parent's id, and with an id of its own where SalesLoft gives none."""
    return {"id": own, **row, "_parent_id": parent} if isinstance(row, dict) else row
