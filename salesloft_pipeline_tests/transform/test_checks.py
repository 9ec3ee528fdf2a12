"""Every check passes on a sound mart and fires on the fault it is there for, with its severity and its numbers."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from salesloft_pipeline.transform import CHECKS, Check, CheckResult, build, run_checks
from salesloft_pipeline.transform.checks import words
from salesloft_pipeline.transform.checks.columns import COUNTS, DAILY, RATES
from salesloft_pipeline.transform.checks.ranges import RELATIONS
from salesloft_pipeline.transform.checks.sums import INTEGRITY
from salesloft_pipeline.warehouse import Sql, Warehouse
from salesloft_pipeline_tests.transform.rows import at, email, fill, record
from salesloft_pipeline_tests.transform.world import AS_OF

NOW = at(f"{AS_OF} 10:05")
SCHEDULES = {"emails": 300.0}


class Undone(Exception):
    """What was broken for a question is whole again."""


class Inside:
    """A warehouse seen from inside of one transaction."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Sql]:
        yield self._sql


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The small world built, once for all faults: each is undone."""
    if request.param == "postgres":
        server, template = (request.getfixturevalue(name) for name in ("postgres_server", "built_database"))
        with server.database(template) as url:
            yield Warehouse(url)
    else:
        path = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
        shutil.copyfile(request.getfixturevalue("built_file"), path)
        warehouse = Warehouse(f"duckdb:///{path}")
        with warehouse.kept_open():
            yield warehouse


def broken(
    warehouse: Warehouse, faults: Sequence[str], number: str, table: str, now: datetime = NOW
) -> CheckResult:
    """The answer of the one check of this number and table after the faults, which are then undone."""
    (check,) = [check for check in CHECKS if (check.number, check.table) == (number, table)]
    results: list[CheckResult] = []
    with contextlib.suppress(Undone), warehouse.transaction() as sql:
        for fault in faults:
            sql.execute(fault)
        results = ask(cast(Warehouse, Inside(sql)), [check], now)
        raise Undone
    return results[0]


def ask(warehouse: Warehouse, checks: Sequence[Check] = CHECKS, now: datetime = NOW) -> list[CheckResult]:
    return run_checks(warehouse, now=now, schedules=SCHEDULES, checks=checks)


def failures(warehouse: Warehouse) -> set[tuple[str, str]]:
    return {(result.number, result.table) for result in ask(warehouse) if not result.passed}


def test_a_sound_mart_passes(sound: Warehouse) -> None:
    """No false alarm."""
    assert failures(sound) == set()


def test_an_empty_mart_passes(warehouse: Warehouse) -> None:
    """Only the missing sync is reported."""
    build(warehouse, NOW, "UTC")
    assert failures(warehouse) == {("Q14", "ops.sync_log")}


BOUNCES = "emails_bounced > 0"
BOBS_DAY = "2026-11-16/8/-1/-1"
EVENTS = "mart.fct_engagement_event"
# number, table, severity, what is broken, the first thing named
FAULTS: list[tuple[str, str, str, str, str | None]] = [
    ("Q01", "mart.dim_user", "error", "insert into mart.dim_user select * from mart.dim_user where user_id = 7", "7"),
    ("Q01", "mart.fct_call", "error", "update mart.fct_call set call_id = null where call_id = 1", "NULL"),
    ("Q02", DAILY, "error", f"insert into {DAILY} select * from {DAILY} where {BOUNCES}", BOBS_DAY),
    ("Q03", EVENTS, "error", f"update {EVENTS} set quantity = 0", None),
    ("Q04", "mart.fct_email", "error", "delete from mart.dim_step where step_id = 101", "step_id 101"),
    ("Q04", DAILY, "error", "delete from mart.dim_user where user_id = 8", "user_id 8"),
    ("Q04", "mart.fct_call", "error", "update mart.fct_call set person_id = null", "person_id NULL"),
    ("Q04", "mart.dim_step", "error", "update mart.dim_step set template_id = 9", "template_id 9"),
    ("Q04", "mart.dim_cadence", "error", "delete from mart.dim_user where user_id = 7", "owner_user_id 7"),
    ("Q05", "mart.fct_email", "warn", "update mart.dim_user set is_inferred = true", "60 of 60 of 7 days"),
    ("Q06", DAILY, "error", f"update {DAILY} set open_rate = 1.01 where {BOUNCES}", BOBS_DAY),
    ("Q06", DAILY, "error", f"update {DAILY} set open_rate = cast('NaN' as double precision)", None),
    ("Q07", DAILY, "error", f"update {DAILY} set emails_opened = 1000 where {BOUNCES}", BOBS_DAY),
    ("Q08", DAILY, "error", f"update {DAILY} set dials = null where {BOUNCES}", BOBS_DAY),
    ("Q08", DAILY, "error", f"update {DAILY} set talk_seconds = -1 where {BOUNCES}", BOBS_DAY),
    ("Q09", DAILY, "error", f"update {DAILY} set successes = 2 where successes = 1", "successes 2, in the fact 1"),
    ("Q10", DAILY, "warn", f"delete from {EVENTS} where event_type = 'email_viewed'", "views of email 1"),
    (
        "Q11",
        "mart.fct_call",
        "warn",
        "update mart.fct_call set called_at = timestamptz '2010-12-31 12:00:00+00' where call_id = 2",
        "2",
    ),
    (
        "Q11",
        "mart.fct_email",
        "warn",
        "update mart.fct_email set sent_at = timestamptz '2026-11-20 10:05:01+00' where email_id = 2",
        "2",
    ),
    (
        "Q11_many",
        "mart.fct_call",
        "error",
        "update mart.fct_call set called_at = timestamptz '2010-12-31 12:00:00+00' where call_id = 2",
        "1 of 3",
    ),
    ("Q12", "mart.fct_email", "warn", "update mart.fct_email set sent_at = null where email_id = 2", "2"),
    (
        "Q12",
        "mart.fct_email",
        "warn",
        "update mart.fct_email set created_at = sent_at + interval '25 hours' where email_id = 3",
        "3",
    ),
    (
        "Q13",
        "mart.fct_email_version",
        "warn",
        "update mart.fct_email_version set has_drop = true where email_id = 1 and views = 2",
        "email 1: 1",
    ),
    ("Q14", "ops.sync_log", "error", "update ops.sync_log set outcome = 'failed'", "emails"),
    (
        "Q15",
        "raw_salesloft.emails",
        "warn",
        "update raw_salesloft.emails set updated_at = timestamptz '2026-11-19 10:00:00+00'",
        "newest email changed at 2026-11-19 10:00:00+00",
    ),
    (
        "Q16",
        "mart.build_info",
        "error",
        """update mart.build_info set raw_counts_before = cast('{"calls": 3, "emails": 70}' as json)""",
        "emails: 70 rows before, 63 now",
    ),
    ("Q18", "mart.dim_disposition", "warn", "update mart.dim_disposition set is_mapped = false", None),
    (
        "Q18",
        "mart.dim_sentiment",
        "warn",
        "update mart.dim_sentiment set is_mapped = false where sentiment_key <> ''",
        "sentiment Interested: 1 calls",
    ),
    (
        "Q19",
        "mart.fct_call",
        "warn",
        "update mart.fct_call set call_date = date '2026-11-14'",
        "2 of 3 calls of 7 days",
    ),
    (
        "Q22",
        "raw_salesloft.emails",
        "warn",
        "update raw_salesloft.emails set _deleted_at = timestamptz '2026-11-19 00:00:00+00' where id < 3",
        "2 of 63 emails of 30 days",
    ),
    (
        "Q23",
        "mart.dim_user_history",
        "error",
        "update mart.dim_user_history set is_current = true where user_id = 7",
        "7",
    ),
    (
        "Q23",
        "mart.dim_user_history",
        "error",
        "update mart.dim_user_history set valid_to = valid_to + interval '1 day' where user_id = 7 and not is_current",
        "7",
    ),
    (
        "Q23",
        "mart.dim_person_stage_history",
        "error",
        "update mart.dim_person_stage_history set valid_to = valid_from where person_id = 50",
        "50",
    ),
    (
        "Q24",
        "mart.dim_user",
        "warn",
        "update mart.dim_user set time_zone_iana = null where user_id = 8",
        "user 8: Europe/Berlin",
    ),
    (
        "Q25",
        DAILY,
        "warn",
        f"update {DAILY} set emails_view_tracked = 200, emails_opened = 181 where {BOUNCES}",
        "user 8: 181 of 200 opened",
    ),
    (
        "Q25",
        DAILY,
        "warn",
        f"update {EVENTS} set event_at = timestamptz '2026-11-09 15:00:05+00' where event_type = 'email_viewed'",
        "email 1: viewed within 5 seconds",
    ),
    (
        "Q26",
        "mart.fct_cadence_membership",
        "warn",
        "update mart.fct_cadence_membership set sent_emails = 2 where membership_id = 3",
        "1 of 3 memberships",
    ),
    (
        "Q29",
        "mart.dim_person",
        "error",
        "update mart.dim_account set account_name = 'jane@acme.test' where account_id = 5",
        "dim_account: 1 rows",
    ),
    (
        "Q29",
        "mart.dim_person",
        "error",
        "update mart.fct_task set state = 'call jane@acme.test'",
        "fct_task: 2 rows",
    ),
    (
        "Q30",
        "mart.fct_email_version",
        "warn",
        "update mart.fct_email_version set source = 'webhook' where email_id > 99",
        "of 1 versions of 24 hours none came by webhook, before 60",
    ),
    (
        "Q31",
        "mart.fct_success",
        "warn",
        "update mart.dim_person set success_count = 1 where person_id = 51",
        "person 51: success_count 1, live 0",
    ),
    (
        "Q32",
        "mart.build_info",
        "error",
        "alter table mart.dim_group drop column level",
        "mart.dim_group column 5: is_inferred boolean, promised level integer",
    ),
    (
        "Q32",
        "mart.build_info",
        "error",
        "alter table mart.fct_note alter column call_id type text",
        "mart.fct_note column 5: call_id text, promised call_id bigint",
    ),
    (
        "Q32",
        "mart.build_info",
        "error",
        "alter table mart.build_info add column mood text",
        "mart.build_info column 10: mood text, promised nothing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("number", "table", "severity", "fault", "example"), FAULTS)
def test_a_fault_is_found(
    sound: Warehouse, number: str, table: str, severity: str, fault: str, example: str | None
) -> None:
    """The check of this number fires for this table, counts, and names a key or the numbers."""
    found = broken(sound, [fault], number, table)
    assert (found.passed, found.severity) == (False, severity)
    assert len(found.examples) == min(found.offending_count, 5)
    assert example is None or found.examples[0] == example


def test_every_check_has_its_fault() -> None:
    """A check that nothing can make fire is none; Q17 has a test of its own."""
    assert {check.number for check in CHECKS} == {number for number, *_ in FAULTS} | {"Q17"}


LONG_AGO = "update mart.fct_email set sent_date = date '2026-09-20' where email_id = 1"
BOBS_MAIL = (
    "update mart.fct_email set sent_date = date '2026-11-19' where email_id >= 100 and email_id % {} = 0"
)
# Thirty of Bob's emails on each of the eight Thursdays before.
THURSDAYS = (
    "insert into mart.fct_email (email_id, is_sent, sent_date) "
    "select e.email_id, true, date '2026-11-19' - 7 * cast(s.n as integer) from mart.fct_email e "
    "cross join generate_series(1, 8) as s(n) where e.email_id between 100 and 129"
)


def test_a_day_unlike_its_weekday_is_told(sound: Warehouse) -> None:
    """Far more than usual, or nothing where much is usual; nothing is said before eight weeks are known."""
    sixty, five = BOBS_MAIL.format(1), BOBS_MAIL.format(12)
    assert broken(sound, [sixty], "Q17", "mart.fct_email").passed
    assert broken(sound, [LONG_AGO, five], "Q17", "mart.fct_email").passed
    many = broken(sound, [LONG_AGO, sixty], "Q17", "mart.fct_email")
    assert (many.severity, many.examples) == ("warn", ("2026-11-19: 60, usual 0",))
    none = broken(sound, [THURSDAYS], "Q17", "mart.fct_email")
    assert none.examples == ("2026-11-19: 0, usual 30",)


def test_a_team_may_demand_dispositions(sound: Warehouse) -> None:
    """Then 95 of 100 is too few, which is enough for others."""
    calls = [
        "update mart.fct_call set call_date = date '2026-11-19'",
        "insert into mart.fct_call select c.* from mart.fct_call c cross join generate_series(1, 17) as s(n) "
        "where c.call_id = 1",
    ]
    assert broken(sound, calls, "Q19", "mart.fct_call").passed
    demanded = "insert into raw_salesloft.team (id, dispositions_required) values (1, true)"
    assert broken(sound, [*calls, demanded], "Q19", "mart.fct_call").examples == ("19 of 20 calls of 7 days",)


def test_mail_may_rest_on_weekends(sound: Warehouse) -> None:
    """Of Friday's mail nothing is said on Saturday, Sunday and Monday, and on Tuesday it is old."""
    friday = ["update raw_salesloft.emails set updated_at = timestamptz '2026-11-20 09:00:00+00'"]
    passed = [
        broken(sound, friday, "Q15", "raw_salesloft.emails", NOW + timedelta(days=days, hours=-2)).passed
        for days in range(5)
    ]
    assert passed == [True, True, True, True, False]


