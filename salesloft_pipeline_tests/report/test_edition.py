"""Which report is due when, and that it speaks of days that are over and, where it compares, have matured."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.report import NAMES, Name, edition_of, is_due, is_overdue

DAYS = st.dates(date(2015, 1, 1), date(2060, 1, 1))


@given(DAYS)
def test_an_edition_is_over_when_it_is_made(today: date) -> None:
    """Its days lie before its date, which is today at the latest; the weekly one begins on a Monday."""
    for name in NAMES:
        edition = edition_of(name, today)
        assert edition.first_day < edition.date <= today
        assert edition.loaded_by <= today
    assert edition_of("weekly", today).first_day.weekday() == 0


@given(DAYS)
def test_a_month_is_reported_when_it_has_matured(today: date) -> None:
    """Whole months only, and no email in it is younger than 14 days; the next month has one that is."""
    edition = edition_of("monthly", today)
    assert edition.first_day.day == edition.date.day == 1
    assert edition.date - timedelta(days=1) <= today - timedelta(days=14)
    following = (edition.date + timedelta(days=32)).replace(day=1)
    assert following - timedelta(days=1) > today - timedelta(days=14)


@given(DAYS)
def test_each_month_has_one_day_of_its_report(day: date) -> None:
    """Two weeks after the first working day, and the edition is that of the month before."""
    month = [day.replace(day=1) + timedelta(days=n) for n in range(28)]
    due = [each for each in month if is_due("monthly", datetime.combine(each, datetime.max.time()))]
    assert len(due) == 1
    assert due[0].weekday() < 5
    assert edition_of("monthly", due[0]).date == day.replace(day=1)


@pytest.mark.parametrize(
    ("name", "now", "due", "overdue"),
    [
        ("daily", "2026-11-20 07:29", False, False),
        ("daily", "2026-11-20 07:30", True, False),
        ("daily", "2026-11-20 09:30", True, True),
        ("daily", "2026-11-21 12:00", False, False),
        ("weekly", "2026-11-23 07:59", False, False),
        ("weekly", "2026-11-23 08:00", True, False),
        ("weekly", "2026-11-24 12:00", False, False),
        # The first of August 2026 is a Saturday.
        ("monthly", "2026-08-17 08:00", True, False),
        ("monthly", "2026-08-15 08:00", False, False),
    ],
)
def test_days_and_hours(name: Name, now: str, due: bool, overdue: bool) -> None:
    """Working days 07:30, Mondays 08:00, and two hours of patience."""
    at = datetime.fromisoformat(now)
    assert (is_due(name, at), is_overdue(name, at)) == (due, overdue)
