"""The daily digest: what the last working day brought, beside what such a day usually brings."""

from __future__ import annotations

from datetime import date, timedelta

from salesloft_pipeline.report.edition import MATURE_DAYS, Edition
from salesloft_pipeline.report.figures import WEEK, by_whom, grouped, rate, sums_by, total, whom
from salesloft_pipeline.report.frames import Frames
from salesloft_pipeline.report.model import Chart, Column, Content, Section, Table, Tile
from salesloft_pipeline.report.words import counted, long_day, short_day, span, written

_WEEKS = 4
_FIRST = 5
# METRICS: a sender with so many emails in a week, of which more than so many bounce, burns the domain.
_ALARM_SENT, _ALARM_RATE = 50, 0.05
_COUNTS = (
    ("Emails sent", "sent"),
    ("Calls logged", "calls"),
    ("Calls connected", "connected"),
    ("Replies received", "replies"),
    ("Meetings booked", "booked"),
    ("Meetings held", "held"),
    ("No-shows", "no_show"),
    ("Successes", "successes"),
    ("Opt-outs", "opt_outs"),
)


def daily(frames: Frames, edition: Edition) -> Content:
    """The digest. No rate of what happened on one day is in it: such a rate means nothing."""
    day = _day(frames, edition)
    return Content(
        f"Sales engagement, {long_day(day)}",
        f"{day:%a} {short_day(day)}",
        f"Usual {day:%A}",
        tuple(_tile(frames, day, title, column) for title, column in _COUNTS),
        (_reply_rate(frames), *_overdue(frames)),
        (_four_weeks(frames, day), _leaders(frames, day), _alarms(frames)),
    )


def _day(frames: Frames, edition: Edition) -> date:
    over = min(edition.date, frames.build.as_of_date)
    working = [day for day in frames.working_days if day < over]
    return working[-1] if working else over - timedelta(days=1)


def _tile(frames: Frames, day: date, title: str, column: str) -> Tile:
    same = [day - WEEK * back for back in range(1, _WEEKS + 1)]
    same = [each for each in same if frames.first_day and each >= frames.first_day]
    before = sum(total(frames.between("work", each, each), column) for each in same)
    usual = before / len(same) if same else None
    return Tile(title, total(frames.between("work", day, day), column), "count", usual)


def _reply_rate(frames: Frames) -> str:
    last = frames.build.as_of_date - timedelta(days=MATURE_DAYS)
    first = last - WEEK + timedelta(days=1)
    now, before = frames.between("work", first, last), frames.between("work", first - WEEK, last - WEEK)
    rates = [
        written(rate(total(each, "replied"), total(each, "delivered")), "rate") for each in (now, before)
    ]
    return (
        f"Reply rate of emails sent {span(first, last)}, which have matured: {rates[0]} of "
        f"{total(now, 'delivered'):,} delivered (the week before: {rates[1]})."
    )


def _overdue(frames: Frames) -> tuple[str, ...]:
    """One sentence, or none before the first snapshot."""
    days = dict(sums_by(frames.tables["backlog"], "day"))
    if not days:
        return ()
    newest = max(days)
    now, before = days[newest], days.get(newest - WEEK)
    text = f"Overdue on {short_day(newest)}: {counted(now['actions'], 'action')} and {counted(now['tasks'], 'task')}"
    earlier = f"; a week before {before['actions']:,} and {before['tasks']:,}" if before else ""
    return (f"{text}{earlier}.",)


def _four_weeks(frames: Frames, day: date) -> Section:
    days = [day - timedelta(days=back) for back in reversed(range(7 * _WEEKS))]
    work = grouped(frames.between("work", days[0], day), "day").reindex(days, fill_value=0)
    work["other"] = work["touches"] - work["sent"] - work["calls"]
    series = {
        title: tuple(int(count) for count in work[column])
        for title, column in (("Emails", "sent"), ("Calls", "calls"), ("Other touches", "other"))
    }
    text = f"Touches by day from {short_day(days[0])} to {short_day(day)}, {total(work, 'touches'):,} in all."
    chart = Chart("stacked", tuple(map(short_day, days)), series, "count", text)
    return Section("Four weeks of touches", chart=chart)


def _leaders(frames: Frames, day: date) -> Section:
    rows = [
        (name, sums["touches"], sums["sent"], sums["calls"], sums["replies"], sums["booked"])
        for name, sums in by_whom(frames, frames.between("work", day, day))
        if sums["touches"]
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    columns = (
        Column(whom(frames), "text"),
        Column("Touches", bar=True),
        Column("Emails"),
        Column("Calls"),
        Column("Replies"),
        Column("Meetings"),
    )
    title = "Teams" if frames.team is None else "Top five"
    return Section(
        title,
        "Replies are those that arrived on the day, whenever the email was sent.",
        table=Table(columns, tuple(rows[:_FIRST])),
        empty=f"Nothing was logged on {short_day(day)}.",
    )


def _alarms(frames: Frames) -> Section:
    last = frames.build.through
    week = frames.between("work", last - WEEK + timedelta(days=1), last)
    rows = [
        (_sender(frames, rep, team), sums["sent"], sums["bounced"], sums["bounced"] / sums["sent"])
        for (rep, team), sums in sums_by(week, "rep", "team")
        if sums["sent"] >= _ALARM_SENT and sums["bounced"] > _ALARM_RATE * sums["sent"]
    ]
    rows.sort(key=lambda row: (-row[3], row[0]))
    columns = (
        Column("Sender", "text"),
        Column("Sent"),
        Column("Bounced"),
        Column("Bounce rate", "rate", alarm=_ALARM_RATE),
    )
    return Section(
        "Bounce alarm",
        f"Senders of at least {_ALARM_SENT} emails within seven days, of which more than 5% bounced.",
        table=Table(columns, tuple(rows)),
        empty="Nobody.",
    )


def _sender(frames: Frames, rep: int, team: int) -> str:
    """Everybody learns that there is one; who it is stands in the report of the team."""
    return f"A sender of {frames.named('team', team)}" if frames.team is None else frames.named("rep", rep)
