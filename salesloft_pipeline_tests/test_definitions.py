"""What Dagster sees of the project, and that its jobs do on a simulated SalesLoft what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline import transform
from salesloft_pipeline.definitions import defs
from salesloft_pipeline.defs.ingest import salesloft_sync
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.house import House

# Sorted, because parallel test processes have to collect the same tests in the same order.
# What writes back belongs to no job of these; defs/test_reverse_sync.py has it.
SPECS = sorted(
    (spec for spec in defs.resolve_all_asset_specs() if spec.group_name != "reverse_sync"),
    key=lambda spec: spec.key,
)
TABLES = [spec for spec in SPECS if spec.group_name != "serving"]
PEOPLE = dg.AssetKey(["raw_salesloft", "people"])


def test_every_table_is_an_asset_and_every_asset_a_table() -> None:
    """Asset key = table address, for raw, ops and mart tables alike."""
    raw = {("raw_salesloft", name) for name, _, _ in columns.raw_tables()}
    mart = {("mart", mart.name) for mart in transform.MARTS} | {
        ("mart", seed.name) for seed in transform.SEEDS
    }
    own = {("ops", name) for name in ops.TABLES} | {("mart", transform.BUILD_INFO)}
    assert {tuple(spec.key.path) for spec in TABLES} == raw | mart | own
    assert len(TABLES) == len(raw | mart | own)


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: ".".join(spec.key.path))
def test_an_asset_tells_what_it_is(spec: dg.AssetSpec) -> None:
    """Grain, owner, kind, group, address and columns stand on every asset."""
    assert (spec.description or "").startswith("One row"), spec.description
    assert spec.owners
    assert spec.kinds
    assert spec.group_name in ("raw", "mart", "ops")
    assert spec.metadata["dagster/table_name"] == ".".join(spec.key.path)
    schema = spec.metadata["dagster/column_schema"]
    if spec.group_name != "mart":
        assert schema.columns


def test_a_raw_column_tells_its_type_and_meaning() -> None:
    """The columns of a raw asset carry what the typed record says of them."""
    (people,) = (spec for spec in SPECS if spec.key == PEOPLE)
    for column in people.metadata["dagster/column_schema"].columns:
        assert column.type, column.name
        assert column.description, column.name


def test_every_step_takes_its_turn_at_the_warehouse() -> None:
    """All steps, checks included, stand in the one pool that DuckDB's one writer needs."""
    jobs = [defs.resolve_job_def(name) for name in ("main_job", "sync_job", "load_checks_job")]
    steps = [node.definition for job in jobs for node in job.graph.nodes]
    assert {pool for step in steps for pool in step.pools} == {"warehouse"}
    assert all(step.pools for step in steps)


def test_what_reads_salesloft_is_counted(house: House) -> None:
    """Runs of a job that reads it are tagged, those that look at the warehouse alone are not; the tag has its limit."""
    tagged = {job.name for job in defs.resolve_all_job_defs() if job.run_tags.get("salesloft_api") == "reads"}
    assert {f"{name}_job" for name in ("main", "sync", "snapshot", "sweep", "lately", "month")} <= tagged
    assert {"reconcile_job", "webhook_job"} <= tagged
    assert not {"load_checks_job", "drift_job", "retention_job"} & tagged
    limits = house.instance.get_concurrency_config().run_queue_config
    assert limits
    assert limits.tag_concurrency_limits == [{"key": "salesloft_api", "limit": 2}]


def test_everything_runs_by_itself() -> None:
    """Schedules and sensors are on from the start: the sync every five minutes."""
    schedules = [each for each in defs.schedules or () if isinstance(each, dg.ScheduleDefinition)]
    assert {each.name: each.cron_schedule for each in schedules}["sync_schedule"] == "*/5 * * * *"
    assert {each.default_status for each in schedules} == {dg.DefaultScheduleStatus.RUNNING}
    assert {each.default_status for each in defs.sensors or ()} == {dg.DefaultSensorStatus.RUNNING}


def test_definitions_are_loadable() -> None:
    """Dagster finds no fault in jobs, resources and selections."""
    dg.Definitions.validate_loadable(defs)


def test_a_subset_reads_nothing_else(house: House) -> None:
    """`people` alone asks SalesLoft for people alone and fills people and their versions."""
    result = dg.materialize(
        [salesloft_sync], selection=[PEOPLE], resources=dict(defs.resources or {}), instance=house.instance
    )
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [PEOPLE]
    assert set(house.scene.world.requests_by_resource) == {"me", "people"}
    with house.scene.warehouse.kept_open():
        filled = [name for name, _, _ in columns.raw_tables() if rows(house, f"raw_salesloft.{name}")]
    assert filled == ["people", "people_versions"]


