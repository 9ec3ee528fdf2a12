"""Smaller collections, and those that can only be read whole or parent by parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from salesloft_pipeline.ingest.arrow import fingerprint
from salesloft_pipeline.ingest.memory import OVERLAP, Memory, State, key_of
from salesloft_pipeline.ingest.reader import BEGINNING, Enough, Get, Reader, Row
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.errors import BrokenContract, NotFound
from salesloft_pipeline.salesloft.models import Unnamed
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant, parse_instant

# A parent's id, and when the parent last changed.
Parent = tuple[Any, datetime]
Parents = Callable[[datetime], Sequence[Parent]]
Walk = Callable[[walk.Fetch], Iterator[walk.Page]]

# Of a calendar; what is older has happened, and is not read again.
RECENTLY = timedelta(days=90)
# What changes without a word of its parent is asked for of every parent, which is dear.
ASK_ALL_AFTER = timedelta(days=1)
_WALKS: dict[Reading, Walk] = {
    Reading.SNAPSHOT: walk.snapshot,
    Reading.BY_ID: walk.by_id,
    Reading.RECENT: lambda fetch: walk.recent(fetch, RECENTLY),
}


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
    """The whole list, each time. `ids` are all its keys, as text, once it was read; None where it is not shown whole.

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
        rows = [
            named(self.endpoint, row) for page in _WALKS[self.endpoint.reading](self._fetch) for row in page
        ]
        if len(rows) * 2 < memory.size:
            raise SuspiciousSnapshot(
                f"{self.endpoint.name} has {len(rows)} records and had {memory.size} at the last sync: the "
                "old rows are kept. If the key still sees everything and this is right, run "
                f"`salesloft-pipeline sync --only {self.endpoint.name} --full` once"
            )
        memory.note(rows)
        yield memory.news(rows)
        self._memory, self.finished = memory, True
        if self.endpoint.reading is not Reading.RECENT:
            self.ids = [key_of(row) for row in rows]

    def _save(self, state: State) -> None:
        if self._memory:
            self._memory.save(state)


class ChildReader(Reader):
    """What hangs on the records of another collection, one request for each that changed since the last sync.

    parents: gives (id, updated_at) of every parent that changed at or after an instant, oldest change first. `seen`
    are the keys of the children of each parent asked for by the last call of `read`, all as text.
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
        self.seen: dict[str, list[str]] = {}

    def _pages(self, state: State, enough: Enough) -> Iterator[list[Row]]:
        self.seen = {}
        if self._waiting is None:
            self._waiting = self._begin(state)
        with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
            while self._waiting:
                some = self._waiting[: self._at_once()]
                for (parent, _), rows in zip(
                    some, pool.map(self._children, [key for key, _ in some]), strict=True
                ):
                    self.seen[str(parent)] = [key_of(row) for row in rows]
                    yield rows
                self._done, self._waiting = some[-1], self._waiting[len(some) :]
                if enough():
                    return
        self.finished = True

    def _begin(self, state: State) -> list[Parent]:
        if self._forget or self._asks_all(state):
            state.clear()
        if not self.endpoint.with_parent:
            state.setdefault("asked_at", format_instant(datetime.now(UTC)))
        if not (through := state.get("through")):
            return list(self._parents(BEGINNING))
        at, number = parse_instant(through["at"]), through["id"]
        changed = self._parents(at)
        return [(parent, when) for parent, when in changed if when > at or str(parent) > number]

    def _asks_all(self, state: State) -> bool:
        asked_at = state.get("asked_at")
        return asked_at is not None and parse_instant(asked_at) + ASK_ALL_AFTER < datetime.now(UTC)

    def _children(self, parent: Any) -> list[Row]:
        def fetch(params: Params) -> Reply:
            return self._fetch(params, self.endpoint.path.replace("{id}", str(parent)))

        try:
            rows = [row for page in _WALKS[self.endpoint.below](fetch) for row in page]
        except NotFound:
            return []  # gone since we read it, or it has none yet
        return [self._child(row, parent, place) for place, row in enumerate(rows, 1)]

    def _child(self, row: Row, parent: Any, place: int) -> Row:
        """The record with its parent's id, and with an id of its own where SalesLoft gives none."""
        if not isinstance(row, dict):
            return row
        own = {"id": f"{parent}-{place}"} if issubclass(self.endpoint.record, Unnamed) else {}
        return {"id": parent, **row, **own, "_parent_id": parent}

    def _save(self, state: State) -> None:
        if self._done:
            parent, at = self._done
            state["through"] = {"at": format_instant(at), "id": str(parent)}


def named(endpoint: Endpoint, row: Row) -> Row:
    """The record of a list; where SalesLoft gives it no id, with a digest of what it says instead."""
    unnamed = issubclass(endpoint.record, Unnamed) and isinstance(row, dict)
    return {**row, "id": fingerprint(row)} if unnamed else row
