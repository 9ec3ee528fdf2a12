"""Facts beyond mail: dials beside calls, tasks, notes, and what stands of each once it is deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    Row,
    activity,
    at,
    built,
    call,
    dial,
    email,
    email_version,
    meeting,
    membership,
    record,
    reply,
    success,
    task,
    user,
)

GUID = "54713f8f-6283-453f-84da-27e28223e8c7"


def dials(warehouse: Warehouse) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Calls and dials by day of March, user, cadence and step."""
    found = warehouse.query(
        "select engagement_date, user_id, cadence_id, step_id, calls_logged, dials from mart.daily_engagement"
    )
    return {(row[0].day, *row[1:4]): row[4:] for row in found}


def test_dials_are_outbound_legs(warehouse: Warehouse) -> None:
    """A leg counts with its call's user, cadence and step on its own day; one without a call with its user alone."""
    built(
        warehouse,
        call(1, "Connected", called_at="03-02 15:00"),
        dial(11, 1, dialed_at="03-02 15:00", user=8),
        dial(12, 1, dialed_at="03-03 15:00"),
        dial(13, dialed_at="03-02 16:00", user=8),
        dial(14, dialed_at="03-02 16:00", direction="inbound"),
        dial(15, dialed_at="03-02 16:00", deleted_at="03-05 00:00"),
        dial(16, 99, dialed_at="03-02 17:00", user=8),
    )
    assert dials(warehouse) == {(2, 7, 10, 101): (1, 1), (2, 8, -1, -1): (0, 2), (3, 7, 10, 101): (0, 1)}
    assert warehouse.query(
        "select dial_id, call_id, user_id, cadence_id, step_id, is_outbound, is_deleted from mart.fct_dial order by 1"
    ) == [
        (11, 1, 8, 10, 101, True, False),
        (12, 1, 7, 10, 101, True, False),
        (13, None, 8, -1, -1, True, False),
        (14, None, 7, -1, -1, False, False),
        (15, None, 7, -1, -1, True, True),
        (16, 99, 8, -1, -1, True, False),
    ]


def test_a_call_without_a_leg_was_dialled_once(warehouse: Warehouse) -> None:
    """Logged by hand it still took a dial; answered, it took none; and two legs are two."""
    recordings = '[{"url": "https://r.test/1"}, {"url": "https://r.test/2"}]'
    built(
        warehouse,
        call(1, recordings=recordings),
        call(2),
        dial(21, 2, direction="inbound"),
        call(3),
        dial(31, 3),
        dial(32, 3),
        call(4),
        dial(41, 4, deleted_at="03-05 00:00"),
        call(5, deleted_at="03-05 00:00"),
    )
    assert dials(warehouse) == {(2, 7, 10, 101): (4, 4)}
    assert warehouse.query("select call_id, dial_count, recording_count from mart.fct_call order by 1") == [
        (1, 1, 2),
        (2, 0, 0),
        (3, 2, 0),
        (4, 1, 0),
        (5, 1, 0),
    ]


def test_tasks_are_on_time_or_late(warehouse: Warehouse) -> None:
    """Against the due time where there is one, else the due day of the reporting zone; unknown while open."""
    built(
        warehouse,
        record("people", 50, account_id=5),
        task(1, "2026-03-04", completed_at="03-05 04:59"),
        task(2, "2026-03-04", completed_at="03-05 05:00"),
        task(3, due_at="03-04 12:00", completed_at="03-04 12:00"),
        task(4, "2026-03-04", due_at="03-04 12:00", completed_at="03-04 12:01"),
        task(5, "2026-03-04"),
        task(6, completed_at="03-04 12:00", person=None, deleted_at="03-06 00:00"),
    )
    assert warehouse.query(
        "select task_id, due_date, is_on_time, completed_date, is_deleted, account_id from mart.fct_task order by 1"
    ) == [
        (1, date(2026, 3, 4), True, date(2026, 3, 4), False, 5),
        (2, date(2026, 3, 4), False, date(2026, 3, 5), False, 5),
        (3, date(2026, 3, 4), True, date(2026, 3, 4), False, 5),
        (4, date(2026, 3, 4), False, date(2026, 3, 4), False, 5),
        (5, date(2026, 3, 4), None, None, False, 5),
        (6, None, None, date(2026, 3, 4), True, -1),
    ]


def test_notes_keep_their_text_apart(warehouse: Warehouse) -> None:
    """Whom a note is on, and when; what it says is personal data."""
    made = {"created_at": at("03-02 15:00"), "user_id": 7}
    built(
        warehouse,
        record("people", 50, account_id=5),
        record("notes", 1, associated_type="person", associated_with_id=50, content="asked for Jane", **made),
        record("notes", 2, associated_type="account", associated_with_id=6, call_id=3, content="big", **made),
        record("notes", 3, associated_type="person", associated_with_id=51, _deleted_at=at("03-03 00:00")),
    )
    assert warehouse.query(
        "select note_id, user_id, person_id, account_id, call_id, note_date, is_deleted from mart.fct_note order by 1"
    ) == [
        (1, 7, 50, 5, None, date(2026, 3, 2), False),
        (2, 7, -1, 6, 3, date(2026, 3, 2), False),
        (3, -1, 51, -1, None, None, True),
    ]
    assert warehouse.query("select note_text from mart.fct_note_pii order by note_id") == [
        ("asked for Jane",),
        ("big",),
        (None,),
    ]
    assert "note_text" not in warehouse.columns("mart", "fct_note")


