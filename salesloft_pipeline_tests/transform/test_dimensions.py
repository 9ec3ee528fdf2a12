"""Dimensions: every fact finds its row, history has no holes, and odd source data does no harm."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    Row,
    activity,
    at,
    built,
    call,
    email,
    email_version,
    meeting,
    membership,
    person_version,
    record,
    user,
    user_version,
)


def one(warehouse: Warehouse, columns: str, table: str, condition: str) -> tuple[Any, ...]:
    (row,) = warehouse.query(f"select {columns} from mart.{table} where {condition}")
    return row


def test_unknown_ids_get_inferred_rows(warehouse: Warehouse) -> None:
    """An inner join to a dimension never loses a fact; -1 stands for not applicable."""
    built(warehouse, email(1, user=99, person=98, cadence=97, step=96), call(1, user=None, person=None))
    for dim, key, label, number, name in (
        ("dim_user", "user_id", "user_name", 99, "User 99"),
        ("dim_person", "person_id", "display_name", 98, "Person 98"),
        ("dim_cadence", "cadence_id", "cadence_name", 97, "Cadence 97"),
        ("dim_step", "step_id", "step_name", 96, "Step 96"),
    ):
        assert one(warehouse, f"{label}, is_inferred", dim, f"{key} = {number}") == (name, True)
        assert one(warehouse, "is_inferred", dim, f"{key} = -1") == (False,)
    assert one(warehouse, "cadence_id", "dim_step", "step_id = 96") == (97,)


def test_who_was_gone_before_they_were_read_has_a_row(warehouse: Warehouse) -> None:
    """A webhook told of a person, or a user, whom no read found any more: their history finds its dimension."""
    built(warehouse, person_version(60, "03-01 00:00", person_stage_id=1), user_version(61, "03-01 00:00"))
    assert one(warehouse, "display_name, is_inferred", "dim_person", "person_id = 60") == ("Person 60", True)
    assert one(warehouse, "user_name, is_inferred", "dim_user", "user_id = 61") == ("User 61", True)
    assert one(warehouse, "stage_id, is_current", "dim_person_stage_history", "person_id = 60") == (1, True)


# Raw name of the zone -> what it is, and the hour there when it is 02:00 UTC in July; NULL counts in the reporting zone.
ZONES: dict[str | None, tuple[str | None, int]] = {
    "US/Eastern": ("US/Eastern", 22),
    "Eastern Time (US & Canada)": ("America/New_York", 22),
    "Nuku'alofa": ("Pacific/Tongatapu", 15),
    "Eastern Standard Whatever": (None, 2),
    None: (None, 2),
}


def test_time_zones_of_users(warehouse: Warehouse) -> None:
    """IANA names pass, Rails names are translated, anything else is NULL and breaks nothing."""
    users = [user(number, time_zone=raw) for number, raw in enumerate(ZONES)]
    mail = [email(number, "07-01 02:00", user=number) for number, _ in enumerate(ZONES)]
    built(warehouse, *users, *mail, time_zone="UTC")
    found = warehouse.query(
        "select u.time_zone_raw, u.time_zone_iana, e.sent_hour_local "
        "from mart.fct_email e join mart.dim_user u on u.user_id = e.user_id order by email_id"
    )
    assert found == [(raw, *known) for raw, known in ZONES.items()]


def test_user_columns_of_any_shape(warehouse: Warehouse) -> None:
    """A guid that is none becomes NULL; a built-in role names itself, a custom one is only an id."""
    guid = "54713f8f-6283-453f-84da-27e28223e8c7"
    built(warehouse, user(7, guid=guid, role_id="Admin"), user(8, guid="not-a-guid", role_id=guid))
    assert str(one(warehouse, "user_guid", "dim_user", "user_id = 7")[0]) == guid
    assert one(warehouse, "role_name", "dim_user", "user_id = 7") == ("Admin",)
    assert one(warehouse, "user_guid, role_id, role_name", "dim_user", "user_id = 8") == (None, guid, None)


def test_history_of_users(warehouse: Warehouse) -> None:
    """Versions without a change fold into one; a change under the same updated_at is dated by its sighting."""
    built(
        warehouse,
        user(7, group_id=3, updated_at="03-01 00:00", _synced_at=at("03-09 00:00")),
        user_version(7, "02-01 00:00", group_id=1),
        user_version(7, "02-15 00:00", group_id=1),
        user_version(7, "03-01 00:00", group_id=2),
        user_version(7, "03-01 00:00", group_id=3, seen_at="03-09 00:00"),
        record("groups", 3, name="North"),
    )
    assert warehouse.query(
        "select group_id, group_name, valid_from, valid_to, is_current from mart.dim_user_history "
        "where user_id = 7 order by valid_from"
    ) == [
        (1, "Group 1", at("1900-01-01"), at("03-01 00:00"), False),
        (2, "Group 2", at("03-01 00:00"), at("03-09 00:00"), False),
        (3, "North", at("03-09 00:00"), at("9999-12-31"), True),
    ]
    assert one(warehouse, "group_name, is_inferred", "dim_group", "group_id = 2") == ("Group 2", True)


def test_history_of_people(warehouse: Warehouse) -> None:
    """Stage, owner and opt-out as they stood; other changes make no version, and everybody named has one."""
    built(
        warehouse,
        record(
            "people",
            50,
            person_stage_id=3,
            owner_id=7,
            updated_at=at("03-09 00:00"),
            _synced_at=at("03-09 00:05"),
        ),
        person_version(50, "02-01 00:00", person_stage_id=1, owner_id=7),
        person_version(50, "02-15 00:00", person_stage_id=1, owner_id=7, success_count=1),
        person_version(50, "03-01 00:00", person_stage_id=2, owner_id=7),
        person_version(50, "03-01 00:00", person_stage_id=2, owner_id=8, seen_at="03-05 00:00"),
        record("people", 51, do_not_contact=True),
        email(1, person=99),
    )
    columns = "person_id, stage_id, owner_user_id, do_not_contact, valid_from, valid_to, is_current"
    first, last = at("1900-01-01"), at("9999-12-31")
    assert warehouse.query(
        f"select {columns} from mart.dim_person_stage_history order by person_id, valid_from"
    ) == [
        (-1, None, -1, False, first, last, True),
        (50, 1, 7, False, first, at("03-01 00:00"), False),
        (50, 2, 7, False, at("03-01 00:00"), at("03-05 00:00"), False),
        (50, 2, 8, False, at("03-05 00:00"), at("03-09 00:00"), False),
        (50, 3, 7, False, at("03-09 00:00"), last, True),
        (51, None, -1, True, first, last, True),
        (99, None, -1, False, first, last, True),
    ]


def test_users_have_their_role_and_their_place_in_the_crm(warehouse: Warehouse) -> None:
    """A custom role is named by its list, and the CRM's own list says who a user is there."""
    role = "54713f8f-6283-453f-84da-27e28223e8c7"
    built(
        warehouse,
        user(7, role_id=role),
        Row("custom_roles", {"id": role, "name": "Team lead"}),
        record("crm_users", 1, crm_id="0052", user_id=7),
    )
    assert one(warehouse, "role_name, crm_user_id", "dim_user", "user_id = 7") == ("Team lead", "0052")


