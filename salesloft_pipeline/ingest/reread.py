"""A stretch of a collection, read again whatever the cursor says: a month of it, or all that was sent lately.

    window     records whose updated_at lies in it
    only       and of these only what another filter lets through, such as sent_at[gte]: counters may move without
               updated_at

A re-read keeps no state: broken off, it is begun again. What changes while it reads may be loaded by a sync that
runs elsewhere at the same time, and then be overwritten by what was read here before; so it ends with a look at
everything that changed since it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from salesloft_pipeline.ingest.memory import OVERLAP, State
from salesloft_pipeline.ingest.past import Past
from salesloft_pipeline.ingest.pipeline import Watch, run, unwatched
from salesloft_pipeline.ingest.reader import BEGINNING, Enough, Get, Reader, Row
from salesloft_pipeline.ingest.report import SyncReport
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.protocol import Params, Reply
from salesloft_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Window:
    """Instants in UTC, both included."""

    begin: datetime = BEGINNING
    end: datetime = datetime(9999, 12, 31, tzinfo=UTC)


def reread(
    client: SalesloftClient,
    warehouse: Warehouse,
    *,
    endpoints: Sequence[Endpoint],
    window: Window = Window(),
    only: Mapping[str, str] = MappingProxyType({}),
    watch: Watch = unwatched,
) -> SyncReport:
    """Read once more what `window` holds by updated_at; only: further filters, such as {"sent_at[gte]": ...}.

    Positions are neither used nor moved, so any machine can re-read any window, while others sync. Raises as `sync`.
    """
    readers = [
        Reread(endpoint, client.get, window, only=only, at_once=lambda: client.budget.parallel)
        for endpoint in endpoints
    ]
    name = f"salesloft_{window.begin:%Y%m%d}_{window.end:%Y%m%d}"
    return run(client, warehouse, readers, kind="reread", name=name, watch=watch)


class Reread(Reader):
    """Reads one collection's `window` of updated_at again. only: further filters, as the list takes them."""

    source = "backfill"

    def __init__(
        self,
        endpoint: Endpoint,
        get: Get,
        window: Window,
        *,
        only: Mapping[str, str] = MappingProxyType({}),
        at_once: Callable[[], int] = lambda: 1,
    ) -> None:
        super().__init__(endpoint, get)
        self._window, self._only, self._at_once = window, only, at_once
        self._past: Past | None = None
        self._newest_at_first: datetime | None = None

    @property
    def rows_left(self) -> int | None:
        return self._past.rows_left if self._past else None

    def _pages(self, _: State, enough: Enough) -> Iterator[list[Row]]:
        if self.endpoint.reading is not Reading.KEYSET:
            # Without a filter by updated_at there is no window but `only`.
            yield from walk.snapshot(self._narrowed)
            self.finished = True
            return
        if self._past is None:
            self._newest_at_first = walk.newest_in(walk.latest(self._narrowed, BEGINNING))
            page, self._past = Past.of(self._narrowed, self._at_once, self._window.begin, self._window.end)
            yield page
        yield from self._past.pages(enough)
        if not self._past.left:
            yield from self._changed_meanwhile()
            self.finished = True

    def _changed_meanwhile(self) -> Iterator[list[Row]]:
        if self._newest_at_first:
            since = walk.Position(self._newest_at_first - OVERLAP)
            yield from (page for page, _ in walk.keyset(self._narrowed, since))

    def _narrowed(self, params: Params) -> Reply:
        return self._fetch({**params, **self._only})