def test_what_the_feed_takes_back(warehouse: Warehouse) -> None:
    """An entry that is gone stays in its fact, marked, and counts no more: the reply falls back on its version."""
    on_step = {"cadence_id": 10, "step_id": 101, "step_type": "other"}
    entries = [
        reply("email_reply-1", 1, "03-03 11:00"),
        activity("completed_action-1", "completed_action", "03-02 16:00", guid=GUID, static=on_step),
        activity("dnc_event-1", "dnc_event", "03-02 16:00", guid=GUID, static=on_step),
        activity("added_to_cadence-1", "added_to_cadence", "03-02 16:00", guid=GUID, static=on_step),
    ]
    for entry in entries:
        entry.values["_deleted_at"] = at("03-05 00:00")
    built(warehouse, user(7, guid=GUID), email(1, replies=1, updated_at="03-04 12:00"), *entries)
    assert warehouse.query("select activity_id, is_deleted from mart.fct_activity order by 1") == [
        ("added_to_cadence-1", True),
        ("completed_action-1", True),
        ("dnc_event-1", True),
        ("email_reply-1", True),
    ]
    assert warehouse.query("select is_other_touch, is_deleted from mart.fct_step_completion") == [
        (False, True)
    ]
    assert warehouse.query(
        "select event_type, source from mart.fct_engagement_event order by event_at, event_type"
    ) == [("email_sent", "email"), ("email_replied", "version_delta")]


# Of each fact what is not -1, 0, false or empty although its row in SalesLoft has but an id (and a time).
BARE = {
    "fct_email": {"email_id": 1, "email_kind": "one_off"},
    "fct_email_version": {"email_id": 1, "version_no": 1},
    "fct_call": {
        "call_id": 1,
        "dial_count": 1,
        "disposition_category": "not_set",
        "sentiment_category": "not_set",
    },
    "fct_dial": {"dial_id": 1},
    "fct_meeting": {"meeting_id": 1},
    "fct_success": {"success_id": 1},
    "fct_task": {"task_id": 1},
    "fct_cadence_membership": {"membership_id": 1},
    "fct_cadence_enrollment": {"membership_id": 1, "enrollment_number": 1},
    "fct_activity": {"activity_id": "1"},
}

NOBODY = {"user_id", "person_id", "account_id", "cadence_id", "step_id", "template_id"}
# What may be unknown of what is counted or answered with yes and no.
UNKNOWN = {
    *("mailing_id", "task_id", "crm_activity_id", "call_id", "email_id"),
    *("sent_hour_local", "duration_seconds", "connected_by_duration", "strict_attribution", "was_skipped"),
    "is_on_time",
}


def test_what_is_left_empty_is_nobody_nothing_and_no(warehouse: Warehouse) -> None:
    """-1 says nobody and nowhere, 0 how many, false whether; only what is listed may be unknown."""
    tables = ("emails", "calls", "call_data_records", "meetings", "successes", "tasks")
    built(
        warehouse,
        *(record(table, 1) for table in tables),
        record("cadence_memberships", 1, added_at=at("03-02 15:00")),
        Row("activity_histories", {"id": "1", "occurred_at": at("03-02 15:00")}),
        Row("emails_versions", {"version_id": "2", "id": 2}),
    )
    for fact, told in BARE.items():
        names = list(warehouse.columns("mart", fact))
        row = dict(zip(names, warehouse.query(f"select * from mart.{fact} order by 1")[0], strict=True))
        whom = {name: row.pop(name) for name in names if name in NOBODY}
        assert whom == dict.fromkeys(whom, -1), fact
        known = {name: value for name, value in row.items() if isinstance(value, int | str)}
        assert {name: value for name, value in known.items() if value} == told, fact
        kinds = {name: kind.lower() for name, kind in warehouse.columns("mart", fact).items()}
        whole = {name for name in row if kinds[name] in ("bigint", "integer", "boolean")}
        assert whole - known.keys() <= UNKNOWN, fact
    counted = "views, clicks, replies, d_views, d_clicks, d_replies, bounced, has_drop"
    assert warehouse.query(f"select {counted} from mart.fct_email_version") == [(0,) * 6 + (False,) * 2] * 2


def test_whatever_is_of_a_person_is_of_their_account(warehouse: Warehouse) -> None:
    """A meeting may name an account of its own."""
    other = meeting(2)
    other.values["account_id"] = 6
    built(
        warehouse,
        record("people", 50, account_id=5),
        *(email(1), call(1), dial(1), dial(2, 1, person=None), meeting(1), other, success(1)),
        activity("note-1", "note", "03-02 15:00"),
        activity("note-2", "note", "03-02 15:00", person="1", resource="email", static={"person_id": 50}),
    )
    facts = ("fct_email", "fct_call", "fct_dial", "fct_meeting", "fct_success", "fct_activity")
    accounts = {
        fact: [id_ for (id_,) in warehouse.query(f"select account_id from mart.{fact} order by 1")]
        for fact in facts
    }
    assert accounts == {fact: [5] for fact in facts} | {
        "fct_dial": [5, 5],
        "fct_meeting": [5, 6],
        "fct_activity": [5, 5],
    }