def test_two_states_of_one_instant_leave_no_overlap(warehouse: Warehouse) -> None:
    """Where a sighting coincides with the next change, the later news wins."""
    built(
        warehouse,
        user(7, group_id=3, updated_at="03-09 00:00", _synced_at=at("03-09 00:05")),
        user_version(7, "03-01 00:00", group_id=1),
        user_version(7, "03-01 00:00", group_id=2, seen_at="03-09 00:00"),
    )
    assert warehouse.query(
        "select group_id, valid_from from mart.dim_user_history where user_id = 7 order by valid_from"
    ) == [(1, at("1900-01-01")), (3, at("03-09 00:00"))]


def test_teams_form_a_tree(warehouse: Warehouse) -> None:
    """Path and level follow the parents; a ring of parents does not hang the build."""
    built(
        warehouse,
        record("groups", 1, name="Sales"),
        record("groups", 2, name="East", parent_id=1),
        record("groups", 3, name="Boston", parent_id=2),
        record("groups", 4, name="Egg", parent_id=5),
        record("groups", 5, name="Hen", parent_id=4),
    )
    found = warehouse.query("select group_id, path, level from mart.dim_group where group_id > 0 order by 1")
    assert found[:3] == [(1, "Sales", 1), (2, "Sales / East", 2), (3, "Sales / East / Boston", 3)]
    assert [row[2] for row in found[3:]] == [None, None]


