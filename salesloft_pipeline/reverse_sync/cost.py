"""What carrying out a plan costs, before it is done: points, and minutes at our share of the budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salesloft_pipeline.reverse_sync import bulk
from salesloft_pipeline.reverse_sync.actual import A_PAGE
from salesloft_pipeline.reverse_sync.errors import TooCostly

# A run holds the warehouse for so long, and what was planned gets old.
MINUTES_AT_MOST = 60


@dataclass(frozen=True)
class Cost:
    """points: at the most, but for one more per hundred rows that a bulk job refuses. pace: points a minute."""

    changes: int
    points: int
    in_bulk: bool
    pace: int

    @property
    def minutes(self) -> float:
        """How long the budget makes it take; a bulk job may take longer than that."""
        return self.points / self.pace

    def __str__(self) -> str:
        how = "by bulk job" if self.in_bulk else "by single calls"
        return f"{self.points:,} points {how}, {self.minutes:,.1f} min at {self.pace:,} points a minute"


def cost_of(changes: int, *, bulk_allowed: bool, pace: int) -> Cost:
    """What so many changes cost: a look at each right before, a hundred a point, and the write."""
    in_bulk = bulk_allowed and changes >= bulk.BULK_FROM
    looks = math.ceil(changes / A_PAGE) + 1 if changes else 0
    return Cost(changes, looks + (bulk.points(changes) if in_bulk else changes), in_bulk, pace)


def check(cost: Cost, advice: str) -> None:
    """Raises TooCostly, with how many changes would be few enough, and the advice."""
    if cost.minutes > MINUTES_AT_MOST:
        few = cost.pace * MINUTES_AT_MOST * A_PAGE // (A_PAGE + 1)
        raise TooCostly(
            f"{cost.changes:,} changes cost {cost}, and a run may take {MINUTES_AT_MOST}: {advice}take fewer at a "
            f"time, such as --limit {few}"
        )
