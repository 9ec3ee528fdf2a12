"""The jobs beside the main one: sweeps, re-reads, reconciliation, and long work that goes on run by run."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.definitions import defs
from salesloft_pipeline.defs.serving import engagement_dashboard, publish_serving
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.ingest import ops, source
from salesloft_pipeline.ingest.reconcile import closed_days
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.transform import build
from salesloft_pipeline_tests.conftest import NOW, both_engines
from salesloft_pipeline_tests.house import House


def configured(op: str, **config: Any) -> dict[str, Any]:
    return {"ops": {op: {"config": config}}}


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    return str(failed.step_failure_data.user_failure_data)


def marked(house: House) -> int:
    ((count,),) = house.scene.warehouse.query("select count(_deleted_at) from raw_salesloft.people")
    return int(count)


@both_engines
def test_a_sweep_marks_and_the_marts_follow(house: House) -> None:
    """A deleted person is marked; the next sync finds the table changed and asks for a build."""
    assert house.run("sync_job", "people").success
    before = house.versions("people")
    house.scene.world.delete("people", house.scene.world.ids("people")[:1])
    assert house.run("sweep_job", run_config=configured("sweep_known_records", only=["people"])).success
    assert marked(house) == 1
    assert house.run("sync_job", "people").success
    assert house.versions("people") != before


def test_a_closed_action_is_a_change_too(house: House) -> None:
    """It is marked in a column of its own, and what is built on open actions follows."""
    assert house.run("sync_job", "actions").success
    before = house.versions("actions")
    house.scene.world.delete("actions", house.scene.world.ids("actions")[:1])
    assert house.run("sweep_job", run_config=configured("sweep_known_records", only=["actions"])).success
    assert house.run("sync_job", "actions").success
    assert house.versions("actions") != before


def test_a_suspicious_sweep_fails_and_says_so(house: House) -> None:
    """More missing than is ever deleted at once: nothing is marked, and the run shows why."""
    assert house.run("sync_job", "people").success
    house.scene.world.delete("people", house.scene.world.ids("people")[:30])
    result = house.run("sweep_job", run_config=configured("sweep_known_records", only=["people"]))
    assert not result.success
    assert "30 of 60 people are missing" in failure_of(result)
    assert marked(house) == 0
    trusting = configured("sweep_known_records", only=["people"], trusting=True)
    assert house.run("sweep_job", run_config=trusting).success
    assert marked(house) == 30


def test_a_month_is_a_partition(house: House) -> None:
    """One partition of month_job restores what was lost of that month."""
    assert house.run("sync_job", "emails").success
    house.scene.warehouse.execute("delete from raw_salesloft.emails")
    only = configured("reread_month", only=["emails"])
    assert house.run("month_job", partition_key="2026-10-01", run_config=only).success
    rows = house.scene.warehouse.query("select updated_at from raw_salesloft.emails")
    october = sum(f"{at:%Y-%m}" == "2026-10" for (at,) in rows)
    assert october == sum(
        f"{parse_instant(email['updated_at']):%Y-%m}" == "2026-10"
        for email in house.scene.world.truth("emails")
    )
    # What changed in the last minutes before it began is looked at once more at its end.
    assert len(rows) - october < 20


def test_lately_sent_emails_are_read_again(house: House) -> None:
    """Counters that moved without updated_at arrive with the nightly job."""
    assert house.run("sync_job", "emails").success
    world = house.scene.world
    world.change_silently("emails", world.ids("emails"))
    assert house.run("lately_job", run_config=configured("reread_lately", days=10_000)).success
    read = house.scene.warehouse.query("select count(*) from raw_salesloft.emails where _source = 'backfill'")
    sent = sum(email["sent_at"] is not None for email in world.truth("emails"))
    assert read == [(sent,)]


def test_a_day_that_differs_is_told_and_mended(house: House, monkeypatch: Any) -> None:
    """Q20 names the day and the numbers, warns or fails by size and age, and passes the next time."""
    monkeypatch.setattr("salesloft_pipeline.ingest.reconcile.closed_days", lambda _: closed_days(NOW, 10))
    assert house.run("sync_job", "emails").success
    house.scene.warehouse.execute("delete from raw_salesloft.emails where id % 4 > 0")
    first, second = asked(house), asked(house)
    assert first["emails"].severity == dg.AssetCheckSeverity.ERROR
    assert not first["emails"].passed
    assert "read again, and now the same" in (first["emails"].description or "")
    days = first["emails"].metadata["days"].value
    assert days
    assert all(count["salesloft"] > count["warehouse"] for count in days.values())
    assert second["emails"].passed
    assert second["emails"].description == "the same on every day"


def asked(house: House) -> dict[str, Any]:
    """The answers of reconcile_job, by table."""
    result = house.run("reconcile_job")
    assert result.success
    return {check.asset_key.path[-1]: check for check in result.get_asset_check_evaluations()}


def test_unfinished_work_is_asked_for_again(house: House, monkeypatch: Any) -> None:
    """A run whose time was up is followed by another; one that read everything is not."""
    monkeypatch.setattr(source, "ROUND_ROWS", 100)
    (sensor,) = [sensor for sensor in defs.sensors or () if sensor.name == "backlog_sensor"]

    def follow_up(result: dg.ExecuteInProcessResult) -> Any:
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_event=result.get_run_success_event(),
            dagster_instance=house.instance,
            dagster_run=result.dagster_run,
        )
        return sensor(context)

    hurried = house.run("sync_job", "emails", run_config=configured("salesloft_sync", seconds_at_most=0.0))
    again = follow_up(hurried)
    assert isinstance(again, dg.RunRequest)
    assert again.job_name == "sync_job"
    assert again.run_key == hurried.run_id
    assert isinstance(follow_up(house.run("sync_job", "emails")), dg.SkipReason)


def test_what_is_read_whole_is_read_hourly() -> None:
    """Between them the two schedules read every table; the five-minute one only what tells its changes."""
    keys = {
        name: {key.path[-1] for key in defs.resolve_job_def(name).asset_layer.executable_asset_keys}
        for name in ("sync_job", "snapshot_job")
    }
    for endpoint in ENDPOINTS:
        often = endpoint.reading in (Reading.KEYSET, Reading.DESCENDING)
        assert (endpoint.name in keys["sync_job"]) is often
        assert (endpoint.name in keys["snapshot_job"]) is not often


def test_the_comparison_finds_what_was_tampered_with(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Q27 passes while the tables changed in place equal a whole build, and names the one that does not."""
    monkeypatch.setenv("MART_WHOLE_UP_TO_EMAILS", "0")
    assert house.run("sync_job", "emails", "users").success
    warehouse = house.scene.warehouse
    as_of = ops.loaded_until(warehouse)
    assert as_of
    build(warehouse, as_of, "UTC", whole_up_to_emails=0)
    answers = []
    for views in ("views", "views + 99"):
        warehouse.execute(
            f"update mart.fct_email set views = {views} where email_id = (select min(email_id) from mart.fct_email)"
        )
        result = house.run("comparison_job")
        (q27,) = [check for check in result.get_asset_check_evaluations() if check.check_name == "Q27"]
        answers.append((q27.passed, q27.metadata["compared"].value, q27.metadata["first_offending"].value))
    assert answers == [(True, True, []), (False, True, ["fct_email: 2 rows"])]


def test_what_comes_after_a_run_is_followed_however_late(house: House) -> None:
    """Automation that sees it together with a run before it, which made the follower, asks for the follower again."""
    shown = [key for assets in (mart_build, publish_serving, engagement_dashboard) for key in assets.keys]
    copy, mart = dg.AssetKey("publish_serving"), dg.AssetKey(["mart", "dim_person"])

    def show() -> None:
        main = defs.resolve_job_def("main_job")
        assert main.execute_in_process(instance=house.instance, asset_selection=shown).success

    assert house.run("sync_job", "people").success
    first = dg.evaluate_automation_conditions(defs, house.instance)
    show()
    assert house.run("comparison_job").success
    second = dg.evaluate_automation_conditions(defs, house.instance, cursor=first.cursor)
    assert (second.get_num_requested(mart), second.get_num_requested(copy)) == (0, 1)
    show()
    house.scene.world.touch("people", house.scene.world.ids("people")[:1])
    assert house.run("sync_job", "people").success
    third = dg.evaluate_automation_conditions(defs, house.instance, cursor=second.cursor)
    assert third.get_num_requested(mart) == 1
