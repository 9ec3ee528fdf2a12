"""Which report is due when, and which days it speaks of. Pure; days and hours are those of the reporting zone.

daily     working days 07:30      the last working day that is over
weekly    Monday 08:00            the week that ended on Sunday
monthly   first working day + 14  the month before; its last email is then 14 days old, and has matured
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

Name: TypeAlias = Literal["daily", "weekly", "monthly"]
NAMES: tuple[Name, ...] = ("daily", "weekly", "monthly")
# Replies go on coming in for about so long: METRICS of younger emails are compared with nothing.
MATURE_DAYS = 14
_HOURS: dict[Name, dt.time] = {"daily": dt.time(7, 30), "weekly": dt.time(8), "monthly": dt.time(8)}
# How long a report waits for a load of its day; then it goes out, and says how old it is.
PATIENCE = dt.timedelta(hours=2)
_SATURDAY = 5


@dataclass(frozen=True)
class Edition:
    """One issue of a report. `date` names it: the day it is due, its Monday, or the first day after its month."""

    name: Name
    date: dt.date

    @property
    def first_day(self) -> dt.date:
        """The first day that it speaks of; of the daily one the day before its date."""
        if self.name == "daily":
            return self.date - dt.timedelta(days=1)
        if self.name == "weekly":
            return self.date - dt.timedelta(weeks=1)
        return (self.date - dt.timedelta(days=1)).replace(day=1)

    @property
    def loaded_by(self) -> dt.date:
        """The day of a load that holds everything it speaks of."""
        return self.date + dt.timedelta(days=MATURE_DAYS - 1) if self.name == "monthly" else self.date


def edition_of(name: Name, today: dt.date) -> Edition:
    """The newest edition that can be complete on a day."""
    if name == "daily":
        return Edition(name, today)
    if name == "weekly":
        return Edition(name, today - dt.timedelta(days=today.weekday()))
    return Edition(name, (today - dt.timedelta(days=MATURE_DAYS - 1)).replace(day=1))


def is_due(name: Name, now: dt.datetime) -> bool:
    """Is this the day of the report, and past its hour? now: wall clock time of the reporting zone."""
    return _is_its_day(name, now.date()) and now.time() >= _HOURS[name]


def is_overdue(name: Name, now: dt.datetime) -> bool:
    """Is it so late that it goes out with the data there are?"""
    return (
        is_due(name, now)
        and now.replace(tzinfo=None) >= dt.datetime.combine(now.date(), _HOURS[name]) + PATIENCE
    )


def _is_its_day(name: Name, day: dt.date) -> bool:
    if name == "daily":
        return day.weekday() < _SATURDAY
    if name == "weekly":
        return day.weekday() == 0
    first = day.replace(day=1)
    while first.weekday() >= _SATURDAY:
        first += dt.timedelta(days=1)
    return day == first + dt.timedelta(days=MATURE_DAYS)
