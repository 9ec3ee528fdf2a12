"""People are found by address and by their id in the CRM, as a write-back looks for them."""

from __future__ import annotations

import pytest

from salesloft_pipeline.simulator import World

from .conftest import ask


@pytest.mark.parametrize(("name", "field"), [("email_addresses", "email_address"), ("crm_id", "crm_id")])
def test_people_are_found_by_what_is_theirs(world: World, name: str, field: str) -> None:
    """Each value asked for finds its person, in whatever case; nobody is found by null."""
    bearers = [person for person in world.truth("people") if person[field]][:3]
    asked = [person[field].upper() for person in bearers]
    answer = ask(world, "/people", [(f"{name}[]", value) for value in asked])
    assert sorted(answer.ids) == sorted(person["id"] for person in bearers)
    assert answer.body["metadata"]["filtering"] == {name: asked}
    assert ask(world, "/people", {f"{name}[]": "None"}).ids == []
