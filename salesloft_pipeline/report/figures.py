"""What reports have in common: sums, rates that are worth telling, groups by whom the audience may see.

A rate is a ratio of sums, and none of fewer than 30: such a number is chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from salesloft_pipeline.report.edition import MATURE_DAYS
from salesloft_pipeline.report.frames import Frames, between

FEWEST = 30
WEEK = timedelta(days=7)
QUARTER_WEEKS = 13
_DIMENSIONS = ["day", "rep", "team", "cadence", "step", "tier", "told"]


def total(frame: pd.DataFrame, column: str) -> int:
    """The sum of a count."""
    return int(frame[column].sum())


def rate(part: float, whole: float) -> float | None:
    """A share; None of fewer than 30."""
    return float(part / whole) if whole >= FEWEST else None


def ratio(part: float, whole: float) -> float | None:
    """A quotient; None where there is nothing to divide by."""
    return float(part / whole) if whole else None


def grouped(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Sums of all counts by these keys, which become the index."""
    counts = [name for name in frame.columns if name not in {*_DIMENSIONS, *keys}]
    return frame.groupby(list(keys), sort=True)[counts].sum()


def sums_by(frame: pd.DataFrame, *keys: str) -> Iterator[tuple[Any, dict[str, int]]]:
    """Each value of a key, or of several as a tuple, with the sums of its counts."""
    for row in grouped(frame, *keys).reset_index().to_dict("records"):
        found = tuple(row.pop(key) for key in keys)
        yield found if len(keys) > 1 else found[0], {str(name): int(count) for name, count in row.items()}


def by_whom(frames: Frames, frame: pd.DataFrame) -> Iterator[tuple[str, dict[str, int]]]:
    """Names of reps or teams, as the audience may see them, each with the sums of its counts."""
    for number, sums in sums_by(frame, frames.split):
        yield frames.named(frames.split, number), sums


def whom(frames: Frames) -> str:
    """What a row of `by_whom` is called."""
    return frames.split.capitalize()


def weeks_until(last: date, count: int) -> list[date]:
    """The Mondays of so many weeks, oldest first; the last of them holds the day."""
    monday = last - timedelta(days=last.weekday())
    return [monday - WEEK * back for back in reversed(range(count))]


def maturing(frames: Frames, mondays: Sequence[date]) -> int:
    """How many of these weeks have a day whose emails may still be answered."""
    last_mature = frames.build.as_of_date - timedelta(days=MATURE_DAYS)
    return sum(monday + WEEK - timedelta(days=1) > last_mature for monday in mondays)


def of_week(frame: pd.DataFrame, monday: date) -> pd.DataFrame:
    """The rows of one week."""
    return between(frame, monday, monday + WEEK - timedelta(days=1))
