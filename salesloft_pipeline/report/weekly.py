"""The weekly report of a team, or of all: is everybody working, what works, what does it lead to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from salesloft_pipeline.report.edition import Edition
from salesloft_pipeline.report.figures import (
    FEWEST,
    QUARTER_WEEKS,
    WEEK,
    by_whom,
    maturing,
    of_week,
    rate,
    ratio,
    sums_by,
    total,
    weeks_until,
    whom,
)
from salesloft_pipeline.report.frames import Frames
from salesloft_pipeline.report.model import Chart, Column, Content, Kind, Section, Table, Tile
from salesloft_pipeline.report.sections import Row, cadences, rates_by_week, section
from salesloft_pipeline.report.words import short_day, span

_WEEKS = 4
_MOVERS = 3
_MONTHS = 6


def weekly(frames: Frames, edition: Edition) -> Content:
    """The report of the week before the edition's Monday; windows are of whole weeks that end with it."""
    monday = edition.first_day
    last = monday + WEEK - timedelta(days=1)
    quarter = last - WEEK * QUARTER_WEEKS + timedelta(days=1)
    return Content(
        f"Sales engagement, week of {span(monday, last)} {last.year}",
        f"{short_day(monday)} to {short_day(last)}",
        "Usual week",
        tuple(_tiles(frames, monday)),
        (),
        (
            _working(frames, last),
            _movers(frames, monday),
            rates_by_week(frames, last),
            cadences(
                frames,
                (quarter, last),
                f"People added within {QUARTER_WEEKS} weeks, and what became of them; cadences that wrote to {FEWEST} or more.",
                emailed=FEWEST,
            ),
            _leaders(frames, last),
            _cost(frames, quarter, last),
            _meetings(frames, last),
            _teams(frames, last),
        ),
    )


def _tiles(frames: Frames, monday: date) -> list[Tile]:
    mature = monday - 2 * WEEK
    work, worked = frames.tables["work"], frames.tables["worked"]
    counts: dict[str, tuple[Kind, date, Callable[[date], float | None], str]] = {
        "Emails sent": ("count", monday, lambda week: total(of_week(work, week), "sent"), ""),
        "Calls logged": ("count", monday, lambda week: total(of_week(work, week), "calls"), ""),
        "Touches per working day": (
            "mean",
            monday,
            lambda week: _per_day(work, worked, week),
            "by active rep",
        ),
        "Meetings booked": ("count", monday, lambda week: total(of_week(work, week), "booked"), ""),
        "Meetings held": ("count", monday, lambda week: total(of_week(work, week), "held"), ""),
        "Reply rate": (
            "rate",
            mature,
            lambda week: _reply_rate(work, week),
            f"of emails sent from {short_day(mature)}",
        ),
    }
    return [
        Tile(title, of(week), kind, _mean([of(week - WEEK * back) for back in range(1, _WEEKS + 1)]), note)
        for title, (kind, week, of, note) in counts.items()
    ]


def _per_day(work: pd.DataFrame, worked: pd.DataFrame, monday: date) -> float | None:
    days = of_week(worked, monday)
    touched = of_week(work, monday)
    return ratio(total(touched[touched["rep"].isin(days["rep"])], "touches"), total(days, "days"))


def _reply_rate(work: pd.DataFrame, monday: date) -> float | None:
    week = of_week(work, monday)
    return rate(total(week, "replied"), total(week, "delivered"))


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _working(frames: Frames, last: date) -> Section:
    first = last - WEEK * _WEEKS + timedelta(days=1)
    days, work = frames.between("worked", first, last), frames.between("work", first, last)
    touches = dict(sums_by(work[work["rep"].isin(days["rep"])], frames.split))
    rows: list[Row] = []
    for number, worked in sums_by(days, frames.split):
        touched = touches[number]["touches"] if number in touches else 0
        rows.append((frames.named(frames.split, number), touched / worked["days"], touched, worked["days"]))
    columns = (
        Column(whom(frames), "text"),
        Column("A day", "mean", bar=True),
        Column("Touches"),
        Column("Working days"),
    )
    note = "Touches per working day of active reps over four weeks; days without any are counted."
    return section("Is everybody working?", note, columns, rows, by=1, empty="No active rep.")


def _movers(frames: Frames, monday: date) -> Section:
    past = frames.between("work", monday - WEEK * _WEEKS, monday - timedelta(days=1))
    now, before = (
        {number: sums["touches"] for number, sums in sums_by(work, frames.split)}
        for work in (of_week(frames.tables["work"], monday), past)
    )
    rows: list[Row] = []
    for number in sorted({*now, *before}):
        touches, usual = now.get(number, 0), before.get(number, 0) / _WEEKS
        if touches != usual:
            rows.append((frames.named(frames.split, number), touches, usual, touches - usual))
    rows.sort(key=lambda row: (-float(row[3] or 0), str(row[0])))
    # Those who rose most and those who fell most; of few, all.
    if len(rows) > 2 * _MOVERS:
        rows = rows[:_MOVERS] + rows[-_MOVERS:]
    columns = (
        Column(whom(frames), "text"),
        Column("Touches"),
        Column("Usual week", "mean"),
        Column("Change", "change"),
    )
    note = "The week beside the mean of the four before."
    return section("Who moved?", note, columns, rows, by=3, empty="Nobody: the week was like those before.")


