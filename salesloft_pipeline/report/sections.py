"""Answers that more than one report gives."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from salesloft_pipeline.report.figures import (
    FEWEST,
    QUARTER_WEEKS,
    maturing,
    of_week,
    rate,
    sums_by,
    total,
    weeks_until,
)
from salesloft_pipeline.report.frames import Frames
from salesloft_pipeline.report.model import Chart, Column, Section, Table, Value
from salesloft_pipeline.report.words import short_day

Row: TypeAlias = tuple[Value, ...]
_FATES = (
    Column("Cadence", "text"),
    Column("Added"),
    Column("Emailed"),
    Column("Replied"),
    Column("of emailed", "rate", bar=True),
    Column("Meeting"),
    Column("Success"),
)


def section(
    title: str, note: str, columns: tuple[Column, ...], rows: list[Row], by: int, empty: str
) -> Section:
    """A table, the greatest of column `by` first, what has no value last."""
    rows = sorted(rows, key=lambda row: (row[by] is None, -float(row[by] or 0), str(row[0])))
    return Section(title, note, table=Table(columns, tuple(rows)), empty=empty)


def cadences(frames: Frames, days: tuple[date, date], note: str, *, emailed: int = 0) -> Section:
    """Which cadences work? People by the cadence they were added to; of cadences that wrote to `emailed` at least."""
    rows: list[Row] = [
        (frames.named("cadence", number), *_fates(sums))
        for number, sums in sums_by(frames.between("people", *days), "cadence")
        if sums["emailed"] >= emailed
    ]
    return section(
        "Which cadences work?", note, _FATES, rows, by=4, empty="No cadence wrote to enough people."
    )


def _fates(sums: dict[str, int]) -> Row:
    counts = [sums[name] for name in ("added", "emailed", "answered", "met", "won")]
    return (*counts[:3], rate(counts[2], counts[1]), *counts[3:])


def rates_by_week(frames: Frames, last: date) -> Section:
    """Are our emails getting better? Reply and bounce rate over a quarter, by the week of sending."""
    mondays = weeks_until(last, QUARTER_WEEKS)
    weeks = [of_week(frames.tables["work"], monday) for monday in mondays]
    series = {
        "Reply rate": tuple(rate(total(week, "replied"), total(week, "delivered")) for week in weeks),
        "Bounce rate": tuple(rate(total(week, "bounced"), total(week, "sent")) for week in weeks),
    }
    young = maturing(frames, mondays)
    text = f"Reply and bounce rate by week from {short_day(mondays[0])} to {short_day(mondays[-1])}."
    chart = Chart("lines", tuple(map(short_day, mondays)), series, "rate", text, young)
    note = "By the week of sending. Replies to the shaded weeks are still coming in." if young else ""
    found = any(value is not None for values in series.values() for value in values)
    empty = f"No week with {FEWEST} emails yet."
    return (
        Section("Are our emails getting better?", note, chart)
        if found
        else Section("Are our emails getting better?", empty=empty)
    )
