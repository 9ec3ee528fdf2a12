"""A sorted index over one column of a table that stays cheap while rows move.

Sorting a million rows for every page would cost seconds, and one sorted array would have to be copied
for every change. The rows are therefore kept in sorted blocks of about two thousand: a change touches one
block, a page reads one or two, and a position is a sum over a few hundred block lengths.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
BLOCK = 2048


class Order:
    """Rows of a table, ascending by (value of one column, row number).

    `keys` hands out the column as it is now, because a growing table replaces its arrays.
    """

    def __init__(self, keys: Callable[[], npt.NDArray[Any]], rows: Rows) -> None:
        self.keys = keys
        ordered = rows[np.lexsort((rows, keys()[rows]))].astype(np.int32)
        self.blocks: list[Rows] = [ordered[i : i + BLOCK] for i in range(0, len(ordered), BLOCK)]
        self._heads = [self._place(int(block[0])) for block in self.blocks]
        self._ends: list[int] | None = None

    def __len__(self) -> int:
        return self.ends[-1] if self.blocks else 0

    @property
    def ends(self) -> list[int]:
        """Position just behind each block."""
        if self._ends is None:
            self._ends = list(accumulate(len(block) for block in self.blocks))
        return self._ends

    def add(self, row: int) -> None:
        """Insert `row` at the place its present key gives it."""
        number = self._block_of(row)
        if number is None:
            self.blocks, self._heads = [np.array([row], dtype=np.int32)], [self._place(row)]
        else:
            block = self.blocks[number]
            self._put(number, np.insert(block, self._within(block, row), row))
        self._ends = None

    def drop(self, row: int) -> None:
        """Remove `row`; its key must still be the one it was added with."""
        number = self._block_of(row)
        if number is None:
            raise KeyError(f"row {row} is not in this order: drop it before its key changes")
        block = self.blocks[number]
        at = self._within(block, row)
        if at >= len(block) or block[at] != row:
            raise KeyError(f"row {row} is not in this order: drop it before its key changes")
        self._put(number, np.delete(block, at))
        self._ends = None

    def below(self, value: Any, *, inclusive: bool = False) -> int:
        """How many rows have a key smaller than `value` (or equal to it, when inclusive)."""
        reach = (value, np.iinfo(np.int32).max) if inclusive else (value, -1)
        number = bisect_right(self._heads, reach) - 1
        if number < 0:
            return 0
        keys = self.keys()[self.blocks[number]]
        start = self.ends[number] - len(keys)
        return start + int(np.searchsorted(keys, value, side="right" if inclusive else "left"))

    def cut(self, start: int, stop: int) -> Rows:
        """The rows at positions start..stop, ascending."""
        taken = [
            block[max(start - end + len(block), 0) : stop - end + len(block)]
            for block, end in zip(self.blocks, self.ends, strict=True)
            if end > start and end - len(block) < stop
        ]
        return np.concatenate(taken) if taken else np.empty(0, dtype=np.int32)

    def sort(self, rows: Rows, start: int, stop: int) -> Rows:
        """These few rows, ascending, as far as they stand between two positions."""
        keys = self.keys()
        rows = rows[np.lexsort((rows, keys[rows]))]
        places = np.array([self.below(keys[row].item()) for row in rows], dtype=np.int64)
        return rows[(places >= start) & (places < stop)]

    def find(self, value: Any) -> int | None:
        """The first row whose key equals `value`."""
        at = self.below(value)
        row = self.cut(at, at + 1)
        return int(row[0]) if len(row) and self.keys()[row[0]] == value else None

    def _place(self, row: int) -> tuple[Any, int]:
        return (self.keys()[row].item(), row)

    def _block_of(self, row: int) -> int | None:
        return max(bisect_right(self._heads, self._place(row)) - 1, 0) if self.blocks else None

    def _within(self, block: Rows, row: int) -> int:
        keys, key = self.keys()[block], self.keys()[row]
        low, high = np.searchsorted(keys, key), np.searchsorted(keys, key, side="right")
        return int(low + np.searchsorted(block[low:high], row))

    def _put(self, number: int, block: Rows) -> None:
        """Store a changed block: split when it has doubled, forget when it is empty."""
        half = len(block) // 2
        parts = [block] if len(block) < 2 * BLOCK else [block[:half], block[half:]]
        parts = [part for part in parts if len(part)]
        self.blocks[number : number + 1] = parts
        self._heads[number : number + 1] = [self._place(int(part[0])) for part in parts]