def _leaders(frames: Frames, last: date) -> Section:
    rows: list[Row] = [
        (
            name,
            sums["booked"],
            sums["successes"],
            sums["sent"],
            rate(sums["replied"], sums["delivered"]),
            sums["calls"],
            rate(sums["connected"], sums["calls"]),
        )
        for name, sums in by_whom(
            frames, frames.between("work", last - WEEK * _WEEKS + timedelta(days=1), last)
        )
    ]
    columns = (
        Column(whom(frames), "text"),
        Column("Meetings", bar=True),
        Column("Successes"),
        Column("Sent"),
        Column("Reply rate", "rate"),
        Column("Calls"),
        Column("Connect rate", "rate"),
    )
    note = f"Four weeks. Rates of fewer than {FEWEST} are not shown; the youngest replies are still to come."
    return section("Who leads, who needs help?", note, columns, rows, by=1, empty="Nothing in four weeks.")


def _cost(frames: Frames, first: date, last: date) -> Section:
    rows: list[Row] = [
        (
            name,
            ratio(sums["touches"], sums["booked"]),
            ratio(sums["touches"], sums["successes"]),
            sums["touches"],
            sums["booked"],
            sums["successes"],
        )
        for name, sums in by_whom(frames, frames.between("work", first, last))
    ]
    rows.sort(key=lambda row: (row[1] is None, float(row[1] or 0), str(row[0])))
    columns = (
        Column(whom(frames), "text"),
        Column("Touches per meeting", "mean", bar=True),
        Column("per success", "mean"),
        Column("Touches"),
        Column("Meetings"),
        Column("Successes"),
    )
    title, note = "What does a meeting cost?", f"Touches over {QUARTER_WEEKS} weeks; fewer is better."
    return Section(title, note, table=Table(columns, tuple(rows)), empty="No touches yet.")


def _meetings(frames: Frames, last: date) -> Section:
    meetings = frames.tables["meetings"]
    by_month = dict(sums_by(meetings.assign(month=[day.replace(day=1) for day in meetings["day"]]), "month"))
    months = [month for month in sorted(by_month) if month <= last][-_MONTHS:]
    parts = [_fates_of(by_month[month]) for month in months]
    labels = tuple(f"{month:%b %Y}" for month in months)
    series = {title: tuple(counts[title] for counts in parts) for title in _FATES}
    columns = (Column("Booked in", "text"), *map(Column, ["Booked", *_FATES]), Column("Held, of due", "rate"))
    rows = tuple(
        (label, sums["booked"], *counts.values(), rate(sums["held"], sums["due"]))
        for label, sums, counts in zip(labels, map(by_month.__getitem__, months), parts, strict=True)
    )
    title, empty = "Do booked meetings happen?", "No meeting was booked yet."
    if not rows:
        return Section(title, empty=empty)
    chart = Chart(
        "stacked", labels, series, "count", f"Meetings by month of booking, {labels[0]} to {labels[-1]}."
    )
    return Section(title, "By the month of booking.", chart, Table(columns, rows))


_FATES = ("Held", "Cancelled", "No-show", "Ahead")


def _fates_of(sums: dict[str, int]) -> dict[str, int]:
    known = sums["held"], sums["canceled"], sums["no_show"]
    return dict(zip(_FATES, (*known, sums["booked"] - sum(known)), strict=True))


def _teams(frames: Frames, last: date) -> Section:
    """Fairly: by the team the sender was in when sending, whichever team reads."""
    mondays = weeks_until(last, QUARTER_WEEKS)
    weeks = [dict(sums_by(of_week(frames.whole["work"], monday), "team")) for monday in mondays]
    series = {}
    for team in sorted({team for week in weeks for team in week}):
        values = tuple(
            rate(week[team]["replied"], week[team]["delivered"]) if team in week else None for week in weeks
        )
        if any(value is not None for value in values):
            series[frames.named("team", team)] = values
    title, empty = "How do teams compare?", f"No team has sent {FEWEST} emails in a week yet."
    if not series:
        return Section(title, empty=empty)
    text = f"Reply rate by team and week from {short_day(mondays[0])} to {short_day(mondays[-1])}."
    chart = Chart("lines", tuple(map(short_day, mondays)), series, "rate", text, maturing(frames, mondays))
    return Section(title, "Reply rate by week, by the team of the time.", chart)
