"""The world behind the API: it lives, it can be changed, and it tells the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from salesloft_pipeline.simulator import RESOURCES, Request, World

from .conftest import NOW, WITHOUT_IDS, ask, make_world, walk, when

LISTS = sorted(RESOURCES)
WITH_IDS = [path for path in LISTS if path not in WITHOUT_IDS]


def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    """The whole truth."""
    return {path: list(world.truth(path)) for path in LISTS}


def test_the_same_seed_gives_the_same_world_and_the_same_future() -> None:
    """Sizes, seed and now decide everything, also what happens next."""
    one, two = make_world(), make_world()
    assert everything(one) == everything(two)
    for world in (one, two):
        world.advance(86_400)
        world.touch("emails", world.ids("emails")[:5])
        world.add("people", 3)
    assert everything(one) == everything(two)


def test_another_seed_gives_another_world() -> None:
    """And the sizes stay."""
    one, two = make_world(seed=1), make_world(seed=2)
    assert len(one.ids("emails")) == len(two.ids("emails")) == 1_200
    assert list(one.truth("emails")) != list(two.truth("emails"))


@pytest.mark.parametrize(("people", "emails", "days"), [(5, 30, 7), (1, 0, 1), (60, 40, 2), (30, 3_000, 30)])
def test_small_and_lopsided_worlds_have_the_sizes_asked_for(people: int, emails: int, days: int) -> None:
    """Exactly that many people and emails."""
    sizes = make_world(people=people, emails=emails, days=days).sizes()
    assert (sizes["people"], sizes["emails"]) == (people, emails)


def test_time_passing_makes_new_emails_and_moves_old_ones(own_world: World) -> None:
    """Counters move for weeks after the send, with updated_at; new emails come at the rate of the history."""
    before = {email["id"]: email for email in own_world.truth("emails")}
    own_world.advance(2 * 86_400)
    after = {email["id"]: email for email in own_world.truth("emails")}
    assert set(before) < set(after)
    assert 20 < len(after) - len(before) < 120
    moved = [id_ for id_ in before if before[id_] != after[id_]]
    assert any(after[id_]["counts"]["views"] > before[id_]["counts"]["views"] for id_ in moved)
    old = [
        id_
        for id_ in moved
        if when(before[id_]["sent_at"] or before[id_]["send_after"]) < NOW - timedelta(days=3)
    ]
    assert old
    assert all(NOW < when(after[id_]["updated_at"]) <= own_world.now for id_ in moved)


def test_nothing_changes_without_updated_at_while_time_passes(own_world: World) -> None:
    """Whatever a record shows differently than before, its updated_at is later."""
    before = everything(own_world)
    own_world.advance(3 * 86_400)
    for path, records in everything(own_world).items():
        if path in WITHOUT_IDS:
            continue
        known = {record["id"]: record for record in before[path]}
        for record in records:
            # An action becomes due by itself.
            old = known.get(record["id"], record) | {"due": record.get("due")}
            if "updated_at" in record and record | {"due": record.get("due")} != old:
                assert when(record["updated_at"]) > when(old["updated_at"])


def test_everything_else_lives_too(own_world: World) -> None:
    """People arrive, memberships move, actions come and go, calls, tasks and activities are added."""
    before = everything(own_world)
    own_world.advance(3 * 86_400)
    after = everything(own_world)
    for path in (
        "people",
        "accounts",
        "activities/calls",
        "cadence_memberships",
        "activity_histories",
        "notes",
    ):
        assert len(after[path]) > len(before[path]), path
    assert {a["id"] for a in before["actions"]} - {a["id"] for a in after["actions"]}
    assert {a["id"] for a in after["actions"]} - {a["id"] for a in before["actions"]}


@pytest.mark.parametrize("path", WITH_IDS)
def test_a_touch_changes_the_record_and_bumps_updated_at(path: str) -> None:
    """Visible, plausible, now; the others stay as they are."""
    world = make_world()
    world.advance(1)
    before = {record["id"]: record for record in world.truth(path)}
    chosen = list(before)[:3]
    world.touch(path, chosen)
    after = {record["id"]: record for record in world.truth(path)}
    assert {id_ for id_ in before if before[id_] != after[id_]} == set(chosen)
    for id_ in chosen:
        assert "updated_at" not in after[id_] or when(after[id_]["updated_at"]) == world.now


@pytest.mark.parametrize("path", ["emails", "people", "cadence_memberships", "calls", "accounts", "cadences"])
def test_a_silent_change_leaves_updated_at_alone(own_world: World, path: str) -> None:
    """The doubt of the contract: not every change may be announced."""
    chosen = own_world.ids(path)[:2]
    before = {record["id"]: record for record in own_world.truth(path)}
    own_world.change_silently(path, chosen)
    after = {record["id"]: record for record in own_world.truth(path)}
    assert {id_ for id_ in before if before[id_] != after[id_]} == set(chosen)
    assert all(before[id_]["updated_at"] == after[id_]["updated_at"] for id_ in chosen)


def test_a_stamp_gives_many_rows_one_moment(own_world: World) -> None:
    """Ties, as bulk operations make them; other instants are untouched."""
    moment = NOW - timedelta(days=3)
    chosen = own_world.ids("people")[:120]
    own_world.stamp("people", chosen, moment)
    stamped = [r["id"] for r in own_world.truth("people") if when(r["updated_at"]) == moment]
    assert sorted(stamped) == sorted(chosen)


@pytest.mark.parametrize(
    "path", ["people", "activities/emails", "cadences", "users", "activity_histories", "steps"]
)
def test_a_deleted_record_is_absent_and_404(own_world: World, path: str) -> None:
    """No tombstone; deleting again changes nothing."""
    gone, *kept = own_world.ids(path)
    own_world.delete(path, [gone])
    own_world.delete(path, [gone])
    assert own_world.ids(path) == kept
    assert ask(own_world, f"/{path}/{gone}").status == 404
    assert ask(own_world, f"/{path}", {"ids[]": gone, "page": 1}).data == []


def test_a_deleted_person_leaves_cadences_and_a_deleted_account_lets_people_go(own_world: World) -> None:
    """Memberships say so with person_deleted; people stay without their account."""
    member = next(m for m in own_world.truth("cadence_memberships") if m["currently_on_cadence"])
    own_world.delete("people", [member["person"]["id"]])
    after = ask(own_world, f"/cadence_memberships/{member['id']}").data
    assert (after["person_deleted"], after["currently_on_cadence"]) == (True, False)
    person = next(p for p in own_world.truth("people") if p["account"])
    own_world.delete("accounts", [person["account"]["id"]])
    assert ask(own_world, f"/people/{person['id']}").data["account"] is None


def test_deleting_people_lets_an_import_drift(own_world: World) -> None:
    """current_people_count goes down, updated_at does not move: documented."""
    before = {i["id"]: i for i in own_world.truth("imports")}
    own_world.delete("people", own_world.ids("people")[:60])
    after = {i["id"]: i for i in own_world.truth("imports")}
    assert before != after
    assert all(before[id_]["updated_at"] == after[id_]["updated_at"] for id_ in before)


@pytest.mark.parametrize("path", WITH_IDS)
def test_new_records_can_be_asked_for(own_world: World, path: str) -> None:
    """Exactly the ids that come back are new, and they are from now."""
    own_world.advance(1)
    before = set(own_world.ids(path))
    new = own_world.add(path, 4)
    assert len(set(new)) == 4
    assert set(own_world.ids(path)) - before == set(new)
    first = ask(own_world, f"/{path}/{new[0]}").data
    assert "updated_at" not in first or when(first["updated_at"]) == own_world.now


def test_joining_a_cadence_again_changes_the_one_membership(own_world: World) -> None:
    """One row per person and cadence; added_at moves, created_at stays."""
    members = list(make_world(people=12, emails=6_000).truth("cadence_memberships"))
    pairs = [(m["person"]["id"], m["cadence"]["id"]) for m in members]
    assert len(set(pairs)) == len(pairs)
    assert any(when(m["added_at"]) > when(m["created_at"]) for m in members)


def test_the_world_may_change_between_two_pages(own_world: World) -> None:
    """before_request is called before every answer, under the lock; offset pages then skip a row."""

    def move(world: World, request: Request) -> None:
        if request.page == 2:
            world.touch("people", first)

    oldest = list(walk(own_world, "/people", sort_direction="ASC"))
    first = [oldest[0]["id"]]
    own_world.before_request = move
    seen = [p["id"] for p in walk(own_world, "/people", sort_direction="ASC")]
    assert set(seen) < {p["id"] for p in oldest}
    assert oldest[100]["id"] not in seen


def test_the_log_remembers_every_request(own_world: World) -> None:
    """Path, parameters, status, points, page and rows."""
    ask(own_world, "/activities/emails", {"page": 120, "per_page": 3})
    request = own_world.log[-1]
    assert (request.path, request.resource, request.status, request.page) == (
        "/activities/emails",
        "emails",
        200,
        120,
    )
    assert (request.cost, request.rows) == (3, 3)
    assert request.params == [("page", "120"), ("per_page", "3")]


def test_unknown_names_are_told(own_world: World) -> None:
    """An error names what exists."""
    with pytest.raises(KeyError, match="people"):
        own_world.touch("persons", [1])
    with pytest.raises(ValueError, match="retry_after"):
        own_world.switch(retry_aftr=True)
    with pytest.raises(ValueError, match="forward"):
        own_world.advance(-1)


def test_late_commits_become_visible_after_their_updated_at(own_world: World) -> None:
    """A cursor that trusts the newest updated_at it saw would lose them."""
    own_world.switch(late_commit_seconds=3600)
    own_world.advance(3600)
    newest = ask(own_world, "/activities/emails").data[0]["updated_at"]
    assert when(newest) <= NOW
    own_world.advance(3600)
    assert (
        NOW
        < when(ask(own_world, "/activities/emails").data[0]["updated_at"])
        <= own_world.now - timedelta(hours=1)
    )


def test_counts_may_move_without_updated_at(own_world: World) -> None:
    """A switch for the question no source answers."""
    own_world.switch(counts_bump_updated_at=False)
    before = {email["id"]: email for email in own_world.truth("emails")}
    own_world.advance(2 * 86_400)
    after = {email["id"]: email for email in own_world.truth("emails")}
    viewed = [id_ for id_ in before if after[id_]["counts"]["views"] > before[id_]["counts"]["views"]]
    assert any(after[id_]["updated_at"] == before[id_]["updated_at"] for id_ in viewed)
