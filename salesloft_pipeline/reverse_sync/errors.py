"""What stops writing back before or while it writes.

ReverseSyncError
├── ModelError        the model file, or what it asks for, is wrong
├── DesiredError      not one row of the source is right; `.problems` has each
├── LookupFailed      nobody, or more than one, bears a name
├── TooManyChanges    more changes than the model allows
├── TooCostly         the changes would take longer than a run may
└── BreakerTripped    one record was written again and again
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_AT_MOST = 20


class ReverseSyncError(Exception):
    """Base of what this room raises; the message says what to do."""


class ModelError(ReverseSyncError):
    """The model file cannot be used; the message names each thing that is wrong with it."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row: its number from 1 (a file's header does not count), the field, never the value."""

    row: int
    field: str
    what: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.field}: {self.what}"


class DesiredError(ReverseSyncError):
    """Not one row of the source is right, so nothing was compared or written; `problems` has what is wrong."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_AT_MOST]]
        if more := len(self.problems) - len(lines):
            lines.append(f"and {more:,} more")
        super().__init__("\n".join([f"{source} has no row that can be right; nothing was written:", *lines]))


class LookupFailed(ReverseSyncError):
    """Nobody in SalesLoft, or more than one, bears this name."""


class TooManyChanges(ReverseSyncError):
    """The plan is larger than the model allows."""


class TooCostly(ReverseSyncError):
    """The plan costs more points than the budget gives in the time a run may take."""


class BreakerTripped(ReverseSyncError):
    """A record was written too often within the hour: something writes against us, or against itself."""
