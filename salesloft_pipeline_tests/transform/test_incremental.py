"""A large mart is changed in place: the rows of a build in part are the rows of a whole one, to the last."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from salesloft_pipeline.transform import MARTS, BuildReport, build, incremental
from salesloft_pipeline.transform.kept import HOLD_STILL, KEPT
from salesloft_pipeline.transform.seeds import SEEDS
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.transform.rows import RAW, Row, fill
from salesloft_pipeline_tests.transform.teams import TABLES, raw_rows, teams
from salesloft_pipeline_tests.transform.twin import AS_OF, ZONE, Team
from salesloft_pipeline_tests.transform.worked_years import AS_OF as YEAR_END
from salesloft_pipeline_tests.transform.worked_years import fill as fill_years


@pytest.fixture
def never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change in place, however small the warehouse and however much of it changed."""
    monkeypatch.setattr(incremental, "MANY", 1_000_000)


def in_place(warehouse: Warehouse, as_of: datetime = AS_OF) -> BuildReport:
    """A build that changes in place what it can, and is compared with a whole one."""
    return build(warehouse, as_of, ZONE, whole_up_to_emails=-1, compare=True)


def loaded(load: str, rows: Sequence[Row]) -> Iterator[Row]:
    """The rows as a load leaves them."""
    for row in rows:
        yield Row(row.table, {"_dlt_load_id": load, **row.values})


def moved(before: Sequence[Row], after: Sequence[Row]) -> Iterator[Row]:
    """What a sync loads or marks when one state of SalesLoft followed the other: versions stay, the rest may go."""
    known = {(row.table, row.values[row.key]): row for row in before}
    for row in after:
        if known.pop((row.table, row.values[row.key]), None) != row:
            yield row
    for row in known.values():
        if not row.table.endswith("_versions") and not row.values["_deleted_at"]:
            yield Row(row.table, row.values | {"_deleted_at": AS_OF})


