"""Enrollments: each time a person was put on a cadence, out of a row that only remembers the last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    activity,
    at,
    built,
    call,
    email,
    meeting,
    membership,
    membership_version,
    success,
    user,
)


def enrollments(warehouse: Warehouse, columns: str = "added_at") -> list[tuple[Any, ...]]:
    return warehouse.query(
        f"select {columns} from mart.fct_cadence_enrollment order by membership_id, added_at"
    )


def days(warehouse: Warehouse) -> list[datetime]:
    return [moment for (moment,) in enrollments(warehouse)]


def test_versions_remember_what_the_row_forgets(warehouse: Warehouse) -> None:
    """Added, removed, added again: two enrollments, each with its own state, user and end."""
    built(
        warehouse,
        membership_version(1, "03-02 12:00", "03-02 12:00"),
        membership_version(1, "03-05 12:00", "03-02 12:00", state="removed", on_cadence=False),
        membership_version(1, "03-09 12:00", "03-09 12:00", user=8),
        membership(1, "03-09 12:00", created_at="03-02 12:00", updated_at="03-10 12:00", user=8),
    )
    assert enrollments(
        warehouse, "enrollment_number, added_at, next_added_at, ended_at, current_state, user_id"
    ) == [
        (1, at("03-02 12:00"), at("03-09 12:00"), at("03-05 12:00"), "removed", 7),
        (2, at("03-09 12:00"), None, None, "active", 8),
    ]


def test_the_feed_knows_of_enrollments_nobody_saw(warehouse: Warehouse) -> None:
    """Between two polls a person may come and go; the feed still tells."""
    on_cadence = {"cadence_id": 10}
    built(
        warehouse,
        membership(1, "03-09 12:00", created_at="03-02 12:00"),
        activity("added_to_cadence-1", "added_to_cadence", "03-02 12:00:03", static=on_cadence),
        activity("added_to_cadence-2", "added_to_cadence", "03-05 12:00", static=on_cadence),
        activity("added_to_cadence-3", "added_to_cadence", "03-09 12:00:01", static=on_cadence),
        activity("added_to_cadence-4", "added_to_cadence", "03-05 12:00", static={"cadence_id": 11}),
    )
    assert days(warehouse) == [at("03-02 12:00"), at("03-05 12:00"), at("03-09 12:00")]
    assert enrollments(warehouse, "user_id") == [(7,)] * 3


def test_sources_that_differ_by_moments_agree(warehouse: Warehouse) -> None:
    """The membership's own time is the one kept."""
    built(
        warehouse,
        membership(1, "03-02 12:00:05", created_at="03-02 12:00:06"),
        membership_version(1, "03-02 12:00:05", "03-02 12:00:05"),
        activity("added_to_cadence-1", "added_to_cadence", "03-02 12:00:00", static={"cadence_id": 10}),
    )
    assert days(warehouse) == [at("03-02 12:00:05")]


def test_touches_and_outcomes_fall_into_their_enrollment(warehouse: Warehouse) -> None:
    """What happened before the person was added again belongs to the enrollment before."""
    built(
        warehouse,
        membership(1, "03-09 12:00", created_at="03-02 12:00"),
        email(1, "03-02 18:00", replies=1, updated_at="03-03 12:00"),
        call(1, called_at="03-03 12:00"),
        call(2, called_at="03-03 13:00"),
        email(2, "03-09 13:30"),
        email(3, "03-09 13:00", cadence=11),
        email(4, "03-09 13:00", person=51),
        meeting(1, "03-04 12:00"),
        success(1, "03-10 12:00"),
    )
    assert enrollments(
        warehouse, "emails, calls, hours_to_first_touch, was_emailed, was_replied, got_meeting, got_success"
    ) == [(1, 2, 6.0, True, True, True, False), (1, 0, 1.5, True, False, False, True)]


def test_a_step_of_another_kind_is_a_touch(warehouse: Warehouse) -> None:
    """Neither mail nor call, it is the first all the same; on no cadence it is nobody's."""
    kind = {"step_type": "other"}
    built(
        warehouse,
        membership(1, "03-09 12:00"),
        activity("completed_action-1", "completed_action", "03-09 13:30", static=kind | {"cadence_id": 10}),
        activity("completed_action-2", "completed_action", "03-09 13:00", static=kind),
    )
    assert enrollments(warehouse, "emails, calls, hours_to_first_touch, was_emailed") == [(0, 0, 1.5, False)]


def test_the_feed_may_know_who_enrolled(warehouse: Warehouse) -> None:
    """Where no version says so."""
    guid = "54713f8f-6283-453f-84da-27e28223e8c7"
    on_cadence = {"cadence_id": 10}
    built(
        warehouse,
        user(8, guid=guid),
        membership(1, "03-02 12:00", user=None),
        activity("added_to_cadence-1", "added_to_cadence", "03-02 12:00", guid=guid, static=on_cadence),
    )
    assert enrollments(warehouse, "added_at, user_id") == [(at("03-02 12:00"), 8)]


def test_the_earliest_time_of_the_membership_counts(warehouse: Warehouse) -> None:
    """Of the moments that SalesLoft itself gave one enrollment."""
    built(
        warehouse,
        membership_version(1, "03-02 12:00:05", "03-02 12:00:05"),
        membership_version(1, "03-02 12:01", "03-02 12:00:07"),
        membership(1, "03-02 12:00:09", created_at="03-02 12:00:03"),
    )
    assert days(warehouse) == [at("03-02 12:00:05")]


def test_the_feed_speaks_of_the_latest_membership(warehouse: Warehouse) -> None:
    """Where a person has two of one cadence, an entry belongs to the one made last."""
    built(
        warehouse,
        membership(1, "03-02 12:00", deleted_at="03-03 12:00"),
        membership(2, "03-04 12:00"),
        activity("added_to_cadence-1", "added_to_cadence", "03-06 12:00", static={"cadence_id": 10}),
    )
    assert enrollments(warehouse, "membership_id, added_at") == [
        (1, at("03-02 12:00")),
        (2, at("03-04 12:00")),
        (2, at("03-06 12:00")),
    ]


def test_enrollments_of_one_instant_keep_apart(warehouse: Warehouse) -> None:
    """Two people put on a cadence at once have their own touches; several meetings and successes are still one row."""
    built(
        warehouse,
        membership(1, "03-02 12:00"),
        membership(2, "03-02 12:00", person=51),
        membership(3, "03-02 12:00", person=52),
        membership(4, "03-02 12:00", person=52, cadence=1),
        call(1, called_at="03-02 13:00"),
        call(2, called_at="03-02 13:00", person=52, cadence=1),
        email(3, "03-02 14:00", person=52, cadence=1),
        *(email(number, "03-02 12:00", person=51) for number in (1, 2)),
        *(meeting(number, f"03-0{number + 2} 12:00", person=51) for number in (1, 2)),
        *(success(number, f"03-0{number + 2} 12:00", person=51) for number in (1, 2)),
    )
    columns = "membership_id, emails, calls, hours_to_first_touch, was_emailed, got_meeting, got_success"
    assert enrollments(warehouse, columns) == [
        (1, 0, 1, 1.0, False, False, False),
        (2, 2, 0, 0.0, True, True, True),
        (3, 0, 0, None, False, False, False),
        (4, 1, 1, 1.0, True, False, False),
    ]
