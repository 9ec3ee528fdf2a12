"""Log lines: for people or as JSON, with the ids of runs, resources and requests, and nothing of any person."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from salesloft_pipeline.logs import log_to_stderr
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.house import House


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The root logger belongs to everybody."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def team(scene: Callable[..., Scene]) -> Scene:
    """A small team and an empty warehouse."""
    return scene(people=60, emails=200, days=20)


def lines(captured: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was logged, line by line."""
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def test_a_sync_tells_its_runs_and_requests(team: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Each resource with its run, points and rows; each failed attempt with the id of its request; a run's end."""
    log_to_stderr("json")
    team.world.fault("status", times=2, resource="users", status=503)
    report = team.sync("users", "people")
    told = lines(capsys)
    attempts = [line for line in told if "request_id" in line]
    assert [(line["attempt"], line["status"]) for line in attempts] == [(1, 503), (2, 503)]
    assert len({line["request_id"] for line in attempts}) == 1
    of_run = [line for line in told if line.get("run_id") == report.run_id]
    assert [line.get("resource") for line in of_run] == ["users", "people", None]
    assert of_run[1]["points"] == report.resources[1].tally.points
    for line in told:
        assert datetime.fromisoformat(str(line["timestamp"])).utcoffset() is not None
        assert {"event", "level", "logger"} <= line.keys()


def test_nobody_is_named_in_a_log(team: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a person's address, name or number, though requests fail that ask for persons by address."""
    log_to_stderr("json")
    team.world.fault("status", times=1, resource="people", status=500)
    team.client().get("/people", {"email_addresses[]": "someone@example.com"})
    team.sync("people")
    told = capsys.readouterr().err
    assert "someone" not in told
    for person in team.world.truth("people"):
        assert not [
            name for name in ("email_address", "last_name", "phone") if person[name] and person[name] in told
        ]


def test_the_log_of_a_run_in_dagster_has_them(house: House) -> None:
    """What was read, and each request that went wrong, beside Dagster's own lines."""
    house.scene.world.fault("status", times=1, resource="users", status=422)
    result = house.run("sync_job", "users", "people")
    said = [entry.user_message for entry in house.instance.all_logs(result.run_id)]
    assert "GET /users was not answered as it should be" in said
    assert {"sync of users: failed", "sync of people: done"} <= set(said)
    assert "sync ended" in said


def test_an_error_is_one_line_of_json_and_readable_text() -> None:
    """A traceback is a field in JSON; for people it is a traceback."""
    code = """
import logging, sys
from salesloft_pipeline.logs import log_to_stderr
log_to_stderr(sys.argv[1])
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("ours").exception("went wrong", extra={"run_id": "r1"})
"""
    told = {
        form: subprocess.run(
            [sys.executable, "-c", code, form], capture_output=True, text=True, check=True
        ).stderr
        for form in ("json", "text")
    }
    (line,) = told["json"].splitlines()
    assert "ZeroDivisionError" in json.loads(line)["exception"]
    assert "ZeroDivisionError" in told["text"]
    assert "run_id=r1" in told["text"]
