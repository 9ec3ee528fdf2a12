"""Who looks after the pipeline is told when a job begins to fail: once, in words of ours, without any secret."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.defs.failures import failure_sensor
from salesloft_pipeline.defs.resources import SettingsResource
from salesloft_pipeline.report.frames import ReportError
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.house import House

WRONG_KEY = "ak_planted_in_a_failing_run"


@contextmanager
def channel(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """An incoming webhook of Slack: its address, and the texts it was sent."""
    texts: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts.append(json.loads(self.rfile.read(int(self.headers["content-length"])))["text"])
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody wants to read it."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", texts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def noticed(house: House, result: dg.ExecuteInProcessResult) -> Any:
    """What the sensor says to a failed run."""
    context = dg.build_run_status_sensor_context(
        sensor_name="failure_sensor",
        dagster_instance=house.instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
    )
    return failure_sensor(context.for_run_failure(), settings=SettingsResource())


def test_a_job_that_begins_to_fail_is_told_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first failure after a good run is told, with what to do; the next is not; after a good run it is again."""
    with channel() as (url, texts):
        monkeypatch.setenv("ALERT_TO", f" {url} ,")

        def run(key: str) -> dg.ExecuteInProcessResult:
            monkeypatch.setenv("SALESLOFT_API_KEY", key)
            return house.run("sync_job", "users")

        assert run(DEMO_KEY).success
        assert noticed(house, run(WRONG_KEY)) is None
        assert isinstance(noticed(house, run(WRONG_KEY)), dg.SkipReason)
        assert run(DEMO_KEY).success
        assert noticed(house, run(WRONG_KEY)) is None
        assert len(texts) == 2
    assert "sync_job fails" in texts[0]
    assert "salesloft_sync: " in texts[0]
    assert "SALESLOFT_API_KEY" in texts[0]
    assert WRONG_KEY not in "".join(texts)


def test_a_message_that_did_not_arrive_fails_the_sensor(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster shows it, and the address of the channel, which is a secret, is not in it."""
    monkeypatch.setenv("SALESLOFT_API_KEY", WRONG_KEY)
    with channel(500) as (url, _):
        monkeypatch.setenv("ALERT_TO", url)
        with pytest.raises(ReportError, match="Slack answered 500") as raised:
            noticed(house, house.run("sync_job", "users"))
    assert url not in str(raised.value)


def test_without_anybody_to_tell_nothing_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a choice, and no error."""
    monkeypatch.delenv("ALERT_TO", raising=False)
    monkeypatch.setenv("SALESLOFT_API_KEY", WRONG_KEY)
    assert isinstance(noticed(house, house.run("sync_job", "users")), dg.SkipReason)
