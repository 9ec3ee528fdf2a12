"""Who looks after the pipeline is told when a job begins to fail: once, in words of ours, without any secret."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.defs.failures import failure_sensor
from salesloft_pipeline.defs.resources import SettingsResource
from salesloft_pipeline.report.frames import ReportError
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.house import House
from salesloft_pipeline_tests.report.receiving import mail_server, slack

WRONG_KEY = "ak_planted_in_a_failing_run"


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
    with slack() as hook:
        monkeypatch.setenv("ALERT_TO", f" {hook.url} ,")

        def run(key: str) -> dg.ExecuteInProcessResult:
            monkeypatch.setenv("SALESLOFT_API_KEY", key)
            return house.run("sync_job", "users")

        assert run(DEMO_KEY).success
        assert noticed(house, run(WRONG_KEY)) is None
        assert isinstance(noticed(house, run(WRONG_KEY)), dg.SkipReason)
        assert run(DEMO_KEY).success
        assert noticed(house, run(WRONG_KEY)) is None
    texts = [post["text"] for post in hook.posts]
    assert len(texts) == 2
    assert "sync_job fails" in texts[0]
    assert "salesloft_sync: " in texts[0]
    assert "SALESLOFT_API_KEY" in texts[0]
    assert WRONG_KEY not in "".join(texts)


def test_who_can_be_reached_is_told_and_the_sensor_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mail goes out though Slack refuses; Dagster shows the refusal without the address, which is a secret."""
    monkeypatch.setenv("SALESLOFT_API_KEY", WRONG_KEY)
    with slack() as hook, mail_server() as post:
        hook.answer = "no_service"
        monkeypatch.setenv("ALERT_TO", f"{hook.url}, ann@acme.test, bob@acme.test")
        monkeypatch.setenv("REPORT_FROM", "pipeline@acme.test")
        monkeypatch.setenv("SMTP_URL", post.url)
        with pytest.raises(ReportError, match="Slack answered 403: no_service") as raised:
            noticed(house, house.run("sync_job", "users"))
    assert "planted-secret" not in str(raised.value)
    (mail,) = post.mails
    assert mail["To"] == "ann@acme.test, bob@acme.test"
    assert mail["Subject"] == "sync_job fails"
    assert "SALESLOFT_API_KEY" in mail.get_content()


def test_a_folder_wakes_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of reports that is none of alerts is told by the name of the setting."""
    monkeypatch.setenv("SALESLOFT_API_KEY", WRONG_KEY)
    monkeypatch.setenv("ALERT_TO", "data/alerts")
    with pytest.raises(ReportError, match="ALERT_TO takes addresses and Slack webhooks"):
        noticed(house, house.run("sync_job", "users"))


def test_without_anybody_to_tell_nothing_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a choice, and no error."""
    monkeypatch.delenv("ALERT_TO", raising=False)
    monkeypatch.setenv("SALESLOFT_API_KEY", WRONG_KEY)
    assert isinstance(noticed(house, house.run("sync_job", "users")), dg.SkipReason)
