"""The past of a collection, cut into slices of time that are read newest first. Pure.

    |-------- older, wider --------|--- newer ---|-- newest --|
    oldest                                                newest

The newest slices are the shortest, because they are what people look at first: this month is there in minutes,
whatever the years before it take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from salesloft_pipeline.salesloft.protocol import format_instant, parse_instant
from salesloft_pipeline.salesloft.walk import ONE_MICROSECOND, Position

# Each slice ends with a page that is half empty on average, so few records make few slices.
ROWS_A_SLICE = 1_000
SLICES_AT_MOST = 48


@dataclass(frozen=True)
class Slice:
    """Records still to be read: from the position `begin` to the instant `end`, both included."""

    begin: Position
    end: datetime

    def as_state(self) -> dict[str, Any]:
        """The slice as plain JSON values."""
        at = format_instant(self.begin.instant)
        return {"from": at, "tie_page": self.begin.tie_page, "to": format_instant(self.end)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Slice:
        """The slice that `as_state` wrote."""
        begin = Position(parse_instant(state["from"]), state["tie_page"])
        return cls(begin, parse_instant(state["to"]))

    def halves(self) -> list[Slice]:
        """The same stretch as two slices, newer first; itself alone where it is too short or begins in a tie."""
        middle = self.begin.instant + (self.end - self.begin.instant) / 2
        if self.begin.tie_page is not None or middle >= self.end:
            return [self]
        return [Slice(Position(middle + ONE_MICROSECOND), self.end), Slice(self.begin, middle)]


def cut(oldest: datetime, newest: datetime, rows: int | None) -> list[Slice]:
    """Slices that cover [oldest, newest] without gap or overlap, newest first, each older one wider.

    rows: about how many records there are; None where nobody knows.
    """
    wanted = SLICES_AT_MOST if rows is None else rows // ROWS_A_SLICE
    pieces = min(max(wanted, 1), SLICES_AT_MOST)
    span = newest - oldest
    bounds = sorted({newest - span * (number / pieces) ** 2 for number in range(pieces)} | {newest})
    ends = [bound for bound in bounds if bound > oldest] or [newest]
    begins = [oldest, *(end + ONE_MICROSECOND for end in ends[:-1])]
    return [Slice(Position(begin), end) for begin, end in zip(reversed(begins), reversed(ends), strict=True)]
