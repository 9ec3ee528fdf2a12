"""A list endpoint of SalesLoft in memory, for tests of the walks alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from salesloft_pipeline.salesloft.protocol import Params, Reply, parse_instant

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Listing:
    """A list endpoint in memory, filtered and sorted on each request. Pages hold `size` records, not 100."""

    def __init__(
        self, instants: dict[int, int], *, size: int = 5, counts: bool = True, seed: int = 0
    ) -> None:
        self.instants = dict(instants)
        self.asked: list[Params] = []
        self.more = False
        self.between: Callable[[], None] = lambda: None
        self._size, self._counts, self._random = size, counts, random.Random(seed)

    def touch(self, how_many: int) -> None:
        """Change some records: they get a new, latest instant."""
        for number in self._random.sample(sorted(self.instants), min(how_many, len(self.instants))):
            self.instants[number] = max(self.instants.values()) + 1

    def fetch(self, params: Params) -> Reply:
        self.between()
        self.asked.append(params)
        rows = self._matching(params)
        page = int(params["page"])
        start = (page - 1) * self._size
        self.more = len(rows) > start + self._size
        paging: dict[str, Any] = {"next_page": page + 1 if self.more else None}
        if self._counts and params.get("include_paging_counts"):
            paging |= {"total_pages": -(-len(rows) // self._size), "total_count": len(rows)}
        return Reply([row(*one) for one in rows[start : start + self._size]], {"paging": paging})

    def _matching(self, params: Params) -> list[tuple[int, int]]:
        low = _microsecond(params.get("updated_at[gte]"), 0)
        high = _microsecond(params.get("updated_at[lte]"), 10**15)
        rows = [(number, at) for number, at in self.instants.items() if low <= at <= high]
        sign = -1 if params.get("sort_direction") == "DESC" else 1
        return sorted(rows, key=lambda one: (sign * one[1], one[0]))


def _microsecond(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else (parse_instant(text) - EPOCH) // timedelta(microseconds=1)


def row(number: int, at: int) -> dict[str, Any]:
    return {"id": number, "updated_at": (EPOCH + timedelta(microseconds=at)).isoformat()}