def test_calendar(warehouse: Warehouse) -> None:
    """From the first activity to a year after the load, with ISO weeks across the turn of the year."""
    built(warehouse, email(1, "2025-12-28 15:00"), as_of="01-02 12:00", time_zone="UTC")
    first, last = one(warehouse, "min(date_day), max(date_day)", "dim_date", "true")
    assert (first, last) == (date(2025, 12, 28), date(2027, 1, 3))
    assert one(
        warehouse,
        "iso_week, iso_dow, day_name, week_start, month_start, quarter_start, is_weekday, is_holiday",
        "dim_date",
        "date_day = date '2026-01-01'",
    ) == ("2026-W01", 4, "Thursday", date(2025, 12, 29), date(2026, 1, 1), date(2026, 1, 1), True, False)
    assert one(warehouse, "iso_week", "dim_date", "date_day = date '2027-01-01'") == ("2026-W53",)
    assert one(
        warehouse, "iso_week, is_weekday", "dim_date", "iso_dow = 7 and date_day < date '2026-01-01'"
    ) == (
        "2025-W52",
        False,
    )


JUNK: tuple[Any, ...] = (
    None,
    [],
    "text",
    7,
    {},
    {"email_id": "x"},
    {"email_id": None},
    {"email_id": {"id": 1}},
    {"email_id": 10**30},
)


def test_junk_in_the_feed_names_nothing(warehouse: Warehouse) -> None:
    """An activity of any shape is kept, with -1 for what it does not name."""
    built(
        warehouse,
        email(1, replies=1, updated_at="03-03 12:00"),
        *(
            activity(f"email_reply-{n}", "email_reply", "03-03 11:00", person="no number", static=static)
            for n, static in enumerate(JUNK)
        ),
    )
    assert warehouse.query(
        "select user_id, person_id, cadence_id, step_id, email_id from mart.fct_activity"
    ) == [(-1, -1, -1, -1, None)] * len(JUNK)
    assert one(warehouse, "date_precision", "fct_engagement_event", "event_type = 'email_replied'") == (
        "interval",
    )


def test_ways_a_reply_names_its_email(warehouse: Warehouse) -> None:
    """By email_id, by the id it answers, or by standing on the email; email_id wins."""
    ways: tuple[tuple[str, str, Any], ...] = (
        ("person", "50", {"email_id": 1}),
        ("person", "50", {"email_id": "2"}),
        ("person", "50", {"in_reply_to_id": 3}),
        ("email", "4", {}),
        ("email", "1", {"email_id": 5}),
    )
    built(
        warehouse,
        *(email(number, replies=1, updated_at="03-04 12:00") for number in range(1, 6)),
        *(
            activity(
                f"reply-{n}", "email_reply", "03-03 11:00", resource=resource, person=number, static=static
            )
            for n, (resource, number, static) in enumerate(ways)
        ),
    )
    found = warehouse.query(
        "select email_id, first_reply_at, hours_to_first_reply from mart.fct_email order by 1"
    )
    assert found == [(number, at("03-03 11:00"), 20.0) for number in range(1, 6)]


def test_a_reply_in_the_feed_waits_for_the_counter(warehouse: Warehouse) -> None:
    """Until the email itself counts a reply there is none, so that both families agree."""
    built(
        warehouse,
        email(1),
        activity("email_reply-1", "email_reply", "03-03 11:00", static={"email_id": 1}),
    )
    assert warehouse.query("select 1 from mart.fct_engagement_event where event_type = 'email_replied'") == []
    assert one(warehouse, "first_reply_at", "fct_email", "email_id = 1") == (None,)


def test_views_before_sending_are_not_thinkable(warehouse: Warehouse) -> None:
    """A draft seen a week ago does not make today's view inexact: nothing is opened before it is sent."""
    built(
        warehouse,
        email(1, "03-02 15:00", views=1, updated_at="03-02 18:00"),
        email_version(1, "02-23 12:00"),
    )
    assert warehouse.query(
        "select not_before, event_at, date_precision from mart.fct_engagement_event where event_type = 'email_viewed'"
    ) == [(at("03-02 15:00"), at("03-02 18:00"), "day")]


