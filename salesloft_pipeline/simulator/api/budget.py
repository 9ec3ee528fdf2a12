"""The team's points per minute, and what a request costs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# Total cost of one request by the page it asks for (vendor page "Rate limits"): up to this page, this many points.
SURCHARGE = ((100, 1), (150, 3), (250, 8), (500, 10))
DEEPEST = 30


def cost_of(page: int, endpoint_cost: int = 1) -> int:
    """Points for a request of this page; 1 up to page 100, 30 past page 500."""
    return endpoint_cost * next((points for last, points in SURCHARGE if page <= last), DEEPEST)


@dataclass
class Budget:
    """One budget for the whole team in fixed clock minutes; `clock` gives seconds since 1970."""

    per_minute: int = 600
    clock: Callable[[], float] = time.time
    spent: int = field(default=0, init=False)
    _minute: int = field(default=-1, init=False)
    _left: int = field(default=0, init=False)

    def pay(self, cost: int) -> bool:
        """Take the points if there are enough left in this minute."""
        self._turn()
        if cost > self._left:
            return False
        self._left -= cost
        self.spent += cost
        return True

    def remaining(self) -> int:
        """Points left in this minute."""
        self._turn()
        return self._left

    def wait(self) -> int:
        """Whole seconds until the next minute begins."""
        return math.ceil(60 - self.clock() % 60)

    def _turn(self) -> None:
        minute = int(self.clock() // 60)
        if minute != self._minute:
            self._minute, self._left = minute, self.per_minute
