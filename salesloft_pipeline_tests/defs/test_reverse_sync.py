"""Writing back from Dagster: a dry run unless told otherwise, counts in the metadata, no schedule."""

from __future__ import annotations

from typing import Any

import dagster as dg

from salesloft_pipeline.definitions import defs
from salesloft_pipeline_tests.house import House
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepare, writes


def config(push: Push, **more: Any) -> dict[str, Any]:
    return {"ops": {"people_push": {"config": {"model": str(push.path()), **more}}}}


def test_the_job_writes_only_when_told(house: House) -> None:
    """The plan's counts and what was done stand on the step; nobody's values do."""
    prepare(house.scene)
    push = Push(house.scene, house.folder)
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Planted title"}])
    for apply, count in ((False, 0), (True, 1)):
        result = house.run("people_push_job", run_config=config(push, apply=apply))
        assert result.success
        assert len(writes(house.scene)) == count
    (output,) = (event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_OUTPUT)
    metadata = output.step_output_data.metadata
    assert metadata["plan"].value == {"update": 1, "conflict": 0, "unchanged": 0}
    assert metadata["results"].value == {"done": 1}
    assert "Planted" not in str(metadata)


def test_a_wrong_model_fails_with_its_message(house: House) -> None:
    """And is not tried again."""
    push = Push(house.scene, house.folder, {"source": {"file": "rows.csv"}})
    result = house.run("people_push_job", run_config=config(push))
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    assert "fields: must name" in str(failure.step_failure_data)


def test_it_has_no_schedule() -> None:
    """Nothing is written unasked."""
    assert "people_push_job" not in {each.job_name for each in defs.schedules or ()}
