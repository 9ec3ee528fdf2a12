"""A record that does not fit is kept aside with its reason; the rest of its page is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]
SECRET = "whitney@example.org"


def refused(stage: Scene) -> list[tuple[str, str | None, str, Any]]:
    """(resource, record_id, reason, record as it came) of each refused record."""
    found = stage.warehouse.query(
        "select resource, record_id, reason, record from ops.quarantine order by resource, record_id"
    )
    return [(resource, key, reason, json.loads(record)) for resource, key, reason, record in found]


MISFITS: list[tuple[str, dict[str, Any]]] = [
    ("bounced", {"bounced": SECRET}),
    ("sent_at", {"sent_at": SECRET}),
    ("sent_at", {"sent_at": "2026-11-01T10:00:00"}),
    ("counts", {"counts": SECRET}),
    ("counts.views", {"counts": {"views": SECRET}}),
    ("views", {"counts": {"views": 10**19}}),
    ("user.id", {"user": {"id": SECRET}}),
    ("user", {"user": [1, 2]}),
    ("status", {"status": {"deep": SECRET}}),
    ("id", {"id": None}),
]


@both_engines
def test_misfits_are_kept_aside_with_the_field_that_is_wrong(scene: Scenes) -> None:
    """The reason names the field and no value of it; the record stays as it came; all others are loaded."""
    stage = scene(emails=30)
    broken = dict(zip(stage.world.ids("emails")[5:], MISFITS, strict=False))
    for email, (_, wrong) in broken.items():
        stage.world.malform("emails", email, **wrong)
    shown = {record["message_id"]: record for record in stage.world.truth("emails")}
    report = stage.sync("emails")
    reasons = {record["message_id"]: (reason, record, key) for _, key, reason, record in refused(stage)}
    fields = {stage_id: field for stage_id, (field, _) in broken.items()}
    for message, (reason, record, key) in reasons.items():
        assert record == shown[message]
        assert key == (None if record["id"] is None else str(record["id"]))
        assert SECRET not in reason
        assert record["recipient_email_address"] not in reason
        assert fields.get(record["id"], "id") in reason
    assert len(reasons) == len(broken) == report.resources[0].tally.quarantined
    loaded = stage.warehouse.query("select id from raw_salesloft.emails")
    assert {row for (row,) in loaded} == set(stage.world.ids("emails")) - set(broken)


@both_engines
def test_refusing_again_doubles_nothing_and_mending_loads_the_record(scene: Scenes) -> None:
    """The same record refused for the same reason is the same row; once SalesLoft mends it, it is loaded."""
    stage = scene(emails=12)
    email = stage.world.ids("emails")[5]
    stage.world.malform("emails", email, bounced="perhaps")
    for full in (False, True):
        stage.sync("emails", full=full)
        assert len(refused(stage)) == 1
    stage.world.clear()
    stage.world.advance(1)
    stage.world.touch("emails", [email])
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_what_can_be_mended_is_not_refused(scene: Scenes) -> None:
    """A number as text is a number; the rest of the record is untouched."""
    stage = scene(emails=12)
    email = stage.world.ids("emails")[5]
    stage.world.malform("emails", email, counts={"views": "12"}, message_id=77)
    stage.sync("emails")
    assert refused(stage) == []
    found = stage.warehouse.query(
        "select counts_views, message_id from raw_salesloft.emails where id = $1", [email]
    )
    assert found == [(12, "77")]


@pytest.mark.parametrize("unreadable", ["the other day", "9999-12-31T23:59:59-05:00"])
def test_a_page_of_malformed_records_does_not_stop_the_walk(scene: Scenes, unreadable: str) -> None:
    """Records without a readable updated_at are refused one by one, and those behind them are reached."""
    stage = scene(emails=320)
    broken = stage.world.ids("emails")[100:150]
    for email in broken:
        stage.world.malform("emails", email, updated_at=unreadable)
    stage.sync("emails")
    loaded = stage.warehouse.query("select id from raw_salesloft.emails")
    assert {row for (row,) in loaded} == set(stage.world.ids("emails")) - set(broken)
    assert len(refused(stage)) == len(broken)


@both_engines
def test_new_fields_are_kept_beside_the_columns(scene: Scenes) -> None:
    """A field and a counter that SalesLoft adds go to `_extra`, and nothing else does."""
    stage = scene(emails=12)
    email, other = stage.world.ids("emails")[5:7]
    shown = next(record for record in stage.world.truth("emails") if record["id"] == email)
    stage.world.malform("emails", email, mood="hopeful", counts={**shown["counts"], "smiles": 3})
    stage.sync("emails")
    ((extra,),) = stage.warehouse.query("select _extra from raw_salesloft.emails where id = $1", [email])
    assert json.loads(extra) == {"mood": "hopeful", "counts": {"smiles": 3}}
    assert stage.warehouse.query("select _extra from raw_salesloft.emails where id = $1", [other]) == [
        (None,)
    ]
    assert "mood" not in stage.warehouse.columns("raw_salesloft", "emails")
