"""The world's time: it stands still until told, or runs with the real clock times a speed."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from .team.hours import instant


class Clock:
    """`speed` 0 stands still and moves by `advance` only; 1 is real time; 60 makes an hour of every minute."""

    def __init__(self, now: datetime | None = None, speed: float = 0.0, ticks: Any = time.monotonic) -> None:
        self.speed = speed
        self._ticks = ticks
        self._shown = instant(now or datetime.now(UTC))
        self._read = ticks()

    def now(self) -> int:
        """Microseconds since 1970."""
        ticks = self._ticks()
        self._shown += int((ticks - self._read) * self.speed * 1_000_000)
        self._read = ticks
        return self._shown

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        if seconds < 0:
            raise ValueError(f"cannot advance by {seconds} seconds: time only goes forward")
        self._shown = self.now() + round(seconds * 1_000_000)
