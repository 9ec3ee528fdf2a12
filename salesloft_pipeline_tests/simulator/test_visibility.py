"""What a key may see: scopes decide about lists, visibility about people and all that hangs on them."""

from __future__ import annotations

import pytest

from salesloft_pipeline.simulator import DEMO_KEY, RESOURCES, Key, World
from salesloft_pipeline.simulator.api.parts import PARTS

from .conftest import ask, make_world, walk

HALF = "half"
# Every list whose records name a person, and where they do.
OF_PEOPLE = {
    "people": "id", "activities/emails": "recipient", "activities/calls": "called_person", "actions": "person",
    "cadence_memberships": "person", "call_data_records": "called_person", "conversations": "person",
    "crm_activities": "person", "meetings": "person", "opportunity_people": "person_id", "successes": "person",
    "tasks": "person",
}  # fmt: skip


@pytest.fixture(scope="module")
def halved() -> World:
    """A world with an ordinary key and one that sees half of the people; nothing in it changes but a third key."""
    return make_world(emails=3_000, keys={DEMO_KEY: Key(), HALF: Key(visible_share=0.5)})


def people_of(records: list[dict[str, object]], name: str) -> set[str]:
    """The ids of the people these records name."""
    named = [record[name] for record in records]
    return {str(one["id"] if isinstance(one, dict) else one) for one in named if one is not None}


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_list_needs_its_scope(path: str, halved: World) -> None:
    """A key that lacks it gets 403 with one `error`; taking the scope away works while the world runs."""
    scope = RESOURCES[path].scope
    halved.keys["narrow"] = Key().without(scope)
    got = ask(halved, f"/{path}", key="narrow")
    assert (got.status, list(got.body)) == (403, ["error"])
    halved.keys["narrow"] = Key(scopes=frozenset({scope}))
    assert ask(halved, f"/{path}", key="narrow").status == 200


@pytest.mark.parametrize("name", sorted(PARTS))
def test_parts_need_the_scope_of_their_list(name: str, halved: World) -> None:
    """403 before it is even looked for."""
    halved.keys["narrow"] = Key().without(PARTS[name].of.scope)
    assert ask(halved, "/" + PARTS[name].path.format(id=1), key="narrow").status == 403


def test_a_scope_that_is_not_there_cannot_be_taken_away() -> None:
    """A misspelt scope in a test would otherwise test nothing."""
    with pytest.raises(ValueError, match="people:read"):
        Key().without("persons:read")


def test_half_of_the_people_are_always_the_same_half(halved: World) -> None:
    """About half, a true part of all, in the same way in every world of this seed."""
    everybody, seen = ({p["id"] for p in halved.truth("people", key=key)} for key in (DEMO_KEY, HALF))
    assert seen < everybody
    assert 0.35 < len(seen) / len(everybody) < 0.65
    again = make_world(emails=3_000, keys={HALF: Key(visible_share=0.5)})
    assert {p["id"] for p in again.truth("people")} == seen


@pytest.mark.parametrize("path", sorted(OF_PEOPLE))
def test_what_hangs_on_a_hidden_person_is_hidden_too(halved: World, path: str) -> None:
    """Absent from the list, from what ids[] finds, and 404 alone; the rest is as ever."""
    seen, name = (
        {str(id_) for id_ in people_of(list(halved.truth("people", key=HALF)), "id")},
        OF_PEOPLE[path],
    )
    records = list(halved.truth(path))
    assert people_of(list(halved.truth(path, key=HALF)), name) == people_of(records, name) & seen != set()
    hidden = next(record for record in records if people_of([record], name) - seen)
    assert ask(halved, f"/{path}", {"ids[]": hidden["id"]}, key=HALF).data == []
    assert ask(halved, f"/{path}/{hidden['id']}", key=HALF).status == 404
    assert ask(halved, f"/{path}/{hidden['id']}").status == 200


def test_a_list_shows_the_key_what_the_truth_shows_it(halved: World) -> None:
    """Page by page, with a total that counts only what is seen."""
    walked = list(walk_as(halved, "/people"))
    assert {p["id"] for p in walked} == {p["id"] for p in halved.truth("people", key=HALF)}
    counts = {"include_paging_counts": "true", "limit_paging_counts": "false"}
    assert ask(halved, "/people", counts, key=HALF).paging["total_count"] == len(walked)


def walk_as(world: World, path: str) -> list[dict[str, object]]:
    """Every record the half-sighted key gets."""
    return [
        record
        for page in (1, 2)
        for record in ask(world, path, {"per_page": 100, "page": page}, key=HALF).data
    ]


def test_parts_of_hidden_records_are_hidden(halved: World) -> None:
    """The conversation is 404, and so is what was made of it."""
    seen = {c["id"] for c in halved.truth("conversations", key=HALF)}
    hidden = next(c for c in halved.truth("conversations") if c["id"] not in seen)
    text = hidden["transcription"]["id"]
    assert ask(halved, f"/conversations/{hidden['id']}/extensive", key=HALF).status == 404
    assert ask(halved, f"/transcriptions/{text}/sentences", key=HALF).status == 404
    assert {c["conversation_id"] for c in halved.truth("conversations_extensive", key=HALF)} == seen


def test_accounts_and_settings_stay_visible(halved: World) -> None:
    """Visibility is about people."""
    for path in ("accounts", "cadences", "users", "opportunity_stages"):
        everything = [r["id"] for r in walk(halved, f"/{path}")]
        assert [r["id"] for r in ask(halved, f"/{path}", {"per_page": 100}, key=HALF).data] == everything[
            :100
        ]
