"""Filters: what is applied is echoed, what is unknown is ignored, what is wrong is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from salesloft_pipeline.simulator import World

from .conftest import NOW, ask, when

MICRO = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("operator", "offset", "included"),
    [
        ("gt", 0, False), ("gt", -1, True), ("gte", 0, True), ("gte", 1, False),
        ("lt", 0, False), ("lt", 1, True), ("lte", 0, True), ("lte", -1, False),
    ],
)  # fmt: skip
def test_ranges_are_exact_to_the_microsecond(
    world: World, operator: str, offset: int, included: bool
) -> None:
    """One microsecond decides."""
    record = ask(world, "/activities/emails", {"page": 3}).data[0]
    bound = (when(record["updated_at"]) + offset * MICRO).isoformat()
    got = ask(world, "/activities/emails", {f"updated_at[{operator}]": bound, "ids[]": record["id"]})
    assert (got.ids == [record["id"]]) is included
    assert got.body["metadata"]["filtering"] == {"updated_at": {operator: bound}, "ids": [record["id"]]}


@pytest.mark.parametrize(
    ("path", "name", "shown"),
    [
        ("/people", "updated_at", "updated_at"), ("/people", "created_at", "created_at"),
        ("/people", "last_contacted", "last_contacted_at"), ("/activities/emails", "sent_at", "sent_at"),
        ("/activities/calls", "created_at", "created_at"), ("/activity_histories", "occurred_at", "occurred_at"),
        ("/meetings", "start_time", "start_time"), ("/meetings", "created_at", "created_at"),
        ("/imports", "created_at", "created_at"), ("/tasks", "updated_at", "updated_at"),
    ],
)  # fmt: skip
def test_a_range_keeps_exactly_the_rows_inside_it(world: World, path: str, name: str, shown: str) -> None:
    """Compared with the truth; rows without a time are in no range."""
    low, high = NOW - timedelta(days=40), NOW - timedelta(days=10)
    got = ask(
        world, path, {f"{name}[gte]": low.isoformat(), f"{name}[lt]": high.isoformat(), "per_page": 100}
    )
    shown_too = {
        record["id"]
        for record in world.truth(path.strip("/"))
        if record[shown] and low <= when(record[shown]) < high
    }
    if path == "/meetings":
        hidden = set(world.ids("meetings")) - set(ask(world, path, {"per_page": 100}).ids)
        shown_too -= hidden
    assert got.paging["next_page"] is not None or set(got.ids) == shown_too
    assert set(got.ids) <= shown_too


@pytest.mark.parametrize(
    "path", ["/meetings", "/users", "/custom_fields", "/account_tiers", "/crm_users", "/imports", "/tags"]
)
def test_a_filter_the_list_does_not_have_is_ignored_without_a_word(world: World, path: str) -> None:
    """Everything comes back, with 200, and the echo is empty: the only sign."""
    got = ask(world, path, {"updated_at[gte]": "2999-01-01T00:00:00Z", "per_page": 100})
    assert got.status == 200
    assert got.body["metadata"]["filtering"] == {}
    assert got.data == ask(world, path, {"per_page": 100}).data != []


def test_ids_leave_out_what_does_not_exist(world: World) -> None:
    """A hundred ids for one point; missing ones are simply missing."""
    known = world.ids("people")[:99]
    got = ask(world, "/people", [("ids[]", id_) for id_ in [*known, 7]] + [("per_page", 100)])
    assert sorted(got.ids) == sorted(known)
    assert got.body["metadata"]["filtering"] == {"ids": [*known, 7]}


def test_activities_are_found_by_their_spelt_ids(world: World) -> None:
    """`sent_email-722488662`: ids of activities are text, one by one and in a list."""
    ids = world.ids("activity_histories")
    assert len(ids) == len(set(ids))
    some = ids[:: len(ids) // 60]
    got = ask(world, "/activity_histories", [("ids[]", id_) for id_ in some] + [("per_page", 100)])
    assert sorted(got.ids) == sorted(some)
    assert ask(world, f"/activity_histories/{some[0]}").data["id"] == some[0]


@pytest.mark.parametrize(
    "query",
    [
        "ids[]=abc",
        "ids=1,2",
        "do_not_contact=maybe",
        "person_stage_id[]=x",
        "job_seniority[]=king",
        "updated_at=2026-01-01",
    ],
)
def test_a_bad_value_is_refused(world: World, query: str) -> None:
    """422 with `errors` by field."""
    got = ask(world, "/people", query)
    assert got.status == 422
    assert list(got.body) == ["errors"]


def test_a_malformed_timestamp_is_a_500_as_observed(world: World, switched: Callable[..., None]) -> None:
    """Or a 422 when switched."""
    got = ask(world, "/people", {"updated_at[gt]": "not a time"})
    assert (got.status, got.body) == (500, {"status": 500, "error": "Internal Server Error"})
    switched(malformed_timestamp_is_500=False)
    assert ask(world, "/people", {"updated_at[gt]": "not a time"}).status == 422


def test_a_plus_must_be_percent_encoded(world: World) -> None:
    """A raw + in a query is a space: an offset copied into a URL breaks the timestamp."""
    assert ask(world, "/people", "updated_at[gt]=2026-01-01T00:00:00.000000%2B01:00").status == 200
    assert ask(world, "/people", "updated_at[gt]=2026-01-01T00:00:00.000000+01:00").status == 500


def test_the_boundary_row_comes_again_when_switched(world: World, switched: Callable[..., None]) -> None:
    """[gt] then also returns the row that equals the bound."""
    last = ask(world, "/activities/emails").data[0]
    bound = {"updated_at[gt]": last["updated_at"]}
    assert ask(world, "/activities/emails", bound).data == []
    switched(boundary_row_again=True)
    assert ask(world, "/activities/emails", bound).ids == [last["id"]]


def test_filters_are_dropped_when_switched(world: World, switched: Callable[..., None]) -> None:
    """Nothing is applied and nothing is echoed."""
    switched(ignore_filters=True)
    got = ask(world, "/people", {"updated_at[gt]": "2999-01-01T00:00:00Z"})
    assert got.body["metadata"]["filtering"] == {}
    assert len(got.data) == 25


def test_plain_filters_agree_with_the_records(world: World) -> None:
    """Flags, words and references select what the records say."""
    emails = list(world.truth("emails"))
    cadence = next(e["cadence"]["id"] for e in emails if e["cadence"])
    of_cadence = {e["id"] for e in emails if e["cadence"] and e["cadence"]["id"] == cadence}
    assert set(ask(world, "/activities/emails", {"cadence_id[]": cadence, "per_page": 100}).ids) <= of_cadence
    assert all(e["bounced"] for e in ask(world, "/activities/emails", {"bounced": "true"}).data)
    failed = ask(world, "/activities/emails", {"status[]": "failed", "per_page": 100})
    assert {e["status"] for e in failed.data} == {"failed"}
    assert all(e["cadence"] is None for e in ask(world, "/activities/emails", {"one_off": "true"}).data)
    alone = ask(world, "/people", {"account_id[]": "_is_null"})
    assert [p["account"] for p in alone.data] == [None] * len(alone.data) != []
    assert alone.body["metadata"]["filtering"] == {"account_id": ["_is_null"]}


@pytest.mark.parametrize(
    ("path", "flag"),
    [
        ("/users", {"visible_only": "false"}), ("/meetings", {"show_deleted": "true"}),
        ("/email_templates", {"include_cadence_templates": "true"}), ("/team_templates", {"include_archived_templates": "true"}),
    ],
)  # fmt: skip
def test_some_lists_hide_rows_until_asked(path: str, flag: dict[str, str]) -> None:
    """Deactivated users, deleted meetings, archived and cadence templates."""
    from .conftest import make_world

    world = make_world(emails=4_000)
    less, more = (ask(world, path, {"page": 1, "per_page": 100, **asked}) for asked in ({}, flag))
    assert set(less.ids) < set(more.ids)


def test_dials_older_than_a_year_are_not_listed() -> None:
    """/call_data_records reaches back one year."""
    from .conftest import make_world

    world = make_world(days=500)
    oldest = ask(world, "/call_data_records", {"sort_direction": "ASC"}).data[0]["created_at"]
    assert min(when(r["created_at"]) for r in world.truth("call_data_records")) < NOW - timedelta(days=365)
    assert NOW - timedelta(days=365) <= when(oldest)
