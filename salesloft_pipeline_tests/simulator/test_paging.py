"""Paging: vendor page "Filtering, paging, sorting"."""

from __future__ import annotations

import pytest

from salesloft_pipeline.simulator import RESOURCES, World

from .conftest import ask, identity, walk

# What a list hides by default, and how to ask for it.
EVERYTHING = {
    "users": {"visible_only": "false"},
    "meetings": {"show_deleted": "true"},
    "email_templates": {"include_archived_templates": "true", "include_cadence_templates": "true"},
    "team_templates": {"include_archived_templates": "true"},
}


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_walking_a_list_by_page_gives_exactly_the_truth(world: World, path: str) -> None:
    """Every record once, each as the truth has it."""
    walked = list(walk(world, f"/{path}", **EVERYTHING.get(path, {})))
    truth = list(world.truth(path))
    assert truth
    assert sorted(walked, key=identity) == sorted(truth, key=identity)


def test_the_envelope_has_the_shape_of_real_answers(world: World) -> None:
    """metadata with filtering, paging and sorting beside data, and nothing more."""
    got = ask(world, "/people")
    assert set(got.body) == {"metadata", "data"}
    assert got.body["metadata"] == {
        "filtering": {},
        "paging": {"per_page": 25, "current_page": 1, "next_page": 2, "prev_page": None},
        "sorting": {"sort_by": "updated_at", "sort_direction": "DESC NULLS LAST"},
    }


def test_totals_come_only_when_asked_for(world: World) -> None:
    """include_paging_counts=true adds total_pages and total_count."""
    assert "total_count" not in ask(world, "/people").paging
    paging = ask(world, "/people", {"include_paging_counts": "true", "per_page": 100}).paging
    assert (paging["total_count"], paging["total_pages"]) == (150, 2)


def test_totals_stop_at_ten_thousand_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    """The count lies at the cap; limit_paging_counts=false tells the truth."""
    monkeypatch.setattr("salesloft_pipeline.simulator.api.lists.COUNT_LIMIT", 100)
    assert ask(world, "/people", {"include_paging_counts": "true"}).paging["total_count"] == 100
    free = {"include_paging_counts": "true", "limit_paging_counts": "false"}
    assert ask(world, "/people", free).paging["total_count"] == 150


@pytest.mark.parametrize(
    ("asked", "shown"), [("500", 25), ("0", 25), ("-1", 25), ("many", 25), ("100", 100), ("1", 1)]
)
def test_a_page_size_out_of_range_silently_becomes_the_default(world: World, asked: str, shown: int) -> None:
    """per_page outside 1..100 becomes 25, and the echo says so."""
    got = ask(world, "/people", {"per_page": asked})
    assert (got.paging["per_page"], len(got.data)) == (shown, shown)


@pytest.mark.parametrize("asked", ["0", "-3", "first"])
def test_a_page_number_out_of_range_silently_becomes_the_first(world: World, asked: str) -> None:
    """The corrected page is echoed."""
    assert ask(world, "/people", {"page": asked}).paging["current_page"] == 1


def test_a_page_past_the_end_is_empty_and_no_error(world: World) -> None:
    """data is [], next_page is null."""
    got = ask(world, "/people", {"page": 99, "per_page": 100})
    assert (got.status, got.data, got.paging["next_page"], got.paging["prev_page"]) == (200, [], None, 98)


def test_groups_never_page(world: World) -> None:
    """/groups has no paging key at all, whatever is sent."""
    got = ask(world, "/groups", {"page": 1, "per_page": 1})
    assert "paging" not in got.body["metadata"]
    assert len(got.data) == 5


def test_users_page_only_when_a_page_is_asked_for(world: World) -> None:
    """Without `page` everybody comes at once and there is no paging key."""
    everybody = ask(world, "/users", {"per_page": 1})
    assert "paging" not in everybody.body["metadata"]
    assert len(everybody.data) > 1
    assert len(ask(world, "/users", {"per_page": 1, "page": 1}).data) == 1


def test_the_json_suffix_changes_nothing(world: World) -> None:
    """/people and /people.json are the same list, /people/1 and /people/1.json the same record."""
    assert ask(world, "/people.json").body == ask(world, "/people").body
    id_ = world.ids("people")[0]
    assert ask(world, f"/people/{id_}.json").data == ask(world, f"/people/{id_}").data


def test_pages_past_500_fail_when_switched(world: World, switched: object) -> None:
    """Seen in production: the switch makes them 500."""
    assert ask(world, "/people", {"page": 501}).status == 200
    world.switch(deep_pages_fail=True)
    assert ask(world, "/people", {"page": 500}).status == 200
    got = ask(world, "/people", {"page": 501})
    assert (got.status, got.body) == (500, {"status": 500, "error": "Internal Server Error"})
