"""Every check passes on a sound mart and fires on the fault it is there for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesloft_pipeline.transform import CHECKS, CheckResult, build, run_checks
from salesloft_pipeline.transform.checks import COUNTS, INTEGRITY, RATES, RELATIONS
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import at, email, fill, record
from salesloft_pipeline_tests.transform.world import AS_OF

NOW = at(f"{AS_OF} 10:05")
DAILY = "mart.daily_engagement"
SCHEDULES = {"emails": 300.0}


def failures(warehouse: Warehouse, *numbers: str) -> dict[tuple[str, str], CheckResult]:
    """What fails of the checks with these numbers, or of all."""
    asked = [check for check in CHECKS if not numbers or check.number in numbers]
    results = run_checks(warehouse, now=NOW, schedules=SCHEDULES, checks=asked)
    assert len(results) == len(asked)
    return {(result.number, result.table): result for result in results if not result.passed}


def test_a_sound_mart_passes(built_warehouse: Warehouse) -> None:
    """No false alarm."""
    assert failures(built_warehouse) == {}


def test_an_empty_mart_passes(warehouse: Warehouse) -> None:
    """Only the missing sync is reported."""
    build(warehouse, NOW, "UTC")
    assert set(failures(warehouse)) == {("Q14", "ops.sync_log")}


@pytest.mark.parametrize(
    ("number", "table", "fault", "example"),
    [
        (
            "Q01",
            "mart.dim_user",
            "insert into mart.dim_user select * from mart.dim_user where user_id = 7",
            "7",
        ),
        ("Q01", "mart.fct_call", "update mart.fct_call set call_id = null where call_id = 1", "NULL"),
        (
            "Q02",
            DAILY,
            f"insert into {DAILY} select * from {DAILY} where emails_bounced > 0",
            "2026-11-16/8/-1/-1",
        ),
        ("Q03", "mart.fct_engagement_event", "update mart.fct_engagement_event set quantity = 0", None),
        ("Q04", "mart.fct_email", "delete from mart.dim_step where step_id = 101", "step_id 101"),
        ("Q04", DAILY, "delete from mart.dim_user where user_id = 8", "user_id 8"),
        ("Q04", "mart.fct_call", "update mart.fct_call set person_id = null", "person_id NULL"),
        ("Q06", DAILY, f"update {DAILY} set open_rate = 1.01 where emails_bounced > 0", "2026-11-16/8/-1/-1"),
        ("Q06", DAILY, f"update {DAILY} set open_rate = cast('NaN' as double precision)", None),
        (
            "Q07",
            DAILY,
            f"update {DAILY} set emails_opened = 1000 where emails_bounced > 0",
            "2026-11-16/8/-1/-1",
        ),
        ("Q08", DAILY, f"update {DAILY} set dials = null where emails_bounced > 0", "2026-11-16/8/-1/-1"),
        (
            "Q08",
            DAILY,
            f"update {DAILY} set talk_seconds = -1 where emails_bounced > 0",
            "2026-11-16/8/-1/-1",
        ),
        ("Q09", DAILY, f"update {DAILY} set calls_logged = calls_logged + 1", "calls_logged"),
        (
            "Q10",
            DAILY,
            "delete from mart.fct_engagement_event where event_type = 'email_viewed'",
            "views of email 1",
        ),
        ("Q14", "ops.sync_log", "update ops.sync_log set outcome = 'failed'", "emails"),
        (
            "Q23",
            "mart.dim_user_history",
            "update mart.dim_user_history set is_current = true where user_id = 7",
            "7",
        ),
        (
            "Q23",
            "mart.dim_user_history",
            "update mart.dim_user_history set valid_to = valid_to + interval '1 day' where user_id = 7 and not is_current",
            "7",
        ),
    ],
)
def test_a_fault_is_found(
    built_warehouse: Warehouse, number: str, table: str, fault: str, example: str | None
) -> None:
    """The check of this number fires for this table, counts, and names a key."""
    built_warehouse.execute(fault)
    found = failures(built_warehouse, number)[number, table]
    assert found.offending_count >= 1
    assert len(found.examples) == min(found.offending_count, 5)
    assert example is None or found.examples[0] == example


FAULTS = [
    *(("Q06", f"{rate} = 1.01") for rate in RATES),
    *(("Q06", f"{rate} = -0.01") for rate in RATES),
    *(("Q07", f"{relation.split()[0]} = 1000") for relation in RELATIONS),
    *(("Q08", f"{count} = null") for count in COUNTS),
    *(("Q09", f"{column} = {column} + 1") for column, _ in INTEGRITY),
]


def test_no_column_is_forgotten(built_warehouse: Warehouse) -> None:
    """Every rate, relation, count and sum that a check lists is really looked at."""
    questions = {check.number: check.sql for check in CHECKS if check.table == DAILY}
    with built_warehouse.transaction() as sql:
        sql.execute(f"create table sound as select * from {DAILY}")
        for number, fault in FAULTS:
            sql.execute(f"update {DAILY} set {fault} where emails_bounced > 0")
            assert sql.query(questions[number]), (number, fault)
            sql.execute(f"delete from {DAILY}")
            sql.execute(f"insert into {DAILY} select * from sound")
        assert not any(sql.query(questions[number]) for number, _ in FAULTS)
        sql.execute("drop table sound")


def test_a_load_is_late_after_twice_its_schedule(built_warehouse: Warehouse) -> None:
    """Up to two intervals is in time, beyond is late."""
    synced = at(f"{AS_OF} 10:00")

    def late(age: timedelta) -> bool:
        results = run_checks(built_warehouse, now=synced + age, schedules=SCHEDULES)
        return any(result.number == "Q14" and not result.passed for result in results)

    assert not late(timedelta(seconds=600))
    assert late(timedelta(seconds=601))


def test_examples_hold_no_personal_data(built_warehouse: Warehouse) -> None:
    """With everything broken at once, no name and no address shows."""
    fill(built_warehouse, record("people", 60, display_name="Zoe Secret", email_address="zoe@secret.test"))
    fill(built_warehouse, email(9, person=60, recipient_email_address="zoe@secret.test"))
    build(built_warehouse, NOW, "UTC")
    for table in ("dim_person", "dim_person_pii", "fct_email", "daily_engagement"):
        built_warehouse.execute(f"insert into mart.{table} select * from mart.{table}")
    shown = " ".join(key for result in failures(built_warehouse).values() for key in result.examples)
    assert shown
    assert "zoe" not in shown.lower()
    assert "@" not in shown
