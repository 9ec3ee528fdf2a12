"""People put on cadences and taken off them through the API."""

from __future__ import annotations

from typing import Any

import pytest

from salesloft_pipeline.simulator import World

from .conftest import ask, when
from .receiving import send

LIST = "/cadence_memberships"


@pytest.fixture
def pair(own_world: World) -> dict[str, Any]:
    """A person who may be contacted and a team cadence that was never theirs."""
    cadence = next(c for c in own_world.truth("cadences") if c["team_cadence"] and not c["archived"])
    members = {
        m["person"]["id"]
        for m in own_world.truth("cadence_memberships")
        if m["cadence"]["id"] == cadence["id"]
    }
    person = next(p for p in own_world.truth("people") if not p["do_not_contact"] and p["id"] not in members)
    return {"person_id": person["id"], "cadence_id": cadence["id"]}


def test_a_person_goes_through_the_cadence_they_are_put_on(own_world: World, pair: dict[str, Any]) -> None:
    """By query or body: an active membership of whoever asked, an action in progress, and later an email."""
    world = own_world
    query = "&".join(f"{name}={value}" for name, value in pair.items())
    made = send(world, "POST", LIST, query=query)
    assert made.status == 200
    assert made.data == ask(world, f"{LIST}/{made.data['id']}").data
    assert (made.data["current_state"], made.data["currently_on_cadence"]) == ("active", True)
    assert when(made.data["added_at"]) == world.now
    assert made.data["user"]["id"] == ask(world, "/me").data["id"]
    assert ask(world, "/actions", pair).data
    person = ask(world, f"/people/{pair['person_id']}").data
    assert pair["cadence_id"] in {cadence["id"] for cadence in person["cadences"]}
    world.advance(40 * 86_400)
    assert ask(world, "/activities/emails", pair).data


def test_off_and_on_again_is_the_same_record(own_world: World, pair: dict[str, Any]) -> None:
    """DELETE can be repeated; POST puts the person on again at once, under the same id."""
    world = own_world
    id_ = send(world, "POST", LIST, pair).data["id"]
    world.advance(60)
    assert [send(world, "DELETE", f"{LIST}/{id_}").status for _ in range(2)] == [204, 204]
    off = ask(world, f"{LIST}/{id_}").data
    assert (off["currently_on_cadence"], off["current_state"], when(off["updated_at"])) == (
        False,
        "removed",
        world.now,
    )
    assert ask(world, "/actions", pair).data == []
    world.advance(60)
    again = send(world, "POST", LIST, pair).data
    assert (again["id"], again["currently_on_cadence"], when(again["added_at"])) == (id_, True, world.now)
    assert again["created_at"] == off["created_at"]
    assert send(world, "DELETE", f"{LIST}/7").status == 404


def test_a_person_may_start_at_a_later_step(own_world: World, pair: dict[str, Any]) -> None:
    """`step_id` names it."""
    steps = ask(own_world, "/steps", {"cadence_id": pair["cadence_id"], "sort_by": "created_at"}).data
    last = max(steps, key=lambda step: (step["day"], step["id"]))
    made = send(own_world, "POST", LIST, pair | {"step_id": last["id"]})
    assert made.data["step"]["id"] == last["id"]


def test_who_cannot_be_put_on_a_cadence_is_refused_with_the_reason(
    own_world: World, pair: dict[str, Any]
) -> None:
    """422 by field: missing, unknown, there already, not to be contacted, archived, somebody else's cadence."""
    world = own_world
    people, cadences = list(world.truth("people")), list(world.truth("cadences"))
    me = ask(world, "/me").data["id"]
    shy = next(p["id"] for p in people if p["do_not_contact"])
    archived = next(c["id"] for c in cadences if c["archived"])
    foreign = next(
        c for c in cadences if not c["team_cadence"] and not c["archived"] and c["owner"]["id"] != me
    )
    step = next(s["id"] for s in world.truth("steps") if s["cadence"]["id"] != pair["cadence_id"])
    for fields, wrong in (
        ({}, {"person_id", "cadence_id"}),
        (pair | {"person_id": 7}, {"person_id"}),
        (pair | {"person_id": shy}, {"person_id"}),
        (pair | {"cadence_id": archived}, {"cadence_id", "user_id"}),
        (pair | {"cadence_id": foreign["id"]}, {"user_id"}),
        (pair | {"step_id": step}, {"step_id"}),
    ):
        got = send(world, "POST", LIST, fields)
        assert got.status == 422
        assert set(got.body["errors"]) <= wrong
        assert got.body["errors"]
    owner = {"cadence_id": foreign["id"], "user_id": foreign["owner"]["id"]}
    assert send(world, "POST", LIST, pair | owner).data["user"]["id"] == foreign["owner"]["id"]
    assert send(world, "POST", LIST, pair).status == 200
    assert set(send(world, "POST", LIST, pair).body["errors"]) == {"person_id"}
