"""The marts above the daily one: whom they count, over which days, and that they agree with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from salesloft_pipeline.transform import MARTS
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    at,
    built,
    call,
    email,
    meeting,
    membership,
    record,
    success,
    user,
    user_version,
)
from salesloft_pipeline_tests.transform.world import ANN

SUMS = ("emails_sent", "emails_replied", "evt_clicks", "calls_logged", "dials", "meetings_held", "successes")


def sums(warehouse: Warehouse, table: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(f"cast(sum({name}) as bigint)" for name in SUMS)
    return warehouse.query(f"select {columns} from mart.{table}")


def test_wider_marts_agree_with_the_daily_one(built_warehouse: Warehouse) -> None:
    """By user or by cadence, the same events add up to the same numbers."""
    expected = sums(built_warehouse, "daily_engagement")
    assert sums(built_warehouse, "daily_user_engagement") == expected
    assert sums(built_warehouse, "daily_cadence_engagement") == expected
    counted = "select cast(sum(emails_sent) as bigint), cast(sum(emails_replied) as bigint) from mart."
    mail = [expected[0][:2]]
    assert built_warehouse.query(f"{counted}step_performance") == mail
    assert built_warehouse.query(f"{counted}template_performance") == mail
    columns = {mart.name: mart.columns for mart in MARTS}
    counts = [
        name for name in columns["daily_engagement"][4:] if not name.endswith(("_rate", "_per_success"))
    ]
    for wider in ("daily_user_engagement", "daily_cadence_engagement"):
        missing = set(counts) - set(columns[wider]) - {"opt_outs_per_1000", "connect_rate_known"}
        assert not missing


def test_a_user_has_every_day_of_being_active(warehouse: Warehouse) -> None:
    """From the first activity or the account's making until the load; after leaving, only days with something."""
    built(
        warehouse,
        record(
            "users", 7, name="Ann", active=True, updated_at=at("02-01 00:00"), _synced_at=at("02-01 00:00")
        ),
        user(8, created_at=at("03-06 15:00")),
        user(9, active=False, updated_at="03-04 15:00"),
        user_version(9, "02-01 00:00"),
        email(1, "03-02 15:00"),
        email(2, "03-03 15:00", user=9),
        email(3, "03-06 15:00", user=9),
        as_of="03-08 15:00",
    )
    days: dict[int, list[int]] = {}
    for day, number in warehouse.query(
        "select engagement_date, user_id from mart.daily_user_engagement order by 2, 1"
    ):
        days.setdefault(number, []).append(day.day)
    assert days == {7: [2, 3, 4, 5, 6, 7, 8], 8: [6, 7, 8], 9: [3, 6]}
    found = warehouse.query(
        "select is_working_day, is_active_user, emails_sent, people_emailed from mart.daily_user_engagement "
        "where user_id in (7, 9) and engagement_date in (date '2026-03-02', date '2026-03-06', date '2026-03-07') "
        "order by user_id, engagement_date"
    )
    assert found == [
        (True, True, 1, 1),
        (True, True, 0, 0),
        (False, True, 0, 0),
        (True, False, 1, 1),
    ]


def test_people_count_once_a_day(warehouse: Warehouse) -> None:
    """Engaged is a reply, a click, a connect, a meeting or a success, whatever their number; an open is not."""
    built(
        warehouse,
        user(7, guid=ANN),
        email(1, views=2, clicks=2, replies=1, person=50, updated_at="03-02 18:00"),
        email(2, person=50),
        email(3, views=5, person=51, updated_at="03-02 18:00"),
        call(1, "Connected", person=52),
        call(2, "No Answer", person=53, cadence=11),
        meeting(1, booked_by=ANN, person=50),
        success(1, person=54),
        as_of="03-02 23:00",
    )
    people = "people_emailed, people_called, people_engaged"
    assert warehouse.query(f"select user_id, {people} from mart.daily_user_engagement") == [(7, 2, 2, 3)]
    assert warehouse.query(f"select cadence_id, {people} from mart.daily_cadence_engagement order by 1") == [
        (10, 2, 1, 3),
        (11, 0, 1, 0),
    ]


def test_cadences_by_month_of_adding(warehouse: Warehouse) -> None:
    """Each time of being added is one, in its month, with what came of it before the next."""
    built(
        warehouse,
        membership(1, "04-09 12:00", created_at="03-02 12:00"),
        membership(2, "03-03 12:00", person=51),
        membership(3, "03-04 12:00", person=52, deleted_at="03-05 00:00"),
        email(1, "03-02 18:00", replies=1, updated_at="03-03 12:00"),
        email(2, "03-03 18:00", person=51),
        success(1, "04-10 12:00"),
        call(1, called_at="04-09 13:00"),
    )
    assert warehouse.query("select * from mart.cadence_performance") == [
        (10, date(2026, 3, 1), 2, 2, 1, 0, 0, 2, 0, 6.0, 0.5, 0.0, 0.0),
        (10, date(2026, 4, 1), 1, 0, 0, 0, 1, 0, 1, 1.0, None, 0.0, 1.0),
    ]