COLUMN_FAULTS = [
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
        for number, fault in COLUMN_FAULTS:
            sql.execute(f"update {DAILY} set {fault} where {BOUNCES}")
            assert sql.query(questions[number]), (number, fault)
            sql.execute(f"delete from {DAILY}")
            sql.execute(f"insert into {DAILY} select * from sound")
        assert not any(sql.query(questions[number]) for number, _ in COLUMN_FAULTS)
        sql.execute("drop table sound")


OUR_WORDS = {
    ("fct_call", "disposition_category"),
    ("fct_call", "sentiment_category"),
    ("fct_email", "email_kind"),
    ("fct_email_version", "source"),
    ("fct_step_completion", "activity_id"),
    ("fct_step_completion", "step_type"),
    ("fct_backlog_daily", "step_type"),
    ("fct_note_pii", "note_text"),
    *(("fct_engagement_event", name) for name in ("event_id", "event_type", "date_precision", "source")),
}


def test_every_text_of_a_fact_is_asked_for_addresses(sound: Warehouse) -> None:
    """Q29 knows each column that can hold text of others; the rest are words of ours, or asked elsewhere."""
    found = sound.query(
        "select table_name, column_name from information_schema.columns where table_schema = 'mart' "
        "and table_name like 'fct%' and lower(data_type) in ('text', 'varchar', 'json')"
    )
    asked = {(table, column) for table, columns in words.GIVEN_TEXTS.items() for column in columns}
    assert set(found) == asked | OUR_WORDS


def test_a_load_is_late_after_twice_its_schedule(sound: Warehouse) -> None:
    """Up to two intervals is in time, beyond is late."""
    synced = at(f"{AS_OF} 10:00")
    late = [check for check in CHECKS if check.number == "Q14"]
    assert ask(sound, late, synced + timedelta(seconds=600))[0].passed
    assert not ask(sound, late, synced + timedelta(seconds=601))[0].passed


def test_examples_hold_no_personal_data(built_warehouse: Warehouse) -> None:
    """With everything broken at once, no name and no address shows."""
    fill(built_warehouse, record("people", 60, display_name="Zoe Secret", email_address="zoe@secret.test"))
    fill(built_warehouse, email(9, person=60, recipient_email_address="zoe@secret.test"))
    build(built_warehouse, NOW, "UTC")
    for table in ("dim_person", "dim_person_pii", "fct_email", "daily_engagement"):
        built_warehouse.execute(f"insert into mart.{table} select * from mart.{table}")
    built_warehouse.execute("update mart.dim_account set account_name = 'zoe@secret.test'")
    shown: list[Any] = [
        key for result in ask(built_warehouse) if not result.passed for key in result.examples
    ]
    assert len(shown) > 5
    assert "zoe" not in " ".join(shown).lower()
    assert "@" not in " ".join(shown)
