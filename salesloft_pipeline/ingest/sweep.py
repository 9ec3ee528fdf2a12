"""Is everything that we hold still in SalesLoft? Lists show no deletions, so known records are asked for by name.

    known keys, in order  ->  ids[]=..., a hundred for a point  ->  shown:    loaded where it differs, or was gone
                                                                ->  missing:  kept in mind until the end
    at the end            ->  too many missing?  refused: a key that sees less looks just like that
                          ->  each asked for once more, by itself: 404 means gone, and is marked

A sweep that is too long for one run goes on in the next: its state holds the last key and what was missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain

from salesloft_pipeline.ingest.held import Held, Key, Known
from salesloft_pipeline.ingest.memory import State
from salesloft_pipeline.ingest.named import BLOCK, PAGE, Asking
from salesloft_pipeline.ingest.pipeline import UNLIMITED, Limits, Watch, run, unwatched
from salesloft_pipeline.ingest.reader import Enough, Get, Row
from salesloft_pipeline.ingest.report import SyncReport
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import SWEPT, Absence, Endpoint
from salesloft_pipeline.salesloft.errors import BrokenContract
from salesloft_pipeline.warehouse import Warehouse

# Of a small list a few may well go at once; of a large one, more than this share at once is no deletion.
SHARE_AT_MOST, FEW = 0.05, 5
# What was counted long ago changes no more; a list that has no date of its own is swept whole.
DAYS_BACK = 30


class SuspiciousAbsence(BrokenContract):
    """More records are missing than are ever deleted at once: the key has probably lost sight of them."""


def sweep(
    client: SalesloftClient,
    warehouse: Warehouse,
    *,
    endpoints: Sequence[Endpoint] = SWEPT,
    since: datetime | None = None,
    trusting: bool = False,
    limits: Limits = UNLIMITED,
    watch: Watch = unwatched,
) -> SyncReport:
    """Mark what is gone from SalesLoft and load what came back.

    since: of lists that are counted by a date, sweep what is not older; DAYS_BACK days when left out. trusting:
    believe that any number may be gone.

    Raises as `sync`; SyncFailed also when too much is missing: then nothing of that collection is marked.
    """
    since = since or datetime.now(UTC) - timedelta(days=DAYS_BACK)
    readers = [
        Sweep(endpoint, client.get, Held(warehouse, endpoint, since), trusting=trusting)
        for endpoint in endpoints
    ]
    return run(client, warehouse, readers, kind="sweep", name="salesloft_sweep", limits=limits, watch=watch)


class Sweep(Asking):
    """Asks for every row of `held` by its key. `marked` counts what was found to be gone."""

    source = "sweep"

    def __init__(self, endpoint: Endpoint, get: Get, held: Held, *, trusting: bool = False) -> None:
        super().__init__(endpoint, get)
        self.marked = 0
        self._held, self._trusting = held, trusting
        self._began: datetime | None = None
        self._last: Key | None = None
        self._missing: list[Key] = []
        self._expected = 0

    @property
    def rows_left(self) -> int | None:
        return None

    def _pages(self, state: State, enough: Enough) -> Iterator[list[Row]]:
        if self._began is None:
            self._resume(state)
        with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
            while block := self._held.behind(self._last, BLOCK):
                parts = [block[place : place + PAGE] for place in range(0, len(block), PAGE)]
                answers = list(pool.map(self._asked, parts))
                yield from (changed for changed, _ in answers)
                self._last, self._missing = block[-1].key, [*self._missing, *chain(*(m for _, m in answers))]
                self._refuse_too_many()
                if enough():
                    return
            while self._missing:
                some = self._missing[:BLOCK]
                yield self._marked(some, pool)
                self._missing = self._missing[len(some) :]
                if self._missing and enough():
                    return
        self.finished = True

    def _resume(self, state: State) -> None:
        unfinished = state.get("unfinished") or {}
        self._began = datetime.now(UTC)
        self._last, self._missing = unfinished.get("last"), list(unfinished.get("missing", []))
        self._expected = self._held.count()

    def _save(self, state: State) -> None:
        going_on = not self.finished and (self.failure is None or self.failure.transient)
        state["unfinished"] = {"last": self._last, "missing": self._missing} if going_on else None

    def _asked(self, part: Sequence[Known]) -> tuple[list[Row], list[Key]]:
        """Up to a hundred rows: those that SalesLoft shows otherwise than we hold them, and what it does not show."""
        asked = {str(known.key): known for known in part}
        shown = self._shown([known.key for known in part])
        changed = [row for text, row in shown.items() if _differs(row, asked[text])]
        return changed, [known.key for text, known in asked.items() if text not in shown and not known.gone]

    def _refuse_too_many(self) -> None:
        missing, expected = len(self._missing), self._expected
        if self.endpoint.absence is Absence.CLOSED or self._trusting:
            return
        if missing > max(FEW, expected * SHARE_AT_MOST) or missing == expected > 1:
            raise SuspiciousAbsence(
                f"{missing:,} of {expected:,} {self.endpoint.name} are missing, more than are deleted at once: none is "
                "marked. Does the user of the key still see them all? If they are really gone, run "
                f"`salesloft-pipeline sweep --only {self.endpoint.name} --trusting` once"
            )

    def _marked(self, missing: Sequence[Key], pool: ThreadPoolExecutor) -> list[Row]:
        """Mark what is gone of these; give the records that are there all the same, though no list shows them."""
        assert self._began is not None
        if self.endpoint.absence is Absence.CLOSED:
            found: list[Row | None] = [None] * len(missing)
        else:
            found = list(pool.map(self._alone, missing))
        gone = [key for key, row in zip(missing, found, strict=True) if row is None]
        self._held.mark(gone, self._began)
        self.marked += len(gone)
        return [row for row in found if row is not None]


def _differs(row: Row, known: Known) -> bool:
    return known.gone or walk.updated_at(row) != known.updated_at
