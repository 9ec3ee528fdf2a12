"""The monthly report, of a month that has matured: cadences and steps, opt-outs, coverage, and what was told before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from salesloft_pipeline.report.edition import Edition
from salesloft_pipeline.report.figures import (
    FEWEST,
    by_whom,
    rate,
    ratio,
    sums_by,
    total,
    whom,
)
from salesloft_pipeline.report.frames import Frames
from salesloft_pipeline.report.model import Column, Content, Kind, Section, Table, Tile
from salesloft_pipeline.report.sections import Row, cadences, rates_by_week, section
from salesloft_pipeline.report.words import counted

_STEPS = 20
_TOLD = (
    ("Emails sent", "sent"),
    ("Emails bounced", "bounced"),
    ("Emails replied to", "replied"),
    ("Calls logged", "calls"),
    ("Meetings booked", "booked"),
    ("Successes", "successes"),
)
_TILES: dict[str, tuple[Kind, Callable[[pd.DataFrame], float | None]]] = {
    "Emails sent": ("count", lambda work: total(work, "sent")),
    "Reply rate": ("rate", lambda work: rate(total(work, "replied"), total(work, "delivered"))),
    "Calls logged": ("count", lambda work: total(work, "calls")),
    "Meetings booked": ("count", lambda work: total(work, "booked")),
    "Meetings held": ("count", lambda work: total(work, "held")),
    "Successes": ("count", lambda work: total(work, "successes")),
}


def monthly(frames: Frames, edition: Edition) -> Content:
    """The report of the month before the edition's date."""
    first, last = edition.first_day, edition.date - timedelta(days=1)
    month = frames.between("work", first, last)
    earlier = frames.between("work", (first - timedelta(days=1)).replace(day=1), first - timedelta(days=1))
    tiles = tuple(Tile(title, of(month), kind, of(earlier)) for title, (kind, of) in _TILES.items())
    sections = (
        rates_by_week(frames, last),
        cadences(
            frames,
            (first, last),
            f"People added in the month, and what became of them since. No rate of fewer than {FEWEST}.",
        ),
        _steps(frames, first, last),
        _opt_outs(frames, month),
        _coverage(frames),
        _restated(frames, first, last),
    )
    earlier_month = f"{first - timedelta(days=1):%B}"
    return Content(f"Sales engagement, {first:%B %Y}", f"{first:%B}", earlier_month, tiles, (), sections)


def _steps(frames: Frames, first: date, last: date) -> Section:
    rows: list[Row] = [
        (
            f"{frames.named('cadence', cadence)} / {frames.named('step', step)}",
            sums["delivered"],
            rate(sums["replied"], sums["delivered"]),
            sums["calls"],
            rate(sums["connected"], sums["calls"]),
        )
        for (cadence, step), sums in sums_by(frames.between("steps", first, last), "cadence", "step")
        if max(sums["delivered"], sums["calls"]) >= FEWEST
    ]
    rows.sort(key=lambda row: (-float(row[2] or 0), -float(row[4] or 0), str(row[0])))
    columns = (
        Column("Step", "text"),
        Column("Delivered"),
        Column("Reply rate", "rate", bar=True),
        Column("Calls"),
        Column("Connect rate", "rate"),
    )
    note = (
        f"Steps with at least {FEWEST} delivered emails or calls in the month, the {_STEPS} that earn most."
    )
    empty = f"No step had {FEWEST} emails or calls."
    return Section("Steps", note, table=Table(columns, tuple(rows[:_STEPS])), empty=empty)


def _opt_outs(frames: Frames, month: pd.DataFrame) -> Section:
    rows: list[Row] = [
        (
            name,
            sums["opt_outs"],
            sums["delivered"],
            ratio(1000 * sums["opt_outs"], sums["delivered"]),
        )
        for name, sums in by_whom(frames, month)
        if sums["delivered"] or sums["opt_outs"]
    ]
    columns = (
        Column(whom(frames), "text"),
        Column("Opt-outs"),
        Column("Delivered"),
        Column("per 1,000", "mean"),
    )
    note = "People who asked not to be contacted any more, beside the emails delivered in the month."
    return section("Opt-outs", note, columns, rows, by=1, empty="Nothing was delivered.")


def _coverage(frames: Frames) -> Section:
    rows: list[Row] = [
        (tier, sums["accounts"], sums["touched"], rate(sums["touched"], sums["accounts"]))
        for tier, sums in sums_by(frames.tables["coverage"], "tier")
    ]
    columns = (
        Column("Tier", "text"),
        Column("Accounts"),
        Column("Touched"),
        Column("Share", "rate", bar=True),
    )
    note = "Accounts with a person touched within 30 days of the load."
    return Section(
        "Coverage of accounts", note, table=Table(columns, tuple(rows)), empty="There are no accounts."
    )


def _restated(frames: Frames, first: date, last: date) -> Section:
    """Why last month's numbers moved: each day as it was first told, beside what it is now."""
    found = frames.between("restated", first, last)
    days = found.loc[found["told"] == 1, "day"].nunique()
    told, now = found[found["told"] == 1], found[found["told"] == 0]
    rows = tuple(
        (title, total(told, column), total(now, column), float(total(now, column) - total(told, column)))
        for title, column in _TOLD
    )
    columns = (Column("", "text"), Column("First told"), Column("Now"), Column("Change", "change"))
    note = f"Of {counted(days, 'day')} of the month, as the next morning counted them and as they are now."
    empty = "No day of the month was kept as it was first told: the pipeline began later."
    return Section(
        "As first told", note if days else "", table=Table(columns, rows if days else ()), empty=empty
    )