def test_a_mean_does_not_know_the_order_of_its_rows(warehouse: Warehouse) -> None:
    """To the last digit, since a mart changed in place, whose rows lie otherwise, has to equal a whole build."""
    built(warehouse, *(membership(number, "03-02 12:00", person=number) for number in range(1, 31)))
    warehouse.execute(
        "update mart.fct_cadence_enrollment set hours_to_first_touch = power(membership_id, 2) / 3600"
    )
    warehouse.execute("create table all_rows as select * from mart.fct_cadence_enrollment")
    (sql,) = [mart.sql for mart in MARTS if mart.name == "cadence_performance"]
    means = []
    for order in ("asc", "desc"):
        warehouse.execute("delete from mart.fct_cadence_enrollment")
        warehouse.execute(
            f"insert into mart.fct_cadence_enrollment select * from all_rows order by membership_id {order}"
        )
        means += warehouse.query(f"select mean_hours_to_first_touch from ({sql}) found")
    assert means[0] == means[1]


def test_steps_and_templates_by_week(warehouse: Warehouse) -> None:
    """Mail counts in the week of sending, by step and by template; -1 is mail without a template."""
    built(
        warehouse,
        record("email_templates", 900, title="Hello", template_owner_id=77),
        email(1, "03-02 15:00", replies=1, email_template_id=900, updated_at="03-12 15:00"),
        email(2, "03-08 15:00", bounced=True, email_template_id=900),
        email(3, "03-09 15:00", email_template_id=901, step=102),
        email(4, "03-09 15:00", cadence=None, step=None),
        call(1, "Connected", called_at="03-10 15:00", step=102),
    )
    week_1, week_2 = date(2026, 3, 2), date(2026, 3, 9)
    assert warehouse.query(
        "select cadence_id, step_id, week_start, emails_sent, emails_replied, calls_logged, reply_rate, connect_rate "
        "from mart.step_performance"
    ) == [
        (-1, -1, week_2, 1, 0, 0, 0.0, None),
        (10, 101, week_1, 2, 1, 0, 1.0, None),
        (10, 102, week_2, 1, 0, 1, 0.0, 1.0),
    ]
    assert warehouse.query(
        "select template_id, week_start, emails_sent, bounce_rate, reply_rate from mart.template_performance"
    ) == [(-1, week_2, 1, 0.0, 0.0), (900, week_1, 2, 0.5, 1.0), (901, week_2, 1, 0.0, 0.0)]
    assert warehouse.query(
        "select template_id, title, owner_user_id, is_inferred from mart.dim_email_template"
    ) == [
        (-1, "No template", -1, False),
        (900, "Hello", 77, False),
        (901, "Template 901", -1, True),
    ]
    assert warehouse.query("select user_name from mart.dim_user where user_id = 77") == [("User 77",)]


def test_people_and_accounts_as_of_the_load(warehouse: Warehouse) -> None:
    """Last touch, touches since the last reply; how much of an account is touched, and how many answered."""
    built(
        warehouse,
        *(record("people", number, account_id=5) for number in (50, 51, 52)),
        record("people", 53, account_id=5, _deleted_at=at("03-01 00:00")),
        record("people", 54, account_id=6),
        record("accounts", 5, name="Acme", account_tier_id=1),
        record("accounts", 6, name="Idle"),
        record("accounts", 7, name="Gone", _deleted_at=at("03-01 00:00")),
        record("account_tiers", 1, name="Tier 1"),
        email(1, "03-02 15:00", replies=1, updated_at="03-03 15:00"),
        email(2, "03-05 15:00"),
        call(1, "Connected", called_at="03-06 15:00", person=51),
        email(3, "01-05 15:00", person=52),
        as_of="03-20 15:00",
    )
    columns = "last_touch_at, last_reply_at, touches, touches_since_last_reply, replies_90d, connects_90d"
    nothing: tuple[datetime | None, ...] = (None, None)
    assert warehouse.query(f"select person_id, {columns} from mart.person_engagement") == [
        (50, at("03-05 15:00"), at("03-03 15:00"), 2, 1, 1, 0),
        (51, at("03-06 15:00"), None, 1, 1, 0, 1),
        (52, at("01-05 15:00"), None, 1, 1, 0, 0),
        (54, *nothing, 0, 0, 0, 0),
    ]
    assert warehouse.query("select * from mart.account_coverage") == [
        (5, date(2026, 3, 20), "Acme", "Tier 1", -1, 3, 2, 2, at("03-06 15:00"), False),
        (6, date(2026, 3, 20), "Idle", None, -1, 1, 0, 0, None, True),
    ]
