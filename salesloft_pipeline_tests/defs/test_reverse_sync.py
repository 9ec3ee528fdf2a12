"""Writing back from Dagster: a dry run unless told otherwise, a table without values, a check, and no schedule."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.definitions import defs
from salesloft_pipeline.defs.resources import RESOURCES
from salesloft_pipeline.defs.reverse_sync import reverse_sync_plan
from salesloft_pipeline_tests.house import House
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepare, writes

KEYS = ("reverse_sync_plan", "reverse_sync_apply")


def config(push: Push, step: str, **more: Any) -> dict[str, Any]:
    return {"ops": {step: {"config": {"model": str(push.path()), **more}}}}


@pytest.fixture
def push(house: House) -> Push:
    """A push whose people are in the warehouse."""
    prepare(house.scene)
    return Push(house.scene, house.folder)


def test_the_plan_is_a_table_without_values(house: House, push: Push) -> None:
    """Each row with its person, fields and reason; a wrong row too; nothing is written."""
    ann, bob = push.people(2)
    out = next(each for each in push.scene.world.truth("people") if each["do_not_contact"])
    rows = [(ann["id"], "Planted title"), (bob["id"], bob["title"]), (out["id"], "Planted"), ("x", "Planted")]
    push.rows([{"id": number, "title": title} for number, title in rows])
    result = dg.materialize(
        [reverse_sync_plan],
        instance=house.instance,
        resources=RESOURCES,
        run_config=config(push, "reverse_sync_plan"),
    )
    assert result.success
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    table = [record.data for record in metadata["rows"].records]  # type: ignore[union-attr]
    assert [(each["row"], each["what"], each["fields"], each["why"]) for each in table] == [
        (1, "update", "title", ""),
        (3, "skip", "", "do_not_contact"),
        (4, "wrong", "id", "must be a whole number"),
    ]
    assert metadata["plan"].value == {"update": 1, "skip: do_not_contact": 1, "conflict": 0, "unchanged": 1}
    assert "Planted" not in str(metadata)
    assert writes(push.scene) == []


def test_apply_writes_only_when_told_and_then_nothing_differs(house: House, push: Push) -> None:
    """The check fails as long as something differs in SalesLoft, and passes after the write."""
    (ann,) = push.people(1)
    push.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    addresses = [ann["email_address"], "new@example.com"]
    push.rows([{"email": address, "title": "Planted title"} for address in addresses])
    for apply, count in ((False, 0), (True, 2), (True, 2)):
        result = house.run("people_push_job", run_config=config(push, "reverse_sync_apply", apply=apply))
        assert result.success
        assert len(writes(push.scene)) == count
        (check,) = result.get_asset_check_evaluations()
        assert (check.check_name, check.passed) == ("plan_is_empty", apply)
    assert "Planted" not in str(result.all_events)


def test_a_wrong_model_fails_with_its_message(house: House) -> None:
    """And is not tried again."""
    push = Push(house.scene, house.folder, {"source": {"file": "rows.csv"}})
    result = house.run("people_push_job", run_config=config(push, "reverse_sync_apply"))
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    assert "fields: must name" in str(failure.step_failure_data)


def test_nothing_runs_it_unasked() -> None:
    """No schedule, no automation, and of the jobs only the one that is named so."""
    assert "people_push_job" not in {each.job_name for each in defs.schedules or ()}
    graph = defs.resolve_asset_graph()
    for name in KEYS:
        assert graph.get(dg.AssetKey([name])).automation_condition is None
    mine = {dg.AssetKey([name]) for name in KEYS}
    jobs = [job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]
    holding = {job.name for job in jobs if mine & job.asset_layer.selected_asset_keys}
    assert holding == {"people_push_job"}
