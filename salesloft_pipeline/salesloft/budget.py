"""The team's cost budget: points per clock minute, shared with everybody else who uses the team's API.

SalesLoft grants a team a number of points (600) per clock minute, and each answer says how many are left. That
number is the one thing watched here, so other processes, users and tools are accounted for without talking to
them: we stop while the part that is not ours is still there, and go on in the next minute.

How many requests are under way at once follows from the same share and from how long answers take: as many as it
takes to spend the share in time, and no more.
https://developers.salesloft.com/docs/platform/api-basics/rate-limits/
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from salesloft_pipeline.salesloft.protocol import RateLimit

MINUTE_SECONDS = 60.0
# Clocks differ a little; asking right at the boundary is still the old minute for the server.
AFTER_THE_MINUTE_SECONDS = 0.25
JITTER_SECONDS = 0.5
# The Date header counts whole seconds, so a smaller difference is no sign of a wrong clock.
CLOCK_TOLERANCE_SECONDS = 1.5
# Points left unused while we load, or behind one slow answer, are lost with their minute; so we hurry.
HASTE = 3.0
PARALLEL_AT_LEAST, PARALLEL_AT_MOST = 2, 16
_WEIGHT_OF_THE_LAST = 0.2


@dataclass(frozen=True)
class Spending:
    """What has been asked of SalesLoft so far: cost points, requests, and seconds spent waiting for points."""

    points: int = 0
    requests: int = 0
    waited_seconds: float = 0.0


class Budget:
    """Points for all threads of this process. `take` before a request, `settle` after its answer.

    points_per_minute: the team's allowance. share: the part of it, in (0, 1], that may be ours.
    """

    def __init__(
        self,
        points_per_minute: int = 600,
        share: float = 0.8,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if points_per_minute < 1:
            raise ValueError(f"SALESLOFT_COST_PER_MINUTE is {points_per_minute}: it must be at least 1")
        if not 0 < share <= 1:
            raise ValueError(f"SALESLOFT_BUDGET_SHARE is {share}: it must be above 0 and at most 1")
        self._allowance = points_per_minute
        self._share_per_second = points_per_minute * share / MINUTE_SECONDS
        self._reserve = points_per_minute - max(1, int(points_per_minute * share))
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Condition()
        self._skew_seconds = 0.0
        self._minute = self._this_minute()
        self._left = points_per_minute
        self._in_flight = self._requests_in_flight = 0
        self._answer_seconds = 0.0
        self._spending = Spending()

    @property
    def spending(self) -> Spending:
        """Totals since this budget was made."""
        with self._lock:
            return self._spending

    @property
    def left_this_minute(self) -> int:
        """Points that we may still spend in this clock minute, as far as the last answers tell."""
        with self._lock:
            self._turn_minute()
            return max(0, self._left - self._in_flight - self._reserve)

    @property
    def ours_per_minute(self) -> int:
        """Points that we may spend in a whole minute in which nobody else spends any."""
        return self._allowance - self._reserve

    @property
    def parallel(self) -> int:
        """How many requests at once spend our share in time, by how long the last answers took."""
        needed = math.ceil(HASTE * self._share_per_second * self._answer_seconds)
        return min(max(needed, PARALLEL_AT_LEAST), PARALLEL_AT_MOST)

    def now(self) -> float:
        """Seconds since 1970 by SalesLoft's clock, as far as its answers tell."""
        return self._clock() + self._skew_seconds

    def take(self, points: int = 1) -> None:
        """Wait until `points` may be spent, then hold them for a request that is about to be sent."""
        while (wait_seconds := self._try_take(points)) > 0:
            self.pause(wait_seconds)

    def settle(self, held: int, rate: RateLimit | None, seconds: float = 0.0) -> None:
        """Give back what was held and book what the answer says it cost; no answer counts as what was held.
        seconds: how long the answer took.
        """
        with self._lock:
            self._answer_seconds += _WEIGHT_OF_THE_LAST * (seconds - self._answer_seconds)
            self._requests_in_flight -= 1
            self._lock.notify()
            if rate and rate.server_epoch_seconds is not None:
                self._follow_server_clock(rate.server_epoch_seconds)
            self._turn_minute()
            self._in_flight -= held
            cost = rate.cost if rate else held
            self._left = self._heard(rate, self._left - cost)
            self._spending = Spending(
                self._spending.points + cost, self._spending.requests + 1, self._spending.waited_seconds
            )

    def exhausted(self) -> None:
        """A 429 came: nothing is left of this minute, whatever we counted."""
        with self._lock:
            self._turn_minute()
            self._left = 0

    def pause(self, seconds: float) -> None:
        """Sleep, and remember for how long."""
        self._sleep(seconds)
        with self._lock:
            past = self._spending
            self._spending = Spending(past.points, past.requests, past.waited_seconds + seconds)

    def seconds_to_next_minute(self) -> float:
        """Until the server surely counts anew, with jitter so that waiting processes do not start together."""
        into_minute = self.now() % MINUTE_SECONDS
        return MINUTE_SECONDS - into_minute + AFTER_THE_MINUTE_SECONDS + random.uniform(0, JITTER_SECONDS)  # noqa: S311  # jitter

    def _try_take(self, points: int) -> float:
        with self._lock:
            while self._requests_in_flight >= self.parallel:
                self._lock.wait()
            self._turn_minute()
            untouched = self._left == self._allowance and self._in_flight == 0
            if untouched or self._left - self._in_flight - self._reserve >= points:
                self._in_flight += points
                self._requests_in_flight += 1
                return 0.0
        return self.seconds_to_next_minute()

    def _heard(self, rate: RateLimit | None, counted: int) -> int:
        """Answers overtake each other, so the smallest number heard within this minute is the newest."""
        if rate is None or rate.remaining is None:
            return counted
        at = rate.server_epoch_seconds
        of_this_minute = at is None or int(at // MINUTE_SECONDS) == self._minute
        return min(counted, rate.remaining) if of_this_minute else counted

    def _follow_server_clock(self, server_epoch_seconds: float) -> None:
        behind = server_epoch_seconds - self.now()
        if abs(behind) > CLOCK_TOLERANCE_SECONDS:
            self._skew_seconds += behind

    def _turn_minute(self) -> None:
        if (minute := self._this_minute()) != self._minute:
            self._minute, self._left = minute, self._allowance

    def _this_minute(self) -> int:
        return int(self.now() // MINUTE_SECONDS)