def test_personal_data_has_its_own_table(warehouse: Warehouse) -> None:
    """Names and addresses are in dim_person_pii, and nowhere else; a nameless person's address does not leak."""
    built(
        warehouse,
        record(
            "people",
            50,
            display_name="Jane Doe",
            first_name="Jane",
            email_address="Jane@ACME.test",
            phone="+15550100",
        ),
        record("people", 51, display_name="bob@acme.test", email_address="bob@acme.test"),
        email(1, recipient_email_address="jane@acme.test"),
    )
    assert one(warehouse, "display_name, email_domain", "dim_person", "person_id = 50") == (
        "Jane Doe",
        "acme.test",
    )
    assert one(warehouse, "display_name", "dim_person", "person_id = 51") == ("Person 51",)
    assert one(warehouse, "first_name, email_address, phone", "dim_person_pii", "person_id = 50") == (
        "Jane",
        "Jane@ACME.test",
        "+15550100",
    )
    with warehouse.transaction() as sql:
        for table in ("dim_person", "fct_email", "fct_activity", "fct_engagement_event", "dim_account"):
            assert "@" not in str(sql.query(f"select * from mart.{table}"))


GROUPS = '[{"_href":"https://api.test/v2/groups/11","id":11},{"id": 12}]'


def test_steps_are_numbered_within_their_cadence(warehouse: Warehouse) -> None:
    """By day, then step number; the template is that of the step's newest email."""
    built(
        warehouse,
        record("cadences", 10, name="Outbound", tags='["a"]', owner_id=7, groups=GROUPS),
        record("steps", 101, cadence_id=10, name="Late", day=5, step_number=1),
        record("steps", 102, cadence_id=10, name="Second", day=1, step_number=2),
        record(
            "steps", 103, cadence_id=10, name="First", day=1, step_number=1, _deleted_at=at("03-01 00:00")
        ),
        email(1, "03-02 15:00", email_template_id=900),
        email(2, "03-03 15:00", email_template_id=901),
        email(3, "03-04 15:00", step=102),
    )
    assert warehouse.query(
        "select step_name, step_order, template_id, is_deleted from mart.dim_step where cadence_id = 10 order by 2"
    ) == [("First", 1, -1, True), ("Second", 2, -1, False), ("Late", 3, 901, False)]
    assert one(warehouse, "step_count, owner_user_id", "dim_cadence", "cadence_id = 10") == (2, 7)
    (groups,) = one(warehouse, "cast(group_ids as text)", "dim_cadence", "cadence_id = 10")
    assert json.loads(groups) == [11, 12]


def test_facts_take_the_account_of_the_person(warehouse: Warehouse) -> None:
    """Emails and calls do not name it; a meeting may, and then its own wins."""
    built(
        warehouse,
        record("people", 50, account_id=5),
        record("accounts", 5, name="Acme", account_tier_id=1, company_stage_id=2),
        record("account_tiers", 1, name="Tier 1"),
        record("account_stages", 2, name="Prospect"),
        email(1),
        call(1),
        meeting(1),
        membership(1, "03-02 12:00"),
    )
    for fact in ("fct_email", "fct_call", "fct_meeting", "fct_engagement_event"):
        assert warehouse.query(f"select distinct account_id from mart.{fact}") == [(5,)]
    assert one(warehouse, "account_name, tier_name, stage_name", "dim_account", "account_id = 5") == (
        "Acme",
        "Tier 1",
        "Prospect",
    )


def test_view_adds_names_and_the_team_of_the_day(built_warehouse: Warehouse) -> None:
    """Ann was in East until she moved on the 10th; the cohort of the 9th has not matured on the 20th."""
    assert built_warehouse.query(
        "select engagement_date, user_name, group_name, cadence_name, step_name, is_mature, is_working_day "
        "from mart.v_daily_engagement where user_name = 'Ann' and emails_sent > 0 order by 1"
    ) == [
        (date(2026, 11, 9), "Ann", "East", "Outbound", "First mail", False, True),
        (date(2026, 11, 11), "Ann", "West", "Outbound", "First mail", False, True),
    ]
    counted = (
        "select (select count(*) from mart.v_daily_engagement), (select count(*) from mart.daily_engagement)"
    )
    ((in_view, in_table),) = built_warehouse.query(counted)
    assert in_view == in_table > 0


def test_maturity_is_reached_after_14_days(warehouse: Warehouse) -> None:
    """engagement_date <= as_of_date - 14."""
    built(warehouse, email(1, "03-06 15:00"), email(2, "03-07 15:00"), as_of="03-20 15:00")
    assert warehouse.query("select is_mature from mart.v_daily_engagement order by engagement_date") == [
        (True,),
        (False,),
    ]