@given(teams, teams)
@settings(max_examples=sized(3, 150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("never_too_many")
def test_one_team_becomes_another(warehouse: Warehouse, before: Team, after: Team) -> None:
    """Whatever changes between two builds, and while time passes, both ways of building give the same rows."""
    with warehouse.transaction() as sql:
        for table in TABLES:
            sql.execute(f"delete from {RAW}.{table}")
    first, second = list(raw_rows(before)), list(raw_rows(after))
    fill(warehouse, *loaded("1", first))
    build(warehouse, AS_OF - timedelta(days=4), ZONE, whole_up_to_emails=-1)
    fill(warehouse, *loaded("2", list(moved(first, second))))
    report = in_place(warehouse)
    assert (report.whole, report.differing) == (False, {})


# What happens to a row between two syncs: the table, and what it sets. $1 is the row's number, $2 any other number.
CHANGES = {
    "a reply": (
        "emails",
        "counts_replies = coalesce(counts_replies, 0) + 1, updated_at = updated_at + interval '1 hour'",
    ),
    "a view": ("emails", "counts_views = counts_views + 2, _synced_at = _synced_at + interval '1 hour'"),
    "a late bounce": ("emails", "bounced = true, updated_at = updated_at + interval '3 days'"),
    "a deletion": ("emails", "_deleted_at = timestamptz '2026-06-30 19:00:00+00'"),
    "another sender": ("emails", "user_id = 1 + $2 % 80"),
    "another recipient": ("emails", "recipient_id = 1 + $2 % 400"),
    "no recipient": ("emails", "recipient_id = null"),
    "a moved send date": ("emails", "sent_at = sent_at - ($2 % 9) * interval '1 day'"),
    "sent in a while": (
        "emails",
        "sent_at = timestamptz '2026-07-01 12:00:00+00' + ($2 % 4) * interval '1 day'",
    ),
    "a move to another account": ("people", "account_id = 1 + $2 % 50"),
    "a person gone": ("people", "_deleted_at = timestamptz '2026-06-30 19:00:00+00'"),
    "a call for somebody else": ("calls", "called_person_id = 1 + $2 % 400, user_id = 1 + $2 % 80"),
    "a call that connected": ("calls", "disposition = 'Connected', sentiment = 'Interested'"),
    "a call without its text": ("calls", "disposition = 'Never heard of ' || cast($2 as text)"),
    "a leg of another call": ("call_data_records", "call_id = 1 + $2 % 400"),
    "a leg without a call": ("call_data_records", "call_id = null, direction = 'inbound'"),
    "a reply told of another email": (
        "activity_histories",
        "static_data = cast('{\"email_id\": ' || cast($2 as text) || '}' as json)",
    ),
    "an entry of the feed gone": ("activity_histories", "_deleted_at = timestamptz '2026-06-30 19:00:00+00'"),
    "put on the cadence again": (
        "cadence_memberships",
        "added_at = added_at + interval '20 days', updated_at = updated_at + interval '20 days'",
    ),
    "a membership of another person": ("cadence_memberships", "person_id = 1 + $2 % 400"),
    "a meeting canceled": ("meetings", "canceled_at = timestamptz '2026-06-30 19:00:00+00'"),
    "a meeting for another day": (
        "meetings",
        "start_time = timestamptz '2026-07-02 12:00:00+00', person_id = 1 + $2 % 400",
    ),
    "a success undone": ("successes", "_deleted_at = timestamptz '2026-06-30 19:00:00+00'"),
    "a success of another person": ("successes", "person_id = 1 + $2 % 400"),
}
# What appears between two syncs, beside the row of that number in the first table.
ARRIVALS = {
    "a version found late": """
        insert into raw_salesloft.emails_versions (
            version_id, id, updated_at, observed_at, source, bounced, counts_views, counts_replies, _dlt_load_id
        )
        select cast(id as text) || '-late-$load', id, updated_at - interval '1 hour', updated_at, 'webhook', bounced,
            counts_views + 5, 1, '$load'
        from raw_salesloft.emails where id = $row
    """,
    "a stage that was": """
        insert into raw_salesloft.people_versions (
            version_id, id, updated_at, observed_at, source, person_stage_id, owner_id, do_not_contact, _dlt_load_id
        )
        select cast(id as text) || '-$load', id, created_at, created_at, 'poll', 5, 7, true, '$load'
        from raw_salesloft.people where id = $row
    """,
    "added before, says the feed": """
        insert into raw_salesloft.activity_histories (
            id, type, resource_type, resource_id, occurred_at, static_data, _dlt_load_id
        )
        select 'added-$load-' || cast(id as text), 'added_to_cadence', 'person', cast(person_id as text),
            added_at - interval '30 days', cast('{"cadence_id": ' || cast(cadence_id as text) || '}' as json), '$load'
        from raw_salesloft.cadence_memberships where id = $row and person_id is not null
    """,
    "a second leg": """
        insert into raw_salesloft.call_data_records (id, created_at, direction, user_id, call_id, _dlt_load_id)
        select 1000000 + $row + position('$load' in 'abcd') * 1000, created_at, 'outbound', user_id, id, '$load'
        from raw_salesloft.calls where id = $row
    """,
    "the second leg of no call": """
        update raw_salesloft.call_data_records set call_id = null, _dlt_load_id = '$load'
        where id = (
            select min(id) from raw_salesloft.call_data_records
            where id > 1000000 and call_id is not null and _dlt_load_id <> '$load'
        )
    """,
    "a meeting more": """
        insert into raw_salesloft.meetings (
            id, created_at, start_time, status, person_id, cadence_id, step_id, _dlt_load_id
        )
        select 1000000 + $row + position('$load' in 'abcd') * 1000, added_at + interval '5 days', added_at + interval '6 days', 'booked', person_id,
            cadence_id, step_id, '$load'
        from raw_salesloft.cadence_memberships where id = $row
    """,
}
_SEEN = """
insert into raw_salesloft.emails_versions (
    version_id, id, updated_at, observed_at, source, bounced, counts_views, counts_clicks, counts_replies, _dlt_load_id
)
select cast(id as text) || '-' || _dlt_load_id, id, updated_at, updated_at, 'webhook', bounced, counts_views, counts_clicks,
    counts_replies, _dlt_load_id
from raw_salesloft.emails where _dlt_load_id = $1
"""


def change(warehouse: Warehouse, load: str, chance: random.Random, times: int) -> None:
    """Let so many things happen to rows picked by chance, and load them."""
    with warehouse.transaction() as sql:
        for table, what in chance.choices(list(CHANGES.values()), k=times):
            ((rows,),) = sql.query(f"select count(*) from {RAW}.{table}")
            picked, other = str(chance.randint(1, rows)), str(chance.randint(1, 2_000))
            sql.execute(
                f"update {RAW}.{table} set {what.replace('$2', other)}, _dlt_load_id = '{load}' "
                f"where cast(id as text) = '{picked}'"
            )
        sql.execute(_SEEN, [load])
        # Within 400, the size of the smaller tables, and none twice.
        numbers = chance.sample(range(1, 400), times // 3)
        for number, what in zip(numbers, itertools.cycle(ARRIVALS.values()), strict=False):
            sql.execute(what.replace("$row", str(number)).replace("$load", load))


@pytest.mark.usefixtures("never_too_many")
def test_three_hundred_changes(warehouse: Warehouse) -> None:
    """Replies, late bounces, deletions, reassignments, moved dates: after each hundred, and a day or ten, no row differs."""
    fill_years(warehouse, emails=2_000)
    build(warehouse, YEAR_END, ZONE, whole_up_to_emails=0)
    chance, as_of = random.Random(7), YEAR_END
    for load, days in (("b", 0), ("c", 1), ("d", 10)):
        change(warehouse, load, chance, 100)
        as_of += timedelta(days=days)
        report = in_place(warehouse, as_of)
        assert (report.whole, report.differing) == (False, {})


@pytest.mark.usefixtures("never_too_many")
def test_a_comparison_that_fails_is_told_and_mended(years_warehouse: Warehouse) -> None:
    """A row that somebody changed in the mart: the comparison names its table, and the next build is a whole one."""
    years_warehouse.execute("update mart.fct_email set views = 99 where email_id = 7")
    assert in_place(years_warehouse, YEAR_END).differing == {"fct_email": 2}
    mended = in_place(years_warehouse, YEAR_END)
    assert mended.whole
    assert years_warehouse.query("select count(*) from mart.fct_email where views = 99") == [(0,)]


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("a user in another zone", "update raw_salesloft.users set time_zone = 'Asia/Tokyo' where id = 1"),
        ("a step of another kind", "insert into raw_salesloft.steps (id, type) values (1, 'phone')"),
        ("no state", "drop schema mart_state cascade"),
        ("a table that somebody dropped", "drop table mart.fct_dial"),
        ("most of the emails", "update raw_salesloft.emails set _dlt_load_id = '2' where id > 70"),
    ],
)
def test_what_calls_for_a_whole_build(years_warehouse: Warehouse, what: str, sql: str) -> None:
    """What moves rows all over the mart, or most of them, or cannot be known, is followed by a whole build."""
    assert not build(years_warehouse, YEAR_END, ZONE, whole_up_to_emails=0).whole
    years_warehouse.execute(sql)
    assert build(years_warehouse, YEAR_END, ZONE, whole_up_to_emails=0).whole, what


def test_small_or_earlier_or_elsewhere_is_whole(years_warehouse: Warehouse) -> None:
    """Below the size, for an earlier instant, and in another zone, everything is made anew."""
    assert build(years_warehouse, YEAR_END - timedelta(days=1), ZONE, whole_up_to_emails=0).whole
    assert build(years_warehouse, YEAR_END, "UTC", whole_up_to_emails=0).whole
    assert build(years_warehouse, YEAR_END, "UTC", whole_up_to_emails=100).whole
    assert build(
        years_warehouse, YEAR_END, "UTC", whole_up_to_emails=99
    ).whole  # The small one left no state.
    assert not build(years_warehouse, YEAR_END, "UTC", whole_up_to_emails=99).whole


def test_every_source_is_accounted_for() -> None:
    """What a kept table reads is cut into parts, known to its keys, or held still: nothing changes unseen."""
    seeds = {f"mart.{seed.name}" for seed in SEEDS}
    for mart in MARTS:
        if mart.name in KEPT:
            kept = KEPT[mart.name]
            known = {*kept.parts, *kept.looks_up, *HOLD_STILL, *seeds, "mart.ref_time_zone"}
            assert set(mart.upstream) <= known, mart.name
            assert {*kept.parts, *kept.looks_up} <= set(mart.upstream), mart.name
