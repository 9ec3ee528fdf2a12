"""What is going to happen: (instant, row) pairs by kind of event, taken out in batches as time passes."""

from __future__ import annotations

import numpy as np

from .chance import Ints

_NONE = np.empty(0, dtype=np.int64)


class Agenda:
    """Events that have not happened yet. A kind is a name; a row belongs to the table that kind is about."""

    def __init__(self) -> None:
        self._times: dict[str, Ints] = {}
        self._rows: dict[str, Ints] = {}
        self._first: dict[str, int] = {}

    def add(self, kind: str, times: Ints, rows: Ints) -> None:
        """Plan an event of this kind for each row at its instant."""
        if len(times):
            self._times[kind] = np.concatenate([self._times.get(kind, _NONE), times])
            self._rows[kind] = np.concatenate([self._rows.get(kind, _NONE), np.asarray(rows, dtype=np.int64)])
            self._first[kind] = min(self._first.get(kind, int(times[0])), int(times.min()))

    def first(self) -> int | None:
        """The instant of the next event of any kind."""
        return min(self._first.values(), default=None)

    def due(self, kind: str, until: int) -> bool:
        """Is there an event of this kind at or before `until`?"""
        return kind in self._first and self._first[kind] <= until

    def take(self, kind: str, until: int) -> tuple[Ints, Ints]:
        """Remove and return (instants, rows) of the events up to and including `until`, oldest first."""
        times, rows = self._times.pop(kind), self._rows.pop(kind)
        del self._first[kind]
        now = times <= until
        self.add(kind, times[~now], rows[~now])
        times, rows = times[now], rows[now]
        turn = np.lexsort((rows, times))
        return times[turn], rows[turn]
