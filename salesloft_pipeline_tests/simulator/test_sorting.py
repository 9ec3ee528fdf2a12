"""Sorting: nulls, defaults, refusals, and rows that share a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from salesloft_pipeline.simulator import World

from .conftest import NOW, ask, walk, when

DEFAULTS = {
    "call_data_records": ("created_at", "DESC NULLS LAST"),
    "tasks": ("due_date", "ASC NULLS FIRST"),
    "activity_histories": ("occurred_at", "DESC NULLS LAST"),
    "meetings": ("start_time", "DESC NULLS LAST"),
    "imports": ("created_at", "DESC NULLS LAST"),
    "crm_users": ("id", "DESC NULLS LAST"),
    "users": ("id", "DESC NULLS LAST"),
    "call_dispositions": ("name", "ASC NULLS FIRST"),
    "tags": ("name", "ASC NULLS FIRST"),
    "people": ("updated_at", "DESC NULLS LAST"),
}


@pytest.mark.parametrize("path", DEFAULTS)
def test_every_list_has_its_own_default_order(world: World, path: str) -> None:
    """Copying the poller guide's wrong `sort=` parameter leaves this order in place."""
    sorting = ask(world, f"/{path}", {"sort": "updated_at"}).body["metadata"]["sorting"]
    assert (sorting["sort_by"], sorting["sort_direction"]) == DEFAULTS[path]


@pytest.mark.parametrize("direction", ["ASC", "DESC", "asc", "desc"])
def test_nulls_come_first_upward_and_last_downward(world: World, direction: str) -> None:
    """People who were never contacted stand at the low end; lower case is accepted."""
    got = list(walk(world, "/people", sort_by="last_contacted_at", sort_direction=direction))
    times = [record["last_contacted_at"] for record in got]
    filled = [when(time) for time in times if time]
    empty = [time for time in times if not time]
    assert 0 < len(empty) < len(times)
    upward = direction.upper() == "ASC"
    assert filled == sorted(filled, reverse=not upward)
    assert (times[: len(empty)] if upward else times[-len(empty) :]) == empty


@pytest.mark.parametrize(
    ("path", "query"),
    [("/people", "sort_by=shoe_size"), ("/people", "sort_direction=sideways"), ("/users", "sort_by=updated_at"),
     ("/tags", "sort_by=updated_at"), ("/activities/emails", "sort_by=created_at")],
)  # fmt: skip
def test_a_sort_the_list_does_not_have_is_refused(world: World, path: str, query: str) -> None:
    """422, unlike an unknown filter."""
    assert ask(world, path, query).status == 422


def test_tasks_may_refuse_updated_at(world: World, switched: Callable[..., None]) -> None:
    """The two sources disagree: a switch."""
    assert ask(world, "/tasks", {"sort_by": "updated_at"}).status == 200
    switched(tasks_sort_by_updated_at=False)
    assert ask(world, "/tasks", {"sort_by": "updated_at"}).status == 422


def test_more_than_a_page_of_ties_can_be_walked(own_world: World) -> None:
    """250 rows of one microsecond: [gt] behind the first page loses the rest, paging inside it does not."""
    moment = NOW - timedelta(hours=1)
    ids = own_world.ids("emails")[:250]
    own_world.stamp("emails", ids, moment)
    inside = {
        "updated_at[gte]": moment.isoformat(),
        "updated_at[lte]": moment.isoformat(),
        "sort_direction": "ASC",
    }
    assert sorted(record["id"] for record in walk(own_world, "/activities/emails", **inside)) == sorted(ids)
    assert (
        ask(own_world, "/activities/emails", {"updated_at[gt]": moment.isoformat()}).paging["current_page"]
        == 1
    )
    behind = walk(own_world, "/activities/emails", **{"updated_at[gt]": moment.isoformat()})
    assert not {record["id"] for record in behind} & set(ids)


def test_ties_change_their_order_when_switched(own_world: World) -> None:
    """As from a database without a second sort key; without ties nothing moves."""
    plain = {"sort_direction": "ASC", "per_page": 100}
    before = ask(own_world, "/activities/emails", plain).ids
    own_world.switch(unstable_ties=True)
    assert ask(own_world, "/activities/emails", plain).ids == before
    own_world.stamp("emails", before, NOW)
    tied = {"updated_at[gte]": NOW.isoformat(), "per_page": 100}
    once, again = (ask(own_world, "/activities/emails", tied).ids for _ in range(2))
    assert once != again
    assert sorted(once) == sorted(again) == sorted(before)
