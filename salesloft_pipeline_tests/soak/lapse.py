"""Time that runs many times as fast, the same in all processes of a life.

began, speed  ->  Lapse, as text in SOAK_LAPSE  ->  each process: clocks and sleeps at that speed

Since the monotonic clock is one for the whole machine, processes agree to the microsecond without a word.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import time_machine

VARIABLE = "SOAK_LAPSE"


@dataclass(frozen=True)
class Lapse:
    """At `zero` of the monotonic clock it was `began` (seconds since 1970); since then `speed` seconds in a second."""

    began: float
    speed: float
    zero: float

    @classmethod
    def from_now(cls, began: datetime, speed: float) -> Lapse:
        """Begin at this instant, now."""
        return cls(began.timestamp(), speed, time.monotonic())

    def seconds(self) -> float:
        """Seconds since 1970, by this clock."""
        return self.began + (time.monotonic() - self.zero) * self.speed

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self.seconds())

    def environment(self) -> dict[str, str]:
        """What makes `live` of another process go by this clock."""
        return {VARIABLE: f"{self.began!r} {self.speed!r} {self.zero!r}"}


def live() -> Lapse:
    """Let this process go by the clock of its environment: what tells the time, and `time.sleep`.

    To be called before anything is imported that takes `time.sleep` along. Waits for locks, sockets and timers, and
    the monotonic clock, stay as they are.
    """
    lapse = Lapse(*map(float, os.environ[VARIABLE].split()))
    slept = time.sleep
    time.sleep = lambda seconds: slept(float(seconds) / lapse.speed)
    traveller = time_machine.travel(lapse.began).start()
    # It knows clocks that stand still or go as usual, no others.
    traveller.time_ns = lambda: int(lapse.seconds() * 1e9)  # type: ignore[method-assign]
    return lapse
