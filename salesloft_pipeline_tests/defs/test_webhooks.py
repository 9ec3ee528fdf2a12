"""Webhooks under Dagster: one run while something waits, whatever becomes of ticks and runs; marts follow at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline import transform
from salesloft_pipeline.definitions import defs
from salesloft_pipeline.defs.resources import SettingsResource
from salesloft_pipeline.defs.webhooks import webhook_landing_sensor
from salesloft_pipeline.landing import Landing
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline_tests.house import House
from salesloft_pipeline_tests.ingest.deliveries import arrival, counted

JOB = "webhook_job"
NOT_STARTED = dg.DagsterRunStatus.NOT_STARTED


@pytest.fixture
def landing(house: House) -> Iterator[Landing]:
    """The landing of the house, where settings say it is."""
    landing = Landing(f"sqlite:///{house.folder}/data/landing.sqlite")
    yield landing
    landing.close()


def tick(house: House) -> dg.RunRequest | dg.SkipReason:
    """What the sensor says now."""
    context = dg.build_sensor_context(instance=house.instance)
    answer: Any = webhook_landing_sensor(context, settings=SettingsResource())
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def asked(house: House) -> str:
    """The key of the run that the sensor asks for."""
    answer = tick(house)
    assert isinstance(answer, dg.RunRequest), answer
    assert answer.run_key
    return answer.run_key


def skipped(house: House) -> str:
    """Why the sensor asks for nothing."""
    answer = tick(house)
    assert isinstance(answer, dg.SkipReason), answer
    return str(answer.skip_message)


def begun(house: House, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
    """A run of the job as the instance would know it."""
    return house.instance.create_run_for_job(defs.resolve_job_def(JOB), status=status, tags=tags)


def ingested(house: House) -> dg.ExecuteInProcessResult:
    """A run of the ingestion alone."""
    return house.run(JOB, "webhook_events")


def requested(house: House) -> dg.ExecuteInProcessResult:
    """The run that the sensor asks for, whole."""
    request = tick(house)
    assert isinstance(request, dg.RunRequest), request
    return defs.resolve_job_def(JOB).execute_in_process(
        instance=house.instance, asset_selection=request.asset_selection, raise_on_error=False
    )


def people(house: House, count: int) -> list[dict[str, Any]]:
    return list(house.scene.world.truth("people"))[:count]


def test_nothing_waits_and_nothing_is_asked_for(house: House, landing: Landing) -> None:
    """Neither before a landing is there, which looking would make, nor when it is empty."""
    assert landing.path
    assert "nothing waits" in skipped(house)
    assert not landing.path.exists()
    landing.land([])
    assert "nothing waits" in skipped(house)


def test_many_events_are_one_run(house: House, landing: Landing) -> None:
    """However many wait and however often the sensor looks: the same run, until it has ended."""
    landing.land([arrival("person_updated", {"id": number}) for number in range(1, 5_001)])
    assert asked(house) == asked(house)
    for status in (NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED):
        run = begun(house, status)
        assert "a run is at work" in skipped(house)
        house.instance.delete_run(run.run_id)
    before = asked(house)
    assert ingested(house).success
    assert counted(landing) == (0, 5_000, 0)
    assert "nothing waits" in skipped(house)
    landing.land([arrival("person_updated", {"id": 1, "again": True})])
    assert asked(house) != before


def test_a_killed_run_is_replaced(house: House, landing: Landing) -> None:
    """Once Dagster knows that it died, which its launcher sees, it is a failed one like others."""
    landing.land([arrival("person_updated", {"id": 1})])
    killed = begun(house, dg.DagsterRunStatus.STARTED)
    assert "a run is at work" in skipped(house)
    house.instance.report_run_failed(killed)
    assert "failed in a row" in skipped(house)


def test_a_mart_that_cannot_be_built_holds_up_no_delivery(
    house: House, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run says that it failed; what it ingested is ingested, and the next one is asked for at once."""
    monkeypatch.setattr(transform, "build", lambda *_: 1 / 0)
    for body in people(house, 2):
        landing.land([arrival("person_updated", body)])
        assert not requested(house).success
    assert counted(landing) == (0, 2, 0)