@both_engines
def test_the_main_job_does_everything_and_says_so(house: House) -> None:
    """All tables, their counts and costs as metadata, no error among the checks, and no key in what Dagster stores."""
    result = house.run("main_job")
    assert result.success
    made = {event.asset_key: event.step_materialization_data for event in materialized(result)}
    assert made.keys() == {spec.key for spec in SPECS}
    with house.scene.warehouse.kept_open():
        counts = {spec.key: rows(house, ".".join(spec.key.path)) for spec in TABLES}
    told = {key: made[key].materialization.metadata["dagster/row_count"].value for key in counts}
    assert told == counts
    emails = made[dg.AssetKey(["raw_salesloft", "emails"])].materialization.metadata
    # The instant between the newest page and the past is asked for by both.
    assert emails["rows_read"].value == 301
    assert emails["points"].value == emails["requests"].value > 0
    assert {"outcome", "points_per_100_rows", "cursor", "lag_seconds"} <= emails.keys()
    daily = made[dg.AssetKey(["mart", "daily_engagement"])].materialization.metadata
    lineage = daily["dagster/column_lineage"].value.deps_by_column
    (replied,) = lineage["emails_replied"]
    assert (replied.asset_key, replied.column_name) == (dg.AssetKey(["mart", "fct_email"]), "was_replied")
    assert all(dep.asset_key in made for deps in lineage.values() for dep in deps)
    assert "| emails sent |" in daily["last_60_days"].value
    # The simulated team's today is not ours, which is worth a warning.
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert {check.severity for check in failed} <= {dg.AssetCheckSeverity.WARN}
    assert_nowhere(DEMO_KEY, house.folder)


def test_marts_follow_a_change_and_only_a_change(house: House) -> None:
    """A sync that finds nothing leaves data versions alone and asks for no build; a changed person asks for one."""
    tables = ("people", "people_versions", "meetings", "groups")
    assert house.run("sync_job", *tables).success
    before, first = house.versions(*tables), evaluated(house)
    assert house.run("sync_job", *tables).success
    assert house.versions(*tables) == before
    quiet = evaluated(house, first.cursor)
    assert quiet.total_requested == 0
    house.scene.world.advance(60)
    house.scene.world.touch("people", list(house.scene.world.ids("people"))[:1])
    assert house.run("sync_job", *tables).success
    changed = {table for table, version in house.versions(*tables).items() if version != before[table]}
    assert {"people", "people_versions"} <= changed
    assert "groups" not in changed
    assert evaluated(house, quiet.cursor).get_num_requested(dg.AssetKey(["mart", "dim_person"])) == 1


def test_a_failure_names_the_resource(house: House) -> None:
    """When SalesLoft fails for one collection, the run fails with its name, and the others are loaded."""
    house.scene.world.fault("status", resource="calls", status=400)
    result = house.run("sync_job", "calls", "notes")
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "calls: GET /activities/calls page 1" in str(failed.step_failure_data.user_failure_data)
    assert [event.asset_key.path[-1] for event in materialized(result) if event.asset_key] == ["notes"]


def test_a_wrong_key_is_told_and_not_repeated(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """401 fails the run at once, with the name of the setting."""
    monkeypatch.setenv("SALESLOFT_API_KEY", "no-such-key")
    result = house.run("sync_job", "people")
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "SALESLOFT_API_KEY" in str(failed.step_failure_data.user_failure_data)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert_nowhere("no-such-key", house.folder)


def test_a_field_without_a_column_is_a_warning(house: House) -> None:
    """The check of its table names the field and the rows, and no value; the other tables pass."""
    person = house.scene.world.ids("people")[0]
    house.scene.world.malform("people", person, mood="whitney@example.org", _hidden=1)
    house.run("sync_job", "people")
    result = house.run("drift_job")
    assert result.success
    checks = {check.asset_key: check for check in result.get_asset_check_evaluations()}
    assert [key for key, check in checks.items() if not check.passed] == [PEOPLE]
    assert checks[PEOPLE].severity == dg.AssetCheckSeverity.WARN
    assert "mood in 1 rows" in (checks[PEOPLE].description or "")
    assert checks[PEOPLE].metadata["rows with mood"].value == 1
    assert_nowhere("whitney@example.org", house.folder)


def test_the_mart_waits_for_a_first_load(house: House) -> None:
    """Without raw tables the build says what to do first."""
    result = dg.materialize(
        [mart_build],
        resources=dict(defs.resources or {}),
        instance=house.instance,
        raise_on_error=False,
    )
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "materialize the raw_salesloft assets first" in str(failed.step_failure_data.user_failure_data)


def test_dagster_keeps_its_runs_in_data(house: House) -> None:
    """dagster.yaml means SQLite under data/dagster here, and reports to nobody."""
    house.run("load_checks_job")
    assert list((house.folder / "data" / "dagster").rglob("*.db"))
    assert house.instance.telemetry_enabled is False


def evaluated(
    house: House, cursor: dg.AssetDaemonCursor | None = None
) -> dg.EvaluateAutomationConditionsResult:
    return dg.evaluate_automation_conditions(defs, house.instance, cursor=cursor)


def materialized(result: dg.ExecuteInProcessResult) -> list[Any]:
    return list(result.get_asset_materialization_events())


def rows(house: House, table: str) -> int:
    ((count,),) = house.scene.warehouse.query(f"select count(*) from {table}")
    return int(count)


def assert_nowhere(secret: str, folder: Path) -> None:
    """No file of Dagster's holds the secret: events, runs, logs."""
    for path in (folder / "data").rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
