"""Working time: which local day it is for whom, and when in that day work is done.

Instants are integers: microseconds since 1970-01-01 UTC. Days are integers too: days since 1970-01-01,
read as a local date in a zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .chance import Floats, Ints

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = -(1 << 63)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a user's record says, and the zone it means. The last is the spelling Rails applications use.
ZONES = (
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Pacific", "America/Los_Angeles"),
    ("Europe/London", "Europe/London"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("Mountain Time (US & Canada)", "America/Denver"),
)
# Monday to Sunday: the share of an ordinary day's work that is done on it.
WEEK = np.array([1.0, 1.1, 1.1, 1.05, 0.8, 0.02, 0.02])


def instant(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: give an aware datetime, for example with tzinfo=UTC")
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(instant_: int) -> datetime:
    """The UTC datetime of an instant."""
    return EPOCH + timedelta(microseconds=int(instant_))


def weekday(days: Any) -> Ints:
    """0 for Monday to 6 for Sunday; day 0 was a Thursday."""
    return np.asarray((np.asarray(days) + 3) % 7, dtype=np.int64)


def next_working_day(days: Ints) -> Ints:
    """The same day, or the Monday after a weekend."""
    return np.asarray(days + np.array([0, 0, 0, 0, 0, 2, 1])[weekday(days)])


class Offices:
    """Local time for arrays: zone numbers (see ZONES) and local days in, instants out."""

    def __init__(self, first_day: int, last_day: int) -> None:
        self.first_day = first_day
        self.offsets = np.array([_offsets(name, first_day, last_day) for _, name in ZONES], dtype=np.int64)

    def at(self, zone: Ints, days: Ints, hours: Floats) -> Ints:
        """The instant at which clocks in `zone` show `hours` (fractional) on local day `days`."""
        column = np.clip(days - self.first_day, 0, self.offsets.shape[1] - 1)
        return np.asarray(days * DAY + (hours * HOUR).astype(np.int64) - self.offsets[zone, column])

    def work(self, zone: Ints, days: Ints, draw: Floats) -> Ints:
        """An instant in working hours, 08:30 to 17:30, with fewer around lunch."""
        hours = 8.5 + 9.0 * draw + 0.45 * np.sin(4 * np.pi * draw) / np.pi
        return self.at(zone, days, hours)


@cache
def _offsets(name: str, first_day: int, last_day: int) -> npt.NDArray[np.int64]:
    """Microseconds east of UTC at local noon of each day; working hours never meet a clock change."""
    zone = ZoneInfo(name)
    noons = (moment(day * DAY + 18 * HOUR).astimezone(zone) for day in range(first_day, last_day))
    return np.array([(noon.utcoffset() or timedelta()) // timedelta(microseconds=1) for noon in noons])