def test_failures_back_off_and_never_stick(
    house: House, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without SalesLoft the events wait; the next try comes later after each failure, and comes."""
    assert house.run("sync_job", "people").success
    landing.land([arrival("person_updated", people(house, 1)[0])])
    house.scene.world.fault("status", times=1_000, status=401)
    keys, now = [], time.time()
    # Dagster reads the same clock, so runs end when the test says it is.
    monkeypatch.setattr(time, "time", lambda: now)
    for wait in (30, 60, 120):
        keys.append(asked(house))
        assert not ingested(house).success
        assert counted(landing) == (1, 0, 0)
        now += wait - 1
        assert "failed in a row" in skipped(house)
        now += 2
    assert len(set(keys)) == 3
    house.scene.world.clear()
    assert asked(house)
    assert ingested(house).success
    assert counted(landing) == (0, 1, 0)
    monkeypatch.undo()


def test_marts_follow_what_a_webhook_changed(house: House, landing: Landing) -> None:
    """The named person's tables have a new data version, and the mart and its copy show it when the run ends."""
    assert house.run("sync_job", "people", "emails").success
    before = house.versions("people", "emails")
    first = dg.evaluate_automation_conditions(defs, house.instance)
    gone = people(house, 1)[0]
    house.scene.world.delete("people", [gone["id"]])
    landing.land([arrival("person_deleted", gone), arrival("person_reborn", {"id": 1})])
    result = requested(house)
    assert result.success
    after = house.versions("people", "emails", "webhook_events")
    assert after["people"] != before["people"]
    assert after["emails"] == before["emails"]
    shown = "select person_id from mart.dim_person where deleted_at is not null"
    assert house.scene.warehouse.query(shown) == [(gone["id"],)]
    assert serving_copy(house.folder / "data/serving").query(shown) == [(gone["id"],)]
    # All is done, so automation has nothing to add.
    assert dg.evaluate_automation_conditions(defs, house.instance, cursor=first.cursor).total_requested == 0
    (event,) = [
        each
        for each in result.get_asset_materialization_events()
        if each.asset_key == dg.AssetKey(["raw_salesloft", "webhook_events"])
    ]
    metadata = event.step_materialization_data.materialization.metadata
    assert metadata["events"].value == {"person_deleted": 1, "person_reborn": 1}
    assert metadata["unknown"].value == 1
    assert metadata["pending"].value == 0
    assert metadata["dagster/row_count"].value == 2


def test_the_check_tells_what_does_not_flow(house: House, landing: Landing) -> None:
    """What waits for too long, and what is in quarantine, is a warning."""

    def passed() -> bool:
        result = house.run("webhook_check_job")
        (check,) = result.get_asset_check_evaluations()
        return check.passed

    assert passed()
    landing.land([arrival("person_updated", {"id": 1}, at=datetime.now(UTC))])
    assert passed()
    landing.land([arrival("person_updated", {"id": 2}, at=datetime.now(UTC) - timedelta(minutes=16))])
    assert not passed()
    assert ingested(house).success
    assert passed()
    landing.land([arrival("person_updated", b"null")])
    assert ingested(house).success
    assert not passed()


def test_old_deliveries_are_forgotten(house: House, landing: Landing) -> None:
    """After a month in the warehouse; a replay of one is still the same event there."""
    old = arrival("person_updated", {"id": 1}, at=datetime.now(UTC) - timedelta(days=31))
    landing.land([old, arrival("person_updated", {"id": 2}, at=datetime.now(UTC))])
    assert ingested(house).success
    assert house.run("retention_job").success
    assert counted(landing) == (0, 1, 0)
    landing.land([old])
    assert ingested(house).success
    query = "select count(*) from raw_salesloft.webhook_events"
    assert house.scene.warehouse.query(query) == [(2,)]
