"""A small world: two reps, two teams, one cadence of three steps, some weeks of November 2026. Zone New York."""

from __future__ import annotations

from datetime import date, timedelta

from salesloft_pipeline.transform import BuildReport
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    Row,
    action,
    activity,
    at,
    built,
    call,
    email,
    email_version,
    meeting,
    membership,
    record,
    reply,
    success,
    task,
    user,
    user_version,
)

AS_OF = date(2026, 11, 20)
ANN, BOB = (f"54713f8f-6283-453f-84da-27e28223e8c{number}" for number in (7, 8))
PEOPLE = (50, 51, 52)


def _office() -> list[Row]:
    return [
        user(
            7,
            name="Ann",
            guid=ANN,
            group_id=2,
            updated_at="11-10 12:00",
            time_zone="Eastern Time (US & Canada)",
        ),
        user_version(7, "10-01 12:00", name="Ann", group_id=1),
        user_version(7, "11-10 12:00", name="Ann", group_id=2),
        user(8, name="Bob", guid=BOB, group_id=1, time_zone="Europe/Berlin"),
        record("groups", 1, name="East"),
        record("groups", 2, name="West"),
        record("cadences", 10, name="Outbound", owner_id=7),
        record("steps", 101, cadence_id=10, name="First mail", type="email", day=1, step_number=1),
        record("steps", 102, cadence_id=10, name="Call", type="phone", day=3, step_number=1),
        record("steps", 103, cadence_id=10, name="Visit", type="other", day=3, step_number=2),
        *(
            record(
                "people",
                number,
                display_name=f"P{number}",
                email_address=f"p{number}@acme.test",
                account_id=5,
                success_count=1 if number == 50 else 0,
            )
            for number in PEOPLE
        ),
        record("accounts", 5, name="Acme", account_tier_id=1),
        record("accounts", 6, name="Bolt", account_tier_id=2),
        *(record("account_tiers", number, name=f"Tier {number}") for number in (1, 2)),
    ]


def _mail() -> list[Row]:
    """Ann writes to three people and one answers; Bob's sixty letters bounce once in ten."""
    step = {"cadence_id": 10, "step_id": 103}
    return [
        email(1, "11-09 15:00", replies=1, views=2, updated_at="11-10 15:00", person=50),
        email_version(1, "11-09 15:00"),
        email_version(1, "11-10 15:00", replies=1, views=2),
        reply("email_reply-1", 1, "11-10 14:00"),
        email(2, "11-09 15:00", person=51),
        email(3, "11-11 15:00", person=52, updated_at="11-19 15:00"),
        *(
            email(100 + n, "11-16 15:00", user=8, person=None, cadence=None, step=None, bounced=n % 10 == 0)
            for n in range(60)
        ),
        activity("completed_action-1", "completed_action", "11-12 15:00", guid=ANN, static=step),
    ]


def _outcomes() -> list[Row]:
    return [
        *(
            membership(n, "11-09 14:00", person=person, counts_sent_emails=1)
            for n, person in enumerate(PEOPLE, start=1)
        ),
        call(1, "Connected", "Interested", 120, called_at="11-12 16:00", step=102),
        call(2, "No Answer", None, None, called_at="11-12 17:00", step=102, person=51),
        call(3, None, None, 30, called_at="11-12 18:00", user=8, step=102, person=52),
        meeting(1, "11-12 16:05", "11-13 16:00", booked_by=ANN),
        meeting(2, "11-12 16:05", "11-13 16:00", booked_by=ANN, person=51, no_show=True),
        meeting(3, "11-12 16:05", "12-13 16:00", booked_by=ANN, person=52, canceled_at="11-14 12:00"),
        success(1, "11-13 17:00", emails=1, calls=1, others=1),
    ]


def _waiting() -> list[Row]:
    """Three actions open, two of them overdue, and a task that is."""
    return [
        action(1, "11-20 00:00"),
        action(2, "11-19 00:00"),
        action(3, "11-17 00:00", user=8, kind="phone"),
        action(4, "11-17 00:00", closed_at="11-18 00:00"),
        task(1, "2026-11-18"),
        task(2, "2026-11-18", completed_at="11-18 12:00"),
    ]


def build_world(warehouse: Warehouse) -> BuildReport:
    """Fill the raw tables with the world and build the mart as of the morning of AS_OF."""
    report = built(warehouse, *_office(), *_mail(), *_outcomes(), *_waiting(), as_of=f"{AS_OF} 10:00")
    synced = at(f"{AS_OF} 10:00")
    warehouse.execute(
        "insert into ops.sync_log values ('r1', 'emails', $1, $2, 'done', 65, 0, 1, 1, null, 'sync')",
        [synced - timedelta(minutes=1), synced],
    )
    return report
