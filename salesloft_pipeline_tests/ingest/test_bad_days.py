"""When SalesLoft fails: repeated where that helps, told clearly where not, and never an emptied table."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from salesloft_pipeline import cli
from salesloft_pipeline.ingest.identity import OtherTeam
from salesloft_pipeline.ingest.report import SyncFailed
from salesloft_pipeline.salesloft.client import ATTEMPTS
from salesloft_pipeline.salesloft.errors import (
    EchoMismatch,
    Garbled,
    SalesloftError,
    ServerFailed,
    Unauthorized,
    Unreachable,
)
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]
NO_ANSWERS: dict[Any, type[SalesloftError]] = {
    "garbled": Garbled,
    "no_data": Garbled,
    "truncated": Garbled,
    "hang_up": Unreachable,
}


def failure_of(stage: Scene, name: str, *others: str) -> SalesloftError:
    """Sync, and hand out the error of this resource, which is the only one."""
    with pytest.raises(SyncFailed) as caught:
        stage.sync(name, *others)
    (report,) = caught.value.report.failures
    assert report.resource == name
    assert report.outcome == "failed"
    assert f"{name}: GET " in str(caught.value)
    assert report.error
    return report.error


def test_a_storm_of_503_is_sat_out(scene: Scenes) -> None:
    """Fewer faults in a row than attempts: the sync takes longer and is complete."""
    stage = scene()
    stage.world.fault("status", times=ATTEMPTS - 1, resource="emails", status=503)
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert len(stage.time.slept) == ATTEMPTS - 1


def test_one_failing_resource_does_not_stop_the_others(scene: Scenes) -> None:
    """The error names resource, page and status; people are loaded; a second run finishes the job."""
    stage = scene()
    stage.world.fault("status", times=10**6, resource="emails", status=500)
    error = failure_of(stage, "emails", "people")
    assert isinstance(error, ServerFailed)
    assert error.status == 500
    assert str(error).startswith("GET /activities/emails page 1: 500 ")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    stage.world.clear()
    stage.sync("emails", "people")
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_the_sync_log_tells_what_failed(scene: Scenes) -> None:
    """One row per resource, the error with it."""
    stage = scene()
    stage.world.fault("status", times=10**6, resource="emails", status=500)
    error = failure_of(stage, "emails", "users")
    logged = stage.warehouse.query("select resource, outcome, error from ops.sync_log order by 1")
    assert logged == [("emails", "failed", str(error)), ("users", "done", None)]


def test_what_was_read_before_a_failure_stays_and_is_not_read_again(scene: Scenes) -> None:
    """A list that breaks off half way is continued where it stopped."""
    stage = scene(emails=450)
    stage.world.before_request = fail_from(stage, request=4)
    failure_of(stage, "emails")
    stage.world.before_request = None
    stage.world.clear()
    ((rows,),) = stage.warehouse.query("select count(*) from raw_salesloft.emails")
    asked = stage.asked("emails")
    stage.sync("emails")
    assert rows >= 190
    assert stage.asked("emails") - asked <= 5
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def fail_from(stage: Scene, request: int) -> Callable[..., None]:
    """From this request on, every list answers 500."""
    start = stage.world.requests + request - 1

    def hook(world: Any, _request: Any) -> None:
        if world.requests == start:
            world.fault("status", times=10**6)

    return hook


def test_an_answer_that_is_none_is_repeated_and_then_told(scene: Scenes) -> None:
    """Repeated; then a failure that names the request. A list that could not be read is not an empty list."""
    stage = scene(emails=30)
    for kind in NO_ANSWERS:
        stage.world.fault(kind, times=1, resource="emails")
    stage.sync("emails", "users")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    for kind, error in NO_ANSWERS.items():
        for name in ("emails", "users"):
            stage.world.fault(kind, times=ATTEMPTS, resource=name)
        with pytest.raises(SyncFailed) as caught:
            stage.sync("emails", "users")
        assert [type(failed.error) for failed in caught.value.report.failures] == [error] * 2
        for name in ("emails", "users"):
            assert_equals_truth(stage.warehouse, stage.world, name)


def test_filters_that_do_not_apply_are_an_error(scene: Scenes) -> None:
    """An ignored filter answers 200 with the wrong rows; only the echo tells."""
    stage = scene()
    stage.world.switch(ignore_filters=True)
    assert isinstance(failure_of(stage, "emails"), EchoMismatch)
    assert stage.warehouse.query("select count(*) from raw_salesloft.emails") == [(0,)]


def test_a_wrong_key_names_its_setting(scene: Scenes) -> None:
    """401 is one error for all resources, not thirty, and it is not repeated."""
    stage = scene()
    stage.world.keys.clear()
    with pytest.raises(Unauthorized, match="SALESLOFT_API_KEY"):
        stage.sync("emails", "people")
    assert stage.time.slept == []


def test_a_list_that_the_key_may_not_read_is_told_once_and_skipped(scene: Scenes) -> None:
    """403 fails nothing, costs one point, and is not asked for again by the next sync; a day later it is."""
    stage = scene()
    scopes = stage.world.keys[DEMO_KEY].scopes
    stage.world.keys[DEMO_KEY] = replace(stage.world.keys[DEMO_KEY], scopes=scopes - {"emails:read"})
    first, second = stage.sync("emails", "people"), stage.sync("emails", "people")
    assert (
        [r.outcome for r in first.resources] == [r.outcome for r in second.resources] == ["forbidden", "done"]
    )
    assert len(first.refusals) == 1
    assert "403" in first.refusals[0]
    assert second.refusals == []
    assert stage.asked("emails") == 1
    assert_equals_truth(stage.warehouse, stage.world, "people")


def test_another_teams_key_is_refused(scene: Scenes) -> None:
    """The warehouse belongs to the team that filled it; nothing is read with the other key."""
    stage = scene()
    stage.sync("users")
    stage.warehouse.execute("update ops.identity set team_id = '7'")
    asked = stage.asked("users")
    with pytest.raises(OtherTeam, match=r"team 7.*WAREHOUSE_URL"):
        stage.sync("users")
    assert stage.asked("users") == asked


def test_nobody_answers(scene: Scenes) -> None:
    """A closed port is Unreachable, and the error says which request found nobody."""
    stage = scene()
    with socket.create_server(("127.0.0.1", 0)) as door:
        stage.url = f"http://127.0.0.1:{door.getsockname()[1]}/v2"
    with pytest.raises(Unreachable, match="GET /me"):
        stage.sync("emails")
    assert len(stage.time.slept) == ATTEMPTS - 1


def test_the_command_line_shows_no_traceback(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message, exit code 2 for a wrong key; the key itself is nowhere."""
    stage = scene()
    monkeypatch.chdir(stage.warehouse.path.parent if stage.warehouse.path else ".")
    monkeypatch.setenv("SALESLOFT_API_KEY", "not-the-right-key")
    monkeypatch.setenv("SALESLOFT_API_URL", stage.url)
    monkeypatch.setenv("WAREHOUSE_URL", stage.warehouse.url)
    result = CliRunner().invoke(cli.main, ["sync", "--only", "users"])
    assert result.exit_code == 2
    assert "SALESLOFT_API_KEY" in result.output
    assert "Traceback" not in result.output
    assert "not-the-right-key" not in result.output


@pytest.mark.parametrize("says_when", [False, True])
def test_a_429_is_waited_out(scene: Scenes, says_when: bool) -> None:
    """Others spend the team's points: we wait for the next minute, or as long as SalesLoft says, and go on."""
    stage = scene(emails=30)
    stage.world.switch(retry_after=says_when)
    stage.time.seconds += 20
    stage.world.fault("status", times=2, resource="emails", status=429)
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    first, second = stage.time.slept
    assert first == 40 if says_when else 40 <= first <= 41
    assert 59 <= second <= 61


def test_a_small_budget_is_spent_minute_by_minute(scene: Scenes) -> None:
    """5 points a minute, of which the answers tell: no 429 is ever met, and the sync is complete."""
    stage = scene(emails=900, cost_per_minute=5)
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert {request.status for request in stage.world.log} == {200}
    assert len(stage.time.slept) in (1, 2)
