"""Group commit: one thread that lands whatever came while it was busy, in one transaction.

    land(arrival)  ->  queue  ->  the thread: all that waits, one commit  ->  True (new) or False (came before)

Nobody is told that a delivery landed before the commit that holds it has returned.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from salesloft_pipeline.landing import Arrival, DeliveryRefused, Landing, LandingError
from salesloft_pipeline.receiver.config import Limits
from salesloft_pipeline.receiver.metrics import Metrics

COMMIT_ROWS = 500
COMMIT_BYTES = 8 << 20
COUNTED_PENDING = 10_000
# So often the landing is looked at: what waits there, and, with nothing to land, whether it can be used.
LOOK_SECONDS = 5.0
_log = logging.getLogger(__name__)


class NotLanded(Exception):
    """Not known to be on the disk; `reason` is a word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class _Waiting:
    arrival: Arrival
    landed: asyncio.Future[bool]

    def settle(self, outcome: bool | NotLanded) -> None:
        """Tell whoever still waits."""
        if self.landed.done():
            return
        if isinstance(outcome, NotLanded):
            self.landed.set_exception(outcome)
        else:
            self.landed.set_result(outcome)


class Writer:
    """The only one who writes to the landing here. `start` and `land` belong to one event loop."""

    def __init__(self, landing: Landing, limits: Limits, metrics: Metrics) -> None:
        self._landing, self._limits, self._metrics = landing, limits, metrics
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="landing-writer", daemon=True)
        self._busy_since: float | None = None
        self._failure: str | None = None
        self._looked_at = float("-inf")
        # Of the event loop. A body counts for as long as the thread has it, however long ago its sender gave up.
        self._rows = self._bytes = 0
        metrics.waiting.set_function(lambda: self._rows)

    def start(self) -> None:
        """Begin to land."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Land what waits, then end."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, self._limits.commit_seconds)
        self._landing.close()

    async def land(self, arrival: Arrival) -> bool:
        """On the disk when this returns. Did it come for the first time? Raises NotLanded."""
        if self._is_full:
            raise NotLanded("queue_full")
        waiting = _Waiting(arrival, self._loop.create_future())
        self._rows += 1
        self._bytes += len(arrival.body)
        self._queue.put(waiting)
        try:
            return await asyncio.wait_for(waiting.landed, self._limits.commit_seconds)
        except TimeoutError:
            raise NotLanded("commit_too_slow") from None

    @property
    def _is_full(self) -> bool:
        return self._rows >= self._limits.waiting_rows or self._bytes >= self._limits.held_bytes

    def problems(self) -> list[str]:
        """Why a delivery would not land now; empty when all is well."""
        busy_since = self._busy_since
        found = {
            "the thread that writes has ended": not self._thread.is_alive(),
            "too many deliveries wait": self._is_full,
            "a commit takes too long": busy_since is not None
            and time.monotonic() - busy_since > self._limits.commit_seconds,
            str(self._failure): self._failure is not None,
        }
        return [problem for problem, is_so in found.items() if is_so]

    def _run(self) -> None:
        self._look()
        ending = False
        while not ending:
            batch, ending = self._next_batch()
            self._busy_since = time.monotonic()
            if batch:
                self._commit(batch)
            if time.monotonic() - self._looked_at > LOOK_SECONDS:
                self._look()
            self._busy_since = None

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """All that waits, within reason, and whether that is the end; empty after a while without any."""
        batch: list[_Waiting] = []
        size = 0
        try:
            waiting = self._queue.get(timeout=LOOK_SECONDS)
            while waiting is not None:
                batch.append(waiting)
                size += len(waiting.arrival.body)
                if len(batch) >= COMMIT_ROWS or size >= COMMIT_BYTES:
                    return batch, False
                waiting = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            with self._metrics.commit_seconds.time():
                new = self._landing.land([waiting.arrival for waiting in batch])
            self._metrics.commit_rows.observe(len(batch))
            self._tell(batch, _outcomes(batch, new))
            self._well()
        except DeliveryRefused as error:
            if len(batch) == 1:
                self._unwell(error)
                self._tell(batch, [NotLanded("refused_by_landing")])
            else:
                for waiting in batch:
                    self._commit([waiting])
        except Exception as error:
            # Whatever it is, the thread goes on: those who wait are told now, and the next batch may land.
            self._unwell(error)
            self._tell(batch, [NotLanded("landing_down")] * len(batch))

    def _tell(self, batch: list[_Waiting], outcomes: Iterable[bool | NotLanded]) -> None:
        # Once the loop is closed nobody waits any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._settle, batch, list(outcomes))

    def _settle(self, batch: list[_Waiting], outcomes: list[bool | NotLanded]) -> None:
        for waiting, outcome in zip(batch, outcomes, strict=True):
            self._rows -= 1
            self._bytes -= len(waiting.arrival.body)
            waiting.settle(outcome)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            oldest = self._landing.oldest_pending()
            self._metrics.pending.set(self._landing.pending_count(COUNTED_PENDING))
            self._metrics.oldest.set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)
            self._well()
        except Exception as error:
            self._unwell(error)

    def _well(self) -> None:
        if self._failure:
            _log.info("the landing can be used again")
        self._failure = None
        self._metrics.landing_up.set(1)

    def _unwell(self, error: Exception) -> None:
        # Errors of the landing name no data; of any other only its kind is safe to tell.
        failure = str(error) if isinstance(error, LandingError) else f"defect: {type(error).__name__}"
        if failure != self._failure:
            _log.error("%s", failure)
        self._failure = failure
        self._metrics.landing_up.set(0)
        self._metrics.failures.inc()


def _outcomes(batch: list[_Waiting], new: frozenset[str]) -> Iterable[bool]:
    """Of several that are the same, only the first is new."""
    unseen = set(new)
    for waiting in batch:
        digest = waiting.arrival.digest
        yield digest in unseen
        unseen.discard(digest)
