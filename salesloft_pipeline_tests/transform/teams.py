"""Any team's weeks, as hypothesis draws them, and the raw rows that SalesLoft would have shown of all this."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from salesloft_pipeline_tests.transform.rows import Row
from salesloft_pipeline_tests.transform.twin import (
    AS_OF,
    CADENCE,
    CATEGORIES,
    START,
    Call,
    Entry,
    Mail,
    Meeting,
    Membership,
    Success,
    Team,
)

USERS = {number: f"54713f8f-6283-453f-84da-27e28223e8c{number}" for number in (7, 8)}

users, people = st.sampled_from(sorted(USERS)), st.integers(50, 53)
steps = st.sampled_from([101, 102, None])
gone = st.sampled_from([False, False, False, True])
# Beyond as_of too: what is dated in the future was not sent.
moments = st.integers(0, 8 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
teams = st.builds(
    Team,
    mails=st.lists(
        st.builds(
            Mail,
            user=users,
            step=steps,
            person=people,
            status=st.sampled_from(["sent", "sent", "sent_from_gmail", "sent_from_external", "failed"]),
            mailing=st.booleans(),
            sent_at=moments,
            tracked=st.booleans(),
            bounced=gone,
            deleted=gone,
            rises=st.lists(
                st.tuples(st.integers(1, 4000), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
                max_size=3,
            ),
            told=st.lists(st.integers(1, 4000), max_size=2, unique=True),
        ),
        max_size=20,
    ),
    calls=st.lists(
        st.builds(
            Call,
            user=users,
            step=steps,
            called_at=moments,
            disposition=st.sampled_from(list(CATEGORIES)),
            sentiment=st.sampled_from(["Interested", "Not Interested", None]),
            duration=st.sampled_from([None, 0, 60]),
            deleted=gone,
            legs=st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=2),
        ),
        max_size=8,
    ),
    lone_legs=st.lists(st.tuples(users, moments), max_size=3),
    meetings=st.lists(
        st.builds(
            Meeting,
            user=st.sampled_from([*USERS, None]),
            step=steps,
            person=people,
            booked_at=moments,
            days_until=st.integers(0, 5),
            status=st.sampled_from(["booked", "booked", "failed"]),
            canceled=gone,
            no_show=gone,
            deleted=gone,
        ),
        max_size=5,
    ),
    successes=st.lists(
        st.builds(
            Success,
            user=users,
            step=steps,
            person=people,
            succeeded_at=moments,
            touches=st.integers(0, 9),
            deleted=gone,
        ),
        max_size=4,
    ),
    memberships=st.lists(
        st.builds(
            Membership,
            user=users,
            added_at=moments,
            again_after=st.sampled_from([0, 10, 11, 3000]),
            deleted=gone,
        ),
        max_size=5,
    ),
    entries=st.lists(
        st.builds(
            Entry,
            user=users,
            step=steps,
            occurred_at=moments,
            step_type=st.sampled_from(["other", "integration", "email", None]),
            skipped=st.booleans(),
            deleted=gone,
        ),
        max_size=5,
    ),
)


def raw_rows(team: Team) -> Iterator[Row]:
    """What SalesLoft would have shown of all this."""
    for number, guid in USERS.items():
        yield _row("users", number, guid=guid, name=f"Rep {number}", active=True)
    for number, mail in enumerate(team.mails):
        yield from _mail_rows(number, mail)
    for number, call in enumerate(team.calls):
        yield from _call_rows(number, call)
    for number, (user, moment) in enumerate(team.lone_legs, start=5000):
        yield _row("call_data_records", number, created_at=moment, direction="outbound", user_id=user)
    for number, meeting in enumerate(team.meetings):
        yield _row(
            "meetings", number, meeting.deleted, created_at=meeting.booked_at, start_time=meeting.starts_at,
            status=meeting.status, canceled_at=AS_OF if meeting.canceled else None, no_show=meeting.no_show,
            owned_by_user_id=USERS.get(meeting.user or 0), person_id=meeting.person, **_step(meeting.step),
        )  # fmt: skip
    for number, success in enumerate(team.successes):
        where = {f"latest_{name}": value for name, value in _step(success.step).items()}
        yield _row(
            "successes", number, success.deleted, succeeded_at=success.succeeded_at, user_id=success.user,
            person_id=success.person, counts_total_calls=success.touches, **where,
        )  # fmt: skip
    for number, member in enumerate(team.memberships):
        added = member.added_at + timedelta(minutes=member.again_after)
        yield _row(
            "cadence_memberships", number, member.deleted, created_at=member.added_at, added_at=added,
            updated_at=added, user_id=member.user, person_id=60 + number, cadence_id=CADENCE,
        )  # fmt: skip
    for number, entry in enumerate(team.entries):
        yield _entry_row(number, entry)


def _row(table: str, number: int | str, deleted: bool = False, **values: Any) -> Row:
    return Row(table, {"id": number, "_deleted_at": AS_OF if deleted else None, **values})


def _step(step: int | None) -> dict[str, int | None]:
    return {"step_id": step, "cadence_id": CADENCE if step else None}


def _mail_rows(number: int, mail: Mail) -> Iterator[Row]:
    names = ("counts_views", "counts_clicks", "counts_replies")
    state: dict[str, Any] = {"bounced": mail.bounced, "updated_at": mail.sent_at} | dict.fromkeys(names, 0)
    for moment, *added in mail.states:
        totals = {name: state[name] + more for name, more in zip(names, added, strict=True)}
        state = state | totals | {"updated_at": moment}
        version = {"version_id": f"{number}-{moment}", "id": number, "observed_at": moment, "source": "poll"}
        yield Row("emails_versions", version | state)
    yield _row(
        "emails", number, mail.deleted, sent_at=mail.sent_at, status=mail.status, view_tracking=mail.tracked,
        click_tracking=mail.tracked, user_id=mail.user, recipient_id=mail.person,
        mailing_id=55 if mail.mailing else None, _synced_at=state["updated_at"], _source="poll",
        **_step(mail.step), **state,
    )  # fmt: skip
    for place, moment in enumerate(mail.replies_told):
        yield _feed(f"email_reply-{number}{place}", "email_reply", moment, f'{{"email_id": {number}}}')


def _call_rows(number: int, call: Call) -> Iterator[Row]:
    yield _row(
        "calls", number, call.deleted, created_at=call.called_at, disposition=call.disposition,
        sentiment=call.sentiment, duration=call.duration, user_id=call.user, **_step(call.step),
    )  # fmt: skip
    for place, (minutes, outbound) in enumerate(call.legs):
        yield _row(
            "call_data_records", 10 * number + place, created_at=call.called_at + timedelta(minutes=minutes),
            direction="outbound" if outbound else "inbound", call_id=number, user_id=8,
        )  # fmt: skip


def _feed(number: str, kind: str, moment: datetime, static: str, **values: Any) -> Row:
    return _row("activity_histories", number, type=kind, occurred_at=moment, static_data=static, **values)


def _entry_row(number: int, entry: Entry) -> Row:
    place = f', "cadence_id": {CADENCE}, "step_id": {entry.step}' if entry.step else ""
    kind = "completed_action" if entry.step_type else "dnc_event"
    static = f'{{"step_type": "{entry.step_type}", "skipped": {str(entry.skipped).lower()}{place}}}'
    row = _feed(f"{kind}-{number}", kind, entry.occurred_at, static, user_guid=USERS[entry.user])
    return Row(row.table, row.values | {"_deleted_at": AS_OF if entry.deleted else None})


TABLES = (
    "users", "emails", "emails_versions", "calls", "call_data_records", "meetings", "successes",
    "cadence_memberships", "activity_histories",
)  # fmt: skip
