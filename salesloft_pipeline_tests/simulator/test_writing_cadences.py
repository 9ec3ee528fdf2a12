"""Cadences imported and exported: the only way to write one."""

from __future__ import annotations

from typing import Any

import pytest

from salesloft_pipeline.simulator import World

from .conftest import ask
from .receiving import receiving, send, subscribe

PLAN = {
    "settings": {"name": "Imported", "cadence_function": "outbound", "remove_replied": True, "remove_bounced": False},
    "sharing_settings": {"team_cadence": True, "shared": True},
    "cadence_content": {
        "step_groups": [
            {"day": 1, "steps": [
                {"enabled": True, "type": "Email", "name": "Hello", "type_settings": {"email_template": {"title": "Hello", "subject": "S", "body": "B"}}},
                {"enabled": True, "type": "Phone", "name": "Ring", "type_settings": {"instructions": "Be brief"}},
            ]},
            {"day": 4, "steps": [{"enabled": False, "type": "Other", "name": "Wave", "type_settings": {"instructions": "Twice"}}]},
        ]
    },
}  # fmt: skip


def imported(world: World, plan: Any = PLAN) -> dict[str, Any]:
    """The cadence that an import has made."""
    got = send(world, "POST", "/cadence_imports", plan)
    assert got.status == 200, got.body
    assert set(got.data) == {"cadence"}
    return dict(ask(world, f"/cadences/{got.data['cadence']['id']}").data)


def test_an_imported_cadence_is_there_with_its_steps(own_world: World) -> None:
    """Owned by whoever imported it; steps are found by asking for them, templates and instructions too."""
    cadence = imported(own_world)
    assert (cadence["name"], cadence["current_state"], cadence["team_cadence"]) == (
        "Imported",
        "active",
        True,
    )
    assert (cadence["remove_replies_enabled"], cadence["remove_bounces_enabled"]) == (True, False)
    assert cadence["owner"]["id"] == ask(own_world, "/me").data["id"]
    steps = sorted(ask(own_world, "/steps", {"cadence_id": cadence["id"]}).data, key=lambda step: step["id"])
    assert [(s["name"], s["type"], s["day"], s["disabled"]) for s in steps] == [
        ("Hello", "email", 1, False), ("Ring", "phone", 1, False), ("Wave", "other", 4, True)
    ]  # fmt: skip
    details = steps[1]["details"]["_href"].split("/v2")[1]
    assert ask(own_world, details).data["instructions"] == "Be brief"


def test_what_is_exported_can_be_imported_again(own_world: World) -> None:
    """The second export says the same as the first: of an imported cadence, and of an old one."""
    for id_ in (imported(own_world)["id"], own_world.ids("cadences")[0]):
        content = ask(own_world, f"/cadence_exports/{id_}").data["cadence_content"]
        plan = {name: content[name] for name in ("settings", "sharing_settings")}
        again = imported(own_world, plan | {"cadence_content": {"step_groups": content["step_groups"]}})
        assert again["id"] != id_
        assert ask(own_world, f"/cadence_exports/{again['id']}").data["cadence_content"] == content
    first = ask(own_world, f"/cadence_exports/{imported(own_world)['id']}").data["cadence_content"]
    sent = PLAN["cadence_content"]["step_groups"]
    assert [group["steps"] for group in first["step_groups"]] == [group["steps"] for group in sent]


def test_steps_can_be_added_to_a_cadence_without_any(own_world: World) -> None:
    """Once; until then nobody can be put on it. Then people go through it."""
    world = own_world
    cadence = imported(world, {**PLAN, "cadence_content": {}})
    person = next(p["id"] for p in world.truth("people") if not p["do_not_contact"])
    pair = {"cadence_id": cadence["id"], "person_id": person}
    assert set(send(world, "POST", "/cadence_memberships", pair).body["errors"]) == {"cadence_id"}
    content = PLAN["cadence_content"] | {"cadence_id": cadence["id"]}
    assert imported(world, {"cadence_content": content})["id"] == cadence["id"]
    assert send(world, "POST", "/cadence_memberships", pair).status == 200
    got = send(world, "POST", "/cadence_imports", {"cadence_content": content})
    assert (got.status, set(got.body["errors"])) == (422, {"cadence_content"})
    world.advance(10 * 86_400)
    assert [email["cadence"]["id"] for email in ask(world, "/activities/emails", pair).data] == [
        cadence["id"]
    ]


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        ({}, "settings"),
        ({"settings": {"name": ""}}, "settings"),
        ({"settings": {"name": "x", "cadence_function": "dance"}}, "settings"),
        ({"settings": []}, "settings"),
        (PLAN | {"cadence_content": {"step_groups": {}}}, "cadence_content"),
        (PLAN | {"cadence_content": {"step_groups": [{"day": 0, "steps": []}]}}, "cadence_content"),
        (PLAN | {"cadence_content": {"step_groups": [{"day": 1}]}}, "cadence_content"),
        (PLAN | {"cadence_content": {"step_groups": [{"day": 1, "steps": [{"name": "x", "type": "Fax"}]}]}}, "cadence_content"),
        (PLAN | {"cadence_content": {"cadence_id": 7}}, "cadence_content"),
    ],
)  # fmt: skip
def test_an_import_that_makes_no_sense_makes_nothing(world: World, plan: Any, wrong: str) -> None:
    """422 by part of the import."""
    before = world.ids("cadences")
    got = send(world, "POST", "/cadence_imports", plan)
    assert (got.status, set(got.body["errors"])) == (422, {wrong})
    assert world.ids("cadences") == before


def test_an_import_is_told_by_webhook(own_world: World) -> None:
    """The cadence and each of its steps, as created."""
    with receiving() as receiver:
        for event_type in ("cadence_created", "step_created"):
            subscribe(own_world, event_type, receiver.url)
        imported(own_world)
        own_world.deliver()
        assert [each.event for each in receiver.got] == ["cadence_created", *["step_created"] * 3]
