"""daily_engagement a second time, by other means: lists of Python objects in, pandas sums out, no SQL.

Team (what happened)  ->  units: (instant, user, cadence, step, column, how many)  ->  frame, one row per day and key
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

ZONE = "America/New_York"
START, AS_OF = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)
KEY = ["engagement_date", "user_id", "cadence_id", "step_id"]
CADENCE = 10
CATEGORIES = {
    "Connected": "connected",
    " left voicemail": "voicemail",
    "Gone fishing": "other",
    None: "not_set",
}
Unit = tuple[datetime, int, int, int, str, int]


@dataclass(frozen=True)
class Mail:
    """One email, the rises of its counters (minutes later, views, clicks, replies), and replies the feed tells of."""

    user: int
    step: int | None
    person: int
    status: str
    mailing: bool
    sent_at: datetime
    tracked: bool
    bounced: bool
    deleted: bool
    rises: list[tuple[int, int, int, int]]
    told: list[int]

    @property
    def is_sent(self) -> bool:
        return self.status.startswith("sent") and not self.deleted and self.sent_at <= AS_OF

    @property
    def states(self) -> list[tuple[datetime, int, int, int]]:
        """Each rise with the instant at which it was seen."""
        states, moment = [], self.sent_at
        for minutes, views, clicks, replies in self.rises:
            moment += timedelta(minutes=minutes)
            states.append((moment, views, clicks, replies))
        return states

    @property
    def replies_told(self) -> list[datetime]:
        return sorted(self.sent_at + timedelta(minutes=minutes) for minutes in self.told)


@dataclass(frozen=True)
class Call:
    """One logged call and its legs: minutes later, outbound or not."""

    user: int
    step: int | None
    called_at: datetime
    disposition: str | None
    sentiment: str | None
    duration: int | None
    deleted: bool
    legs: list[tuple[int, bool]]


@dataclass(frozen=True)
class Meeting:
    """One meeting. `user` booked it, or nobody known did."""

    user: int | None
    step: int | None
    person: int
    booked_at: datetime
    days_until: int
    status: str
    canceled: bool
    no_show: bool
    deleted: bool

    @property
    def starts_at(self) -> datetime:
        return self.booked_at + timedelta(days=self.days_until)

    @property
    def is_booked(self) -> bool:
        return self.status == "booked" and not self.deleted

    @property
    def is_held(self) -> bool:
        return self.is_booked and not self.canceled and not self.no_show and self.starts_at <= AS_OF


@dataclass(frozen=True)
class Success:
    """One success and the touches that it took."""

    user: int
    step: int | None
    person: int
    succeeded_at: datetime
    touches: int
    deleted: bool


@dataclass(frozen=True)
class Membership:
    """A person put on the cadence, and once more so many minutes later."""

    user: int
    added_at: datetime
    again_after: int
    deleted: bool


@dataclass(frozen=True)
class Entry:
    """One entry of the feed: a step completed, of a type and perhaps skipped, or with no type an opt-out."""

    user: int
    step: int | None
    occurred_at: datetime
    step_type: str | None
    skipped: bool
    deleted: bool


@dataclass(frozen=True)
class Team:
    """Everything that happened."""

    mails: list[Mail]
    calls: list[Call]
    lone_legs: list[tuple[int, datetime]]
    meetings: list[Meeting]
    successes: list[Success]
    memberships: list[Membership]
    entries: list[Entry]


def daily(team: Team) -> pd.DataFrame:
    """Every count and rate by day and key; columns in no particular order, counts that nobody raised left out."""
    units = pd.DataFrame(
        list(_units(team)), columns=["at", "user_id", "cadence_id", "step_id", "column", "quantity"]
    )
    if units.empty:
        return pd.DataFrame(columns=KEY).set_index(KEY)
    units["engagement_date"] = pd.to_datetime(units["at"], utc=True).dt.tz_convert(ZONE).dt.date
    counts = units.pivot_table(index=KEY, columns="column", values="quantity", aggfunc="sum", fill_value=0)
    counts.columns.name = None
    return _with_rates(counts)


RATES = {
    "bounce_rate": ("emails_bounced", "emails_sent"),
    "open_rate": ("emails_opened", "emails_view_tracked"),
    "click_rate": ("emails_clicked", "emails_click_tracked"),
    "reply_rate": ("emails_replied", "emails_delivered"),
    "outcome_reply_rate": ("emails_replied_with_outcome", "emails_replied"),
    "connect_rate": ("calls_connected", "calls_logged"),
    "connect_rate_known": ("calls_connected", "calls_set"),
    "disposition_fill_rate": ("calls_set", "calls_logged"),
    "positive_rate": ("calls_positive", "calls_connected"),
    "meeting_held_rate": ("held_of_booked", "started_of_booked"),
    "opt_outs_per_1000": ("evt_opt_outs", "emails_delivered"),
    "touches_per_success": ("success_touches", "successes"),
}


def _with_rates(counts: pd.DataFrame) -> pd.DataFrame:
    rates = {}
    for rate, (part, whole) in RATES.items():
        parts, wholes = (counts.get(name, pd.Series(0, index=counts.index)) for name in (part, whole))
        rates[rate] = parts.div(wholes.where(wholes > 0)) * (1000 if rate == "opt_outs_per_1000" else 1)
    helpers = [name for pair in RATES.values() for name in pair if not _is_public(name)]
    return counts.drop(columns=helpers, errors="ignore").assign(**rates)


def _is_public(name: str) -> bool:
    return name not in {"calls_set", "held_of_booked", "started_of_booked", "success_touches"}


def _units(team: Team) -> Iterator[Unit]:
    outcomes = [(m.person, m.booked_at) for m in team.meetings if m.is_booked]
    outcomes += [(s.person, s.succeeded_at) for s in team.successes if not s.deleted]
    for mail in team.mails:
        if mail.is_sent:
            yield from _of_mail(mail, outcomes)
    for call in team.calls:
        yield from _of_call(call)
    for user, moment in team.lone_legs:
        yield (moment, user, -1, -1, "dials", 1)
    for meeting in team.meetings:
        yield from _of_meeting(meeting)
    for success in team.successes:
        if not success.deleted:
            for column, quantity in (("successes", 1), ("success_touches", success.touches)):
                yield (success.succeeded_at, success.user, *_place(success.step), column, quantity)
    for membership in team.memberships:
        yield from _of_membership(membership)
    for entry in team.entries:
        yield from _of_entry(entry)


def _place(step: int | None) -> tuple[int, int]:
    return (CADENCE, step) if step else (-1, -1)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def _of_mail(mail: Mail, outcomes: list[tuple[int, datetime]]) -> Iterator[Unit]:
    key = (mail.user, *_place(mail.step))
    for column, quantity in _cohort(mail, outcomes).items():
        yield (mail.sent_at, *key, column, int(quantity))
    for earliest, seen, column, quantity in _dated(mail):
        yield (seen, *key, column, quantity)
        if _day(earliest) != _day(seen):
            yield (seen, *key, "evt_inexact", quantity)


def _cohort(mail: Mail, outcomes: list[tuple[int, datetime]]) -> dict[str, int]:
    views, clicks, replies = (sum(rise[place] for rise in mail.rises) for place in (1, 2, 3))
    if mail.status == "sent_from_external":
        kind = "external"
    elif mail.step:
        kind = "cadence"
    else:
        kind = "bulk" if mail.mailing else "one_off"
    counts = {"emails_sent": 1, "total_touches": 1, f"emails_{kind}": 1}
    if mail.bounced:
        return counts | {"emails_bounced": 1}
    counts |= {"emails_delivered": 1}
    if mail.tracked:
        counts |= {
            "emails_view_tracked": 1,
            "emails_click_tracked": 1,
            "views_total": views,
            "clicks_total": clicks,
        }
        counts |= {"emails_opened": min(views, 1), "emails_clicked": min(clicks, 1)}
    if replies:
        first = min(mail.replies_told or [seen for seen, *rise in mail.states if rise[2]])
        followed = any(
            person == mail.person and first <= moment <= first + timedelta(days=14)
            for person, moment in outcomes
        )
        counts |= {
            "emails_replied": 1,
            "replies_total": replies,
            "emails_replied_with_outcome": int(followed),
        }
    return counts


def _dated(mail: Mail) -> Iterator[tuple[datetime, datetime, str, int]]:
    """Units of the evt_ columns: the earliest instant at which it can have been, the one it is dated by."""
    seen = [moment for moment, *_ in mail.states]
    if mail.bounced:
        yield (mail.sent_at, seen[0] if seen else mail.sent_at, "evt_bounces", 1)
        return
    told, replies = mail.replies_told, 0
    for earliest, (moment, views, clicks, more) in zip([mail.sent_at, *seen], mail.states, strict=False):
        if mail.tracked:
            yield (earliest, moment, "evt_views", views)
            yield (earliest, moment, "evt_clicks", clicks)
        for number in range(replies, replies + more):
            exact = told[number] if number < len(told) else None
            yield (exact or earliest, exact or moment, "evt_replies", 1)
        replies += more


def _of_call(call: Call) -> Iterator[Unit]:
    key = (call.user, *_place(call.step))
    for minutes, outbound in call.legs:
        yield (call.called_at + timedelta(minutes=minutes), *key, "dials", int(outbound))
    if call.deleted:
        return
    category = CATEGORIES[call.disposition]
    columns = {
        "calls_logged": 1,
        "total_touches": 1,
        "talk_seconds": call.duration or 0,
        "dials": 0 if call.legs else 1,
        "calls_set": int(category != "not_set"),
        "calls_positive": int(category == "connected" and call.sentiment == "Interested"),
    }
    if category != "other":
        columns[f"calls_{category}"] = 1
    for column, quantity in columns.items():
        yield (call.called_at, *key, column, quantity)


def _of_meeting(meeting: Meeting) -> Iterator[Unit]:
    if not meeting.is_booked:
        return
    key = (meeting.user or -1, *_place(meeting.step))
    yield (meeting.booked_at, *key, "meetings_booked", 1)
    yield (meeting.booked_at, *key, "held_of_booked", int(meeting.is_held))
    yield (meeting.booked_at, *key, "started_of_booked", int(meeting.starts_at <= AS_OF))
    if meeting.is_held or meeting.no_show:
        yield (meeting.starts_at, *key, "meetings_held" if meeting.is_held else "meetings_no_show", 1)


def _of_membership(membership: Membership) -> Iterator[Unit]:
    if membership.deleted:
        return
    key = (membership.user, CADENCE, -1, "people_added", 1)
    yield (membership.added_at + timedelta(minutes=membership.again_after), *key)
    # Times within ten minutes of each other are one.
    if membership.again_after > 10:
        yield (membership.added_at, *key)


def _of_entry(entry: Entry) -> Iterator[Unit]:
    if entry.deleted:
        return
    key = (entry.occurred_at, entry.user, *_place(entry.step))
    if entry.step_type is None:
        yield (*key, "evt_opt_outs", 1)
    elif entry.step_type in ("other", "integration") and not entry.skipped:
        yield (*key, "other_touches", 1)
        yield (*key, "total_touches", 1)
