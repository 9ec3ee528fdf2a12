"""The team's budget of the simulator, with a book of what was paid in which minute."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from salesloft_pipeline.simulator.api.budget import Budget


@dataclass
class Meter(Budget):
    """`paid` counts points by minute since 1970."""

    paid: Counter[int] = field(default_factory=Counter, init=False)

    def pay(self, cost: int) -> bool:
        """As the budget does, and write it down."""
        granted = super().pay(cost)
        if granted:
            self.paid[int(self.clock() // 60)] += cost
        return granted
