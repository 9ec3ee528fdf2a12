"""What is planned and what became of it, for words.py and for whoever asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesloft_pipeline.reverse_sync.apply import Result
from salesloft_pipeline.reverse_sync.cost import Cost
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.errors import Problem
from salesloft_pipeline.reverse_sync.lookup import Tally
from salesloft_pipeline.reverse_sync.plan import Conflict, Plan

# Told how many rows are done, and of how many.
Watch = Callable[[int, int], None]


def unwatched(_done: int, _total: int) -> None:
    """Nobody looks."""


@dataclass
class Report:
    """The plan against our copy, and with `applied` what became of each row.

    rows: those that are worked on. wrong: rows of the source that cannot be right. left: changes beyond --limit.
    settled: lost answers found again.
    """

    plan: Plan
    cost: Cost
    rows: Sequence[Desired]
    applied: bool = False
    wrong: tuple[Problem, ...] = ()
    left: int = 0
    settled: int = 0
    lookups: Tally = field(default_factory=Tally)
    results: list[Result] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Were all rows right, and did everything that was written get a good answer?"""
        return not self.wrong and not any(each.outcome in ("failed", "unanswered") for each in self.results)

    @property
    def conflicts(self) -> list[Conflict]:
        """Those of the plan, and those that came up when it was carried out."""
        found = [*self.plan.conflicts, *(each for result in self.results for each in result.conflicts)]
        return list({(each.row, each.field): each for each in found}.values())

    def take(self, results: Iterable[Result], watch: Watch) -> None:
        """Note results as they come."""
        for result in results:
            self.results.append(result)
            watch(len(self.results), len(self.plan.changes))

    def as_dict(self) -> dict[str, Any]:
        """Counts alone: what is planned and what was done, nobody's data."""
        return {
            "applied": self.applied,
            "plan": self.plan.counts(),
            "wrong_rows": len({problem.row for problem in self.wrong}),
            "left": self.left,
            "points": self.cost.points,
            "minutes": round(self.cost.minutes, 1),
            "settled": self.settled,
            "results": dict(Counter(result.outcome for result in self.results)),
        }
