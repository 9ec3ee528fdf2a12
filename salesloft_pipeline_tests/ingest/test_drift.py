"""What SalesLoft changed about its records is told by field, without a value of anybody's record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest.drift import Comparison, compare, unnamed
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS, Reading
from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import Scene, both_engines

Scenes = Callable[..., Scene]
PRIVATE = "whitney@example.org"


def compared(stage: Scene, name: str) -> Comparison:
    (found,) = compare(stage.client(), [BY_NAME[name]])
    return found


def told(stage: Scene, name: str) -> set[tuple[str, str, int, str]]:
    """(field, kind, records, words) of every difference."""
    return {(each.field, each.kind, each.records, each.words) for each in compared(stage, name).differences}


def test_nothing_differs_where_nothing_changed(scene: Scenes) -> None:
    """The models and the lists agree field by field, for a point a list."""
    stage = scene()
    listed = [endpoint for endpoint in ENDPOINTS if endpoint.reading is not Reading.PER_PARENT]
    found = compare(stage.client(), ENDPOINTS)
    assert [each.resource for each in found] == [endpoint.name for endpoint in listed]
    assert {each.resource: each.differences for each in found if each.differences} == {}
    assert stage.world.points_spent == len(listed)


def test_a_new_field_is_named_with_its_type(scene: Scenes) -> None:
    """At the top and inside a group, with the number of records; underscore fields carry no promise."""
    stage = scene()
    first, second = stage.world.ids("people")[:2]
    shown = next(record for record in stage.world.truth("people") if record["id"] == first)
    counts = {**shown["counts"], "smiles": 3}
    stage.world.malform("people", first, mood=PRIVATE, counts=counts, _private_fields={"a": 1})
    stage.world.malform("people", second, mood=None)
    assert told(stage, "people") == {
        ("mood", "new", 2, "null or string"),
        ("counts.smiles", "new", 1, "integer"),
    }


def test_a_field_that_no_record_has_is_missing(scene: Scenes) -> None:
    """It is missing when all records lack it, alone or as part of a group; one record that has it is enough."""
    stage = scene(people=5)
    people = {record["id"]: record for record in stage.world.truth("people")}
    for number, (person, record) in enumerate(people.items()):
        counts = {name: value for name, value in record["counts"].items() if name != "calls"}
        gone = ["title", "owner", *(["phone"] if number else [])]
        stage.world.malform("people", person, missing=gone, counts=counts)
    missing = {(field, "missing", 0, "no record shows it") for field in ("title", "owner", "counts.calls")}
    assert told(stage, "people") == missing


@pytest.mark.parametrize(
    ("field", "wrong"), [("bouncing", {"bouncing": PRIVATE}), ("owner.id", {"owner": {"id": PRIVATE}})]
)
def test_a_value_that_does_not_fit_is_told_without_it(
    scene: Scenes, field: str, wrong: dict[str, Any]
) -> None:
    """The field and what it should be, never what it is."""
    stage = scene()
    stage.world.malform("people", stage.world.ids("people")[0], **wrong)
    ((name, kind, records, words),) = told(stage, "people")
    assert (name, kind, records) == (field, "misfit", 1)
    assert words
    assert PRIVATE not in str(compared(stage, "people").as_dict())


def test_a_list_that_the_key_may_not_read_is_told(scene: Scenes) -> None:
    """A refusal is part of the answer; a wrong key is an error."""
    stage = scene()
    stage.world.keys[DEMO_KEY] = stage.world.keys[DEMO_KEY].without("notes:read")
    notes, people = compare(stage.client(), [BY_NAME["notes"], BY_NAME["people"]])
    assert notes.refusal
    assert "403" in notes.refusal
    assert people.records
    with pytest.raises(Unauthorized):
        compare(stage.client("no-such-key"), ENDPOINTS[:3])


@both_engines
def test_fields_without_a_column_are_counted_in_what_was_loaded(scene: Scenes) -> None:
    """By table and field, of recent loads only; underscore fields are left out."""
    stage = scene(emails=12)
    for number, email in enumerate(stage.world.ids("emails")[:3]):
        stage.world.malform("emails", email, mood=PRIVATE, _hidden=1, **({"tone": 1} if number else {}))
    before = datetime.now(UTC) - timedelta(minutes=1)
    stage.sync("emails", "people")
    assert unnamed(stage.warehouse, "emails", before) == {"mood": 3, "tone": 2}
    assert unnamed(stage.warehouse, "people", before) == {}
    assert unnamed(stage.warehouse, "emails", datetime.now(UTC) + timedelta(minutes=1)) == {}
