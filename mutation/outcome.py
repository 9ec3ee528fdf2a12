"""What became of one change, and why those that no test noticed are harmless."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_REASONS = Path(__file__).parent / "reasons.toml"


@dataclass(frozen=True)
class Outcome:
    """One mutant: the file it is of, the function or clause, the line that replaced another, and whether a test failed.

    `endless`: it was noticed by not coming to an end.
    """

    file: str
    place: str
    change: str
    killed: bool
    endless: bool = False


@dataclass(frozen=True)
class Reason:
    """Why no test can notice. file, place, change: patterns with * and ?."""

    why: str
    file: str = "*"
    place: str = "*"
    change: str = "*"

    def explains(self, outcome: Outcome) -> bool:
        """Is this mutant one of those meant?"""
        return (
            fnmatchcase(outcome.file, f"*{self.file}")
            and fnmatchcase(outcome.place, self.place)
            and fnmatchcase(outcome.change, self.change.replace("[", "[[]"))
        )


def reasons() -> list[Reason]:
    """As mutation/reasons.toml has them; the first that fits counts."""
    return [Reason(**row) for row in tomllib.loads(_REASONS.read_text("utf-8"))["reason"]]


def drawn(mutants: Sequence[T], sample: int, seed: int) -> list[T]:
    """So many of them, always the same for a seed; 0: all."""
    if not sample:
        return list(mutants)
    return random.Random(seed).sample(mutants, min(sample, len(mutants)))  # noqa: S311  # nothing secret hangs on it
