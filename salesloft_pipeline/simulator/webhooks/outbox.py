"""Deliveries on their way: when each is due, what came of every attempt, and what was lost for good."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Literal

import numpy as np

from ..switches import Switches
from ..team.chance import Dice
from ..team.hours import SECOND, moment

ATTEMPTS = 4
APART = 15 * SECOND
LOG_LENGTH = 200_000
Outcome = Literal["delivered", "failed", "lost"]


@dataclass(frozen=True)
class Delivery:
    """One body for one subscription (its row), and which attempt comes next."""

    event_type: str
    record_id: int | str | None
    subscription: int
    body: bytes
    attempt: int = 1


@dataclass(frozen=True)
class Attempt:
    """What came of one POST: `status` is None where nobody answered in time; `at` is the world's time in UTC."""

    event_type: str
    record_id: int | str | None
    attempt: int
    status: int | None
    at: datetime


class Outbox:
    """Deliveries by the instant they are due. Not safe by itself: whoever calls holds the world's lock.

    `made` counts deliveries, `lost` those given up after four attempts or lost before the first, `log` holds
    the latest attempts, oldest first.
    """

    def __init__(self) -> None:
        self.made = 0
        self.lost = 0
        self.log: deque[Attempt] = deque(maxlen=LOG_LENGTH)
        self._waiting: list[tuple[int, int, Delivery]] = []
        self._turn = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, deliveries: Sequence[Delivery], at: int, dice: Dice, switches: Switches) -> None:
        """Send off what was made at the instant `at`; some of it late, twice or never, as the switches say."""
        numbers = np.arange(self.made, self.made + len(deliveries))
        self.made += len(deliveries)
        lost = dice.happens("webhooks/lost", numbers, switches.webhook_losses)
        copies = 1 + dice.happens("webhooks/twice", numbers, switches.webhook_duplicates)
        self.lost += int(lost.sum())
        for delivery, number, times in zip(deliveries, numbers[~lost], copies[~lost], strict=False):
            waits = (
                dice.uniform("webhooks/wait", 2 * number + np.arange(times)) * switches.webhook_delay_seconds
            )
            for wait in waits.tolist():
                self._push(_gathered(at + int(wait * SECOND), switches.webhook_burst_seconds), delivery)

    def take(self, now: int) -> Delivery | None:
        """The delivery that has been due for longest, which is then no longer here; None if none is due."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        return heapq.heappop(self._waiting)[2]

    def settle(self, delivery: Delivery, status: int | None, now: int) -> Outcome:
        """Note what came of an attempt; one that failed is due again in 15 seconds, three times."""
        self.log.append(
            Attempt(delivery.event_type, delivery.record_id, delivery.attempt, status, moment(now))
        )
        if status is not None and 200 <= status < 300:
            return "delivered"
        if delivery.attempt < ATTEMPTS:
            self._push(now + APART, replace(delivery, attempt=delivery.attempt + 1))
            return "failed"
        self.lost += 1
        return "lost"

    def _push(self, due: int, delivery: Delivery) -> None:
        heapq.heappush(self._waiting, (due, next(self._turn), delivery))


def _gathered(due: int, seconds: float) -> int:
    """The next full multiple of so many seconds."""
    step = int(seconds * SECOND)
    return -(-due // step) * step if step else due
