"""Randomness without order: every draw is a function of (seed, what for, which one).

The same email therefore gets the same opens whether it was made in one batch with a million others or
alone, and a world can be rebuilt from its seed.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

# Whole numbers of any width: instants, rows, ids.
Ints = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
MASK = (1 << 64) - 1


def scramble(value: int) -> int:
    """One round of splitmix64 on a Python integer: 64 well-mixed bits."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


class Dice:
    """Draws for whole arrays of numbers at once; `stream` names what the draw decides."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, stream: str, numbers: Any) -> Floats:
        """In [0, 1), one per number."""
        start = np.uint64(scramble(self.seed * 0x1F123BB5 + crc32(stream.encode())))
        value = np.asarray(numbers, dtype=np.int64).astype(np.uint64) ^ start
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((value ^ (value >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / float(1 << 53)

    def happens(self, stream: str, numbers: Any, probability: Any) -> npt.NDArray[np.bool_]:
        """True with the given probability."""
        return np.asarray(self.uniform(stream, numbers) < probability)

    def pick(self, stream: str, numbers: Any, count: Any) -> Ints:
        """An integer in [0, count), evenly."""
        return np.asarray(self.uniform(stream, numbers) * count, dtype=np.int64)

    def choose(self, stream: str, numbers: Any, weights: Any) -> Ints:
        """An index into `weights`, in proportion to them."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.asarray(np.searchsorted(edges / edges[-1], self.uniform(stream, numbers), side="right"))

    def spread(self, stream: str, numbers: Any, median: float, sigma: float, most: float) -> Floats:
        """Log-normal around `median`, never above `most`: how waiting times look."""
        radius = np.sqrt(-2 * np.log(1 - self.uniform(stream + "/radius", numbers)))
        normal = radius * np.cos(2 * np.pi * self.uniform(stream + "/angle", numbers))
        return np.asarray(np.minimum(median * np.exp(sigma * normal), most), dtype=np.float64)
