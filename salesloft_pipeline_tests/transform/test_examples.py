"""The worked examples that define the metrics: raw rows in, daily rows out, every column compared."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.transform import build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    Row,
    activity,
    at,
    built,
    call,
    email,
    email_version,
    fill,
    meeting,
    membership,
    record,
    reply,
    seed_folder,
    success,
    user,
    user_version,
)

GUID = "54713f8f-6283-453f-84da-e27e28223e8c"


def daily(warehouse: Warehouse) -> dict[tuple[Any, ...], dict[str, Any]]:
    """daily_engagement by key (day, user, cadence, step); of each row what is neither 0 nor NULL."""
    names = list(warehouse.columns("mart", "daily_engagement"))
    rows = warehouse.query("select * from mart.daily_engagement")
    return {
        (row[0].isoformat(), *row[1:4]): {
            name: value for name, value in zip(names[4:], row[4:], strict=True) if value
        }
        for row in rows
    }


def sums(warehouse: Warehouse, *names: str) -> tuple[Any, ...]:
    columns = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
    (found,) = warehouse.query(f"select {columns} from mart.daily_engagement")
    return tuple(int(value) for value in found)


def events(warehouse: Warehouse, kind: str) -> list[tuple[str, int, str]]:
    """Day, quantity and precision of the events of a kind, in order."""
    found = warehouse.query(
        "select event_date, quantity, date_precision from mart.fct_engagement_event "
        "where event_type = $1 order by event_at, event_id",
        [kind],
    )
    return [(day.isoformat(), quantity, precision) for day, quantity, precision in found]


def sent_per_day(warehouse: Warehouse) -> dict[str, int]:
    found = warehouse.query("select engagement_date, emails_sent from mart.daily_engagement order by 1")
    return {day.isoformat()[5:]: sent for day, sent in found}


KEY = (7, 10, 101)


def test_e01_rates_of_a_cohort(warehouse: Warehouse) -> None:
    """Opens count over tracked mail, replies over delivered mail, bounces over sent mail, once per email."""
    built(
        warehouse,
        email(1, views=3, clicks=1),
        email(2, views=2, replies=2),
        email(3, bounced=True),
        email(4, tracking=False, replies=1),
    )
    assert daily(warehouse) == {
        ("2026-03-02", *KEY): {
            "emails_sent": 4,
            "emails_bounced": 1,
            "emails_delivered": 3,
            "emails_view_tracked": 2,
            "emails_click_tracked": 2,
            "emails_opened": 2,
            "emails_clicked": 1,
            "emails_replied": 2,
            "emails_cadence": 4,
            "views_total": 5,
            "clicks_total": 1,
            "replies_total": 3,
            "evt_views": 5,
            "evt_clicks": 1,
            "evt_replies": 3,
            "evt_bounces": 1,
            "total_touches": 4,
            "bounce_rate": 0.25,
            "open_rate": 1.0,
            "click_rate": 0.5,
            "reply_rate": pytest.approx(2 / 3),
        }
    }


SENDS = [
    *("03-08 04:59:59", "03-08 05:00:00", "03-09 03:59:59", "03-09 04:00:00"),
    *("11-01 03:59:59", "11-01 04:00:00", "11-02 04:59:59", "11-02 05:00:00"),
]


@pytest.mark.parametrize(
    ("time_zone", "expected"),
    [
        ("America/New_York", {"03-07": 1, "03-08": 2, "03-09": 1, "10-31": 1, "11-01": 2, "11-02": 1}),
        ("UTC", {"03-08": 2, "03-09": 2, "11-01": 2, "11-02": 2}),
    ],
)
def test_e02_days_of_23_and_25_hours(warehouse: Warehouse, time_zone: str, expected: dict[str, int]) -> None:
    """A day is a calendar day of the reporting zone, however many hours it has."""
    built(warehouse, *(email(number, moment) for number, moment in enumerate(SENDS)), time_zone=time_zone)
    assert sent_per_day(warehouse) == expected


def test_e03_bounced_and_sent_again(warehouse: Warehouse) -> None:
    """They are two emails; a rate over nothing is NULL, a rate of nothing over something is 0."""
    built(
        warehouse,
        email(1, bounced=True, updated_at="03-02 15:20"),
        email(2, "03-03 16:00", views=1, updated_at="03-03 17:00"),
    )
    found = daily(warehouse)
    common = {"emails_sent": 1, "emails_cadence": 1, "total_touches": 1}
    assert found == {
        ("2026-03-02", *KEY): common | {"emails_bounced": 1, "evt_bounces": 1, "bounce_rate": 1.0},
        ("2026-03-03", *KEY): common
        | {"emails_delivered": 1, "emails_view_tracked": 1, "emails_click_tracked": 1, "emails_opened": 1}
        | {"views_total": 1, "evt_views": 1, "open_rate": 1.0},
    }
    rates = warehouse.query(
        "select open_rate, reply_rate, bounce_rate from mart.daily_engagement order by engagement_date"
    )
    assert rates == [(None, None, 1.0), (1.0, 0.0, 0.0)]


def test_e04_reply_three_days_later(warehouse: Warehouse) -> None:
    """The reply improves the cohort of the day of sending and counts as an event of its own day, once."""
    built(warehouse, email(1), email(2), email_version(1, "03-02 15:00"), email_version(2, "03-02 15:00"))
    assert warehouse.query("select emails_sent, emails_replied, reply_rate from mart.daily_engagement") == [
        (2, 0, 0.0)
    ]

    late: dict[str, Any] = {"replies": 1, "updated_at": "03-06 02:30"}
    versions = [
        email_version(1, "03-06 02:30", replies=1, source="webhook", seen_at="03-06 02:31"),
        email_version(1, "03-06 02:30", replies=1, source="poll", seen_at="03-06 02:35"),
    ]
    built(warehouse, email(1, **late), *versions)
    by_day = "select engagement_date, emails_sent, emails_replied, reply_rate, evt_replies from mart.daily_engagement order by 1"
    expected = [(date(2026, 3, 2), 2, 1, 0.5, 0), (date(2026, 3, 5), 0, 0, None, 1)]
    assert warehouse.query(by_day) == expected
    assert events(warehouse, "email_replied") == [("2026-03-05", 1, "interval")]

    built(warehouse, reply("email_reply-1", 1, "03-05 21:59"))
    assert warehouse.query(by_day) == expected
    assert events(warehouse, "email_replied") == [("2026-03-05", 1, "exact")]
    assert warehouse.query(
        "select source from mart.fct_engagement_event where event_type = 'email_replied'"
    ) == [("activity_history",)]


def test_e06_user_moved_left_and_unknown(warehouse: Warehouse) -> None:
    """Teams are those of the time; deactivated and unknown users keep their rows."""
    built(
        warehouse,
        user(7, active=False, group_id=2, updated_at="03-20 00:00"),
        user_version(7, "02-01 00:00", group_id=1),
        user_version(7, "03-05 12:00", group_id=2),
        user_version(7, "03-20 00:00", group_id=2, active=False),
        email(1, "03-05 11:59"),
        email(2, "03-05 12:00"),
        email(3, "03-25 12:00"),
        email(4, "03-25 12:00", user=99),
    )
    by_team = warehouse.query(
        "select h.group_id, count(*) from mart.fct_email f join mart.dim_user_history h on h.user_id = f.user_id "
        "and f.sent_at >= h.valid_from and f.sent_at < h.valid_to where f.is_sent group by 1 order by 1"
    )
    assert by_team == [(-1, 1), (1, 1), (2, 2)]
    sent = {key: row["emails_sent"] for key, row in daily(warehouse).items()}
    assert sent == {("2026-03-05", *KEY): 2, ("2026-03-25", *KEY): 1, ("2026-03-25", 99, 10, 101): 1}
    assert warehouse.query("select user_name, is_inferred from mart.dim_user where user_id = 99") == [
        ("User 99", True)
    ]


def test_e07_calls(warehouse: Warehouse) -> None:
    """A call without disposition counts in the denominator; positive needs a connect."""
    built(
        warehouse,
        call(1, "Connected", "Interested", 300),
        call(2, "Left Voicemail", None, 20),
        call(3),
        call(4, " connected ", "Not Interested", 60),
        call(5, "Left Voicemail", "Interested", 5),
    )
    assert daily(warehouse) == {
        ("2026-03-02", *KEY): {
            "calls_logged": 5,
            "calls_connected": 2,
            "calls_voicemail": 2,
            "calls_not_set": 1,
            "calls_positive": 1,
            "talk_seconds": 385,
            "dials": 5,
            "total_touches": 5,
            "connect_rate": 0.4,
            "connect_rate_known": 0.5,
            "disposition_fill_rate": 0.8,
            "positive_rate": 0.5,
        }
    }
    assert warehouse.query("select emails_sent, open_rate, reply_rate from mart.daily_engagement") == [
        (0, None, None)
    ]


def test_e09_counters_without_tracking(warehouse: Warehouse) -> None:
    """What cannot be tracked is no open, and no denominator either."""
    built(warehouse, email(1, tracking=False, views=4, clicks=2))
    assert daily(warehouse) == {
        ("2026-03-02", *KEY): {
            "emails_sent": 1,
            "emails_delivered": 1,
            "emails_cadence": 1,
            "total_touches": 1,
        }
    }
    rates = warehouse.query("select open_rate, click_rate, reply_rate from mart.daily_engagement")
    assert rates == [(None, None, 0.0)]


def test_e10_rising_and_falling_counter(warehouse: Warehouse) -> None:
    """Each rise over the highest value so far is an event; a drop and its recovery are none."""
    built(
        warehouse,
        email(1, views=6, updated_at="03-05 14:00"),
        email_version(1, "03-02 18:00", views=2),
        email_version(1, "03-04 14:00", views=5, source="webhook"),
        email_version(1, "03-04 14:00", views=5, seen_at="03-04 14:04"),
        email_version(1, "03-04 20:00", views=4),
        email_version(1, "03-05 14:00", views=6),
    )
    assert events(warehouse, "email_viewed") == [
        ("2026-03-02", 2, "day"),
        ("2026-03-04", 3, "interval"),
        ("2026-03-05", 1, "interval"),
    ]
    assert sums(warehouse, "evt_views", "views_total", "evt_inexact") == (6, 6, 4)
    assert warehouse.query(
        "select views, source, has_drop from mart.fct_email_version order by version_no"
    ) == [
        (2, "poll", False),
        (5, "webhook", False),
        (4, "poll", True),
        (6, "poll", False),
    ]


def test_e12_what_is_a_send(warehouse: Warehouse) -> None:
    """Only mail that left, whoever sent it and however."""
    outside: dict[str, Any] = {"cadence": None, "step": None}
    built(
        warehouse,
        email(1, status="scheduled"),
        email(2, status="failed"),
        email(3, None),
        email(4, status="cancelled"),
        email(5, "03-12 00:00"),
        email(6, status="sent_from_gmail", **outside),
        email(7, status="sent_from_external", **outside),
        email(8, mailing=55, **outside),
        as_of="03-11 00:00",
    )
    assert daily(warehouse) == {
        ("2026-03-02", 7, -1, -1): {
            "emails_sent": 3,
            "emails_delivered": 3,
            "emails_view_tracked": 3,
            "emails_click_tracked": 3,
            "emails_bulk": 1,
            "emails_external": 1,
            "emails_one_off": 1,
            "total_touches": 3,
        }
    }


def test_e14_success_undone(warehouse: Warehouse) -> None:
    """An undone success leaves the marts and stays in the fact."""
    successes = "select successes, touches_per_success from mart.daily_engagement"
    built(warehouse, success(1, emails=5, calls=2, others=1), success(2, emails=3))
    assert warehouse.query(successes) == [(2, 5.5)]
    built(warehouse, success(2, emails=3, deleted_at="03-04 00:00"))
    assert warehouse.query(successes) == [(1, 8.0)]
    assert warehouse.query("select success_id, is_deleted from mart.fct_success order by 1") == [
        (1, False),
        (2, True),
    ]


def test_e17_several_replies(warehouse: Warehouse) -> None:
    """The k-th reply is dated by the k-th feed entry, the rest by the version that showed them."""
    built(
        warehouse,
        email(1, replies=3, updated_at="03-09 15:00"),
        email_version(1, "03-03 15:00", replies=1),
        email_version(1, "03-09 15:00", replies=3),
        reply("email_reply-1", 1, "03-03 14:50"),
        reply("email_reply-2", 1, "03-07 10:00"),
    )
    assert events(warehouse, "email_replied") == [
        ("2026-03-03", 1, "exact"),
        ("2026-03-07", 1, "exact"),
        ("2026-03-09", 1, "interval"),
    ]
    assert sums(warehouse, "emails_replied", "replies_total", "evt_replies") == (1, 3, 3)


def test_e18_counter_moved_updated_at_did_not(warehouse: Warehouse) -> None:
    """A second content under the same updated_at is dated by its sighting."""
    built(
        warehouse,
        email(1, views=2, updated_at="03-02 15:05", _synced_at=at("03-04 18:00")),
        email_version(1, "03-02 15:05", seen_at="03-02 15:05"),
        email_version(1, "03-02 15:05", seen_at="03-04 18:00", views=2),
    )
    assert events(warehouse, "email_viewed") == [("2026-03-04", 2, "interval")]


def test_e19_events_add_up_to_totals(warehouse: Warehouse) -> None:
    """Over all days, events of a kind are exactly the total of the cohort family."""
    built(
        warehouse,
        email(1, views=3, clicks=2, replies=1, updated_at="03-05 12:00"),
        email(2, bounced=True, views=9, replies=4, updated_at="03-05 12:00"),
        email_version(2, "03-03 12:00", views=9, replies=4),
        email(3, tracking=False, views=7, updated_at="03-05 12:00"),
    )
    for kind, expected in (("views", 3), ("clicks", 2), ("replies", 1)):
        assert sums(warehouse, f"{kind}_total", f"evt_{kind}") == (expected, expected)


def test_e20_two_accounts_of_one_rep(warehouse: Warehouse, tmp_path: Path) -> None:
    """Facts keep both users; the alias rolls them up."""
    folder = seed_folder(tmp_path, ref_user_alias="user_id,canonical_user_id,note\n70,7,second mailbox\n")
    fill(warehouse, email(1, replies=1), email(2, user=70))
    build(warehouse, at("11-20 00:00"), "America/New_York", seed_folder=folder)
    assert warehouse.query("select user_id from mart.fct_email order by 1") == [(7,), (70,)]
    rolled_up = warehouse.query(
        "select u.canonical_user_id, cast(sum(e.emails_sent) as integer), "
        "cast(sum(e.emails_replied) as double precision) / nullif(sum(e.emails_delivered), 0) "
        "from mart.daily_engagement e join mart.dim_user u on u.user_id = e.user_id group by 1"
    )
    assert rolled_up == [(7, 2, 0.5)]


def test_e20_a_person_merged_into_another(warehouse: Warehouse, tmp_path: Path) -> None:
    """The loser is deleted in SalesLoft and keeps its facts; the alias tells who it is now."""
    folder = seed_folder(
        tmp_path, ref_person_alias="person_id,canonical_person_id,note\n51,50,merged\n52,50,never seen\n"
    )
    people = [record("people", 50), record("people", 51, _deleted_at=at("03-05 00:00"))]
    fill(warehouse, *people, email(1), email(2, person=51, replies=1), email(3, person=52))
    build(warehouse, at("11-20 00:00"), "America/New_York", seed_folder=folder)
    assert warehouse.query("select person_id from mart.fct_email order by email_id") == [(50,), (51,), (52,)]
    assert warehouse.query(
        "select p.canonical_person_id, count(*), count(*) filter (where e.was_replied) "
        "from mart.fct_email e join mart.dim_person p on p.person_id = e.person_id group by 1"
    ) == [(50, 3, 1)]


def test_e23_no_data(warehouse: Warehouse) -> None:
    """An empty warehouse has an empty mart, not an error."""
    built(warehouse)
    assert daily(warehouse) == {}
    ratio = warehouse.query(
        "select sum(emails_replied) / nullif(sum(emails_delivered), 0), coalesce(sum(emails_sent), 0) "
        "from mart.daily_engagement"
    )
    assert [(rate, int(total)) for rate, total in ratio] == [(None, 0)]


def test_a_bounce_is_one_event(warehouse: Warehouse) -> None:
    """At the first version that shows it, however often it is seen after."""
    built(
        warehouse,
        email(1, bounced=True, updated_at="03-06 12:00"),
        email_version(1, "03-03 12:00", bounced=True),
        email_version(1, "03-04 12:00", bounced=True, views=1),
    )
    assert events(warehouse, "email_bounced") == [("2026-03-03", 1, "interval")]


def test_the_counter_bounds_the_feed(warehouse: Warehouse) -> None:
    """Of more feed entries than the email counts replies, the earliest count."""
    built(
        warehouse,
        email(1, replies=1, updated_at="03-03 12:00"),
        reply("email_reply-1", 1, "03-05 12:00"),
        reply("email_reply-2", 1, "03-03 11:00"),
    )
    assert events(warehouse, "email_replied") == [("2026-03-03", 1, "exact")]


def test_meetings_count_when_booked_and_when_held(warehouse: Warehouse) -> None:
    """Booked on the day of booking, cancelled later or not; held and no-show on the day of the start."""
    built(
        warehouse,
        user(7, guid=GUID),
        meeting(1, booked_by=GUID),
        meeting(2, canceled_at="03-03 12:00", owned_by=GUID),
        meeting(3, no_show=True, booked_by=GUID),
        meeting(4, starts_at="2027-01-01 12:00", booked_by=GUID),
        meeting(5, status="failed", booked_by=GUID),
        meeting(6, booked_by=GUID, deleted_at="03-03 00:00"),
    )
    assert daily(warehouse) == {
        ("2026-03-02", *KEY): {"meetings_booked": 4, "meeting_held_rate": pytest.approx(1 / 3)},
        ("2026-03-04", *KEY): {"meetings_held": 1, "meetings_no_show": 1},
    }


def test_reply_with_outcome(warehouse: Warehouse) -> None:
    """A booked meeting or a success of the same person up to 14 days after the first reply makes it one."""

    def replied(number: int, person: int) -> Row:
        return email(number, replies=1, person=person, updated_at="03-03 12:00")

    built(
        warehouse,
        *(replied(number, number * 10) for number in (1, 2, 3, 4)),
        meeting(1, "03-17 12:00", person=10, cadence=None, step=None),
        success(1, "03-05 12:00", person=20),
        meeting(2, "03-17 12:01", person=30, cadence=None, step=None),
        meeting(3, "03-03 11:00", person=40, cadence=None, step=None),
    )
    (found,) = warehouse.query(
        "select emails_replied_with_outcome, outcome_reply_rate from mart.daily_engagement where emails_sent > 0"
    )
    assert found == (2, 0.5)


def test_touches_and_opt_outs_from_the_feed(warehouse: Warehouse) -> None:
    """Completed other and integration steps are touches; email and phone steps have their own facts."""
    on_step = {"cadence_id": 10, "step_id": 101}
    built(
        warehouse,
        user(7, guid=GUID),
        record("steps", 101, cadence_id=10, type="other"),
        record("steps", 102, cadence_id=10, type="phone"),
        email(1),
        activity("completed_action-1", "completed_action", "03-02 16:00", guid=GUID, static=on_step),
        activity(
            "completed_action-2",
            "completed_action",
            "03-02 16:00",
            guid=GUID,
            static=on_step | {"skipped": True},
        ),
        activity("completed_action-3", "completed_action", "03-02 16:00", guid=GUID, static={"step_id": 102}),
        activity("dnc_event-1", "dnc_event", "03-02 16:00", guid=GUID, static=on_step),
    )
    found = daily(warehouse)[("2026-03-02", *KEY)]
    assert {
        name: found[name] for name in ("other_touches", "total_touches", "evt_opt_outs", "opt_outs_per_1000")
    } == {
        "other_touches": 1,
        "total_touches": 2,
        "evt_opt_outs": 1,
        "opt_outs_per_1000": 1000.0,
    }


def test_people_added_again_count_again(warehouse: Warehouse) -> None:
    """Each time a person is put on a cadence counts on its day, at step -1."""
    built(
        warehouse,
        membership(1, "03-09 12:00", created_at="03-02 15:00"),
        membership(2, "03-02 15:00", person=51),
    )
    added = {key: row["people_added"] for key, row in daily(warehouse).items()}
    assert added == {("2026-03-02", 7, 10, -1): 2, ("2026-03-09", 7, 10, -1): 1}


def test_deleted_rows_stay_in_facts_and_leave_the_marts(warehouse: Warehouse) -> None:
    """Totals agree with SalesLoft, and nothing is forgotten."""
    built(
        warehouse,
        email(1, views=3, deleted_at="03-05 00:00"),
        call(1, "Connected", deleted_at="03-05 00:00"),
        membership(1, "03-02 15:00", deleted_at="03-05 00:00"),
    )
    assert daily(warehouse) == {}
    for fact in ("fct_email", "fct_call", "fct_cadence_membership", "fct_cadence_enrollment"):
        assert warehouse.query(f"select is_deleted from mart.{fact}") == [(True,)]