def test_the_feed_names_the_kind_of_a_step_in_two_ways(warehouse: Warehouse) -> None:
    """As step_type, else as action_type, else not at all: then the step itself tells."""
    kinds: tuple[dict[str, Any], ...] = (
        {"step_type": "Other", "action_type": "phone"},
        {"action_type": "Integration"},
        {"step_id": 101},
    )
    entries = (
        activity(f"completed_action-{number}", "completed_action", "03-02 16:00", static=static)
        for number, static in enumerate(kinds)
    )
    built(warehouse, record("steps", 101, cadence_id=10, type="phone"), *entries)
    assert warehouse.query(
        "select step_type, is_other_touch from mart.fct_step_completion order by activity_id"
    ) == [
        ("other", True),
        ("integration", True),
        ("phone", False),
    ]


def test_each_thing_that_happened_is_one(warehouse: Warehouse) -> None:
    """Whatever has a time of its own is one event at it; only counters that rise by several are more."""
    on_step = {"cadence_id": 10, "step_id": 101, "step_type": "other"}
    built(
        warehouse,
        user(7, guid=GUID),
        email(1, views=2),
        email(2, bounced=True),
        call(1, "Connected"),
        meeting(1),
        meeting(2, no_show=True),
        success(1),
        membership(1, "03-02 12:00"),
        activity("completed_action-1", "completed_action", "03-02 16:00", guid=GUID, static=on_step),
        activity("dnc_event-1", "dnc_event", "03-02 16:00", guid=GUID, static=on_step),
    )
    happened = warehouse.query(
        "select event_type, quantity, count(*) from mart.fct_engagement_event group by 1, 2 order by 1"
    )
    assert happened == [
        ("added_to_cadence", 1, 1),
        ("call_connected", 1, 1),
        ("call_logged", 1, 1),
        ("email_bounced", 1, 1),
        ("email_sent", 1, 2),
        ("email_viewed", 2, 1),
        ("meeting_booked", 1, 2),
        ("meeting_held", 1, 1),
        ("meeting_no_show", 1, 1),
        ("opt_out", 1, 1),
        ("other_touch", 1, 1),
        ("step_completed", 1, 1),
        ("success", 1, 1),
    ]
    # Being added is no step's work.
    added = "select cadence_id, step_id from mart.fct_engagement_event where event_type = 'added_to_cadence'"
    assert warehouse.query(added) == [(10, -1)]


def test_the_first_version_with_a_reply_dates_it(warehouse: Warehouse) -> None:
    """Later ones do not move it."""
    built(
        warehouse,
        email_version(1, "03-02 16:00"),
        email_version(1, "03-03 12:00", replies=1),
        email(1, replies=2, updated_at="03-05 12:00"),
    )
    assert warehouse.query("select first_reply_at from mart.fct_email") == [(at("03-03 12:00"),)]


def test_replies_that_were_not_counted_are_none(warehouse: Warehouse) -> None:
    """SalesLoft leaves counters empty as well."""
    uncounted = email(1)
    uncounted.values["counts_replies"] = None
    built(warehouse, uncounted)
    assert warehouse.query("select was_replied from mart.fct_email") == [(False,)]


def test_the_hour_is_that_of_who_sent_it(warehouse: Warehouse) -> None:
    """By the zone of each user; by the reporting zone where a user has none."""
    built(
        warehouse,
        user(7, time_zone="Pacific Time (US & Canada)"),
        user(8, time_zone="UTC"),
        *(email(number, "03-02 15:00", user=number) for number in (7, 8, 9)),
    )
    hours = warehouse.query("select user_id, sent_hour_local from mart.fct_email order by 1")
    assert hours == [(7, 7), (8, 15), (9, 10)]


def test_bounces_of_a_day_add_up(warehouse: Warehouse) -> None:
    """On the day that they were seen."""
    built(warehouse, *(email(number, bounced=True) for number in (1, 2)))
    assert warehouse.query("select evt_bounces from mart.daily_engagement where evt_bounces > 0") == [(2,)]


@pytest.mark.parametrize(("as_of", "happened"), [("03-04 15:00", True), ("03-04 14:59:59", False)])
def test_what_happens_at_the_instant_of_the_load_has_happened(
    warehouse: Warehouse, as_of: str, happened: bool
) -> None:
    """An email of that instant is sent, a meeting that begins at it is held."""
    built(warehouse, email(1, "03-04 15:00"), meeting(1, starts_at="03-04 15:00"), as_of=as_of)
    assert warehouse.query("select is_sent from mart.fct_email") == [(happened,)]
    assert warehouse.query("select is_held from mart.fct_meeting") == [(happened,)]
