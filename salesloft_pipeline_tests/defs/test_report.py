"""What Dagster does with reports: writes them, sends what is due once, waits for data and then no longer."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.defs.report import ReportConfig, engagement_report, report_job, report_schedule
from salesloft_pipeline.defs.resources import RESOURCES, SettingsResource
from salesloft_pipeline.transform import serving
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.conftest import built_file, empty_file

__all__ = ["built_file", "empty_file"]

# The load is of Friday 20 November in New York, five hours behind.
FRIDAY = "2026-11-20"


@pytest.fixture
def folder(built_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment whose mart is built and published, with a folder that keeps reports of everybody and of West."""
    shutil.copyfile(built_file, tmp_path / "warehouse.duckdb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAREHOUSE_URL", f"duckdb:///{tmp_path}/warehouse.duckdb")
    monkeypatch.setenv("SERVING_FOLDER", str(tmp_path / "serving"))
    monkeypatch.setenv("REPORTING_TIME_ZONE", "America/New_York")
    monkeypatch.setenv("REPORT_TO", "all=kept, 2=kept")
    serving.publish(Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb"), tmp_path / "serving")
    return tmp_path


def run(**config: Any) -> dg.ExecuteInProcessResult:
    given = dg.RunConfig(ops={"engagement_report": ReportConfig(date=FRIDAY, **config)})
    return dg.materialize([engagement_report], resources=RESOURCES, run_config=given, raise_on_error=False)


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (made,) = result.asset_materializations_for_node("engagement_report")
    return {name: value.value for name, value in made.metadata.items()}


def test_it_is_written_and_sent_once(folder: Path) -> None:
    """Without `send` files alone; with it each audience's, and the second run says that they went before."""
    assert told(run())["sent"] == [f"daily for {who}, a folder: would be sent" for who in ("all", "2")]
    assert not (folder / "kept").exists()
    assert (folder / "serving/reports/daily-2.html").exists()
    assert told(run(send=True))["sent"] == [f"daily for {who}, a folder: sent" for who in ("all", "2")]
    assert len(list((folder / "kept").iterdir())) == 6
    assert told(run(send=True))["sent"] == [
        f"daily for {who}, a folder: was sent before" for who in ("all", "2")
    ]
    assert told(run())["alarm"] == ""


def test_a_failed_check_is_in_it(folder: Path) -> None:
    """A mart with an error is not published, and the report of the old one says so."""
    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    warehouse.execute("update mart.daily_engagement set reply_rate = 2 where user_id = 7")
    alarm = told(run())["alarm"]
    assert alarm.startswith("Data through Thursday 19 November 2026")
    assert "Q06 of daily_engagement" in alarm


def test_a_way_that_fails_fails_the_run(folder: Path) -> None:
    """It names the way and nobody's address; run again, it sends what did not go."""
    (folder / "kept").touch()
    result = run(send=True)
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "daily for all, a folder: failed: the folder cannot be" in str(
        failed.step_failure_data.user_failure_data
    )
    (folder / "kept").unlink()
    assert all(word.endswith(": sent") for word in told(run(send=True))["sent"])


def ticked(at: str) -> list[dg.RunRequest] | dg.SkipReason:
    """What the schedule asks for at an instant, UTC."""
    moment = datetime.fromisoformat(f"{at}+00:00")
    context = dg.build_schedule_context(scheduled_execution_time=moment)
    found: Any = report_schedule(context, settings=SettingsResource())
    return found


@pytest.mark.parametrize(
    ("at", "asks"),
    [
        # 07:15 and 07:30 in New York, of the day of the load; a later tick has the same key.
        ("2026-11-20 12:15", None),
        ("2026-11-20 12:30", ["daily 2026-11-20"]),
        ("2026-11-20 16:45", ["daily 2026-11-20"]),
        ("2026-11-21 15:00", None),
        # Monday without a load of Monday: it waits until 09:30.
        ("2026-11-23 13:00", None),
        ("2026-11-23 14:30", ["daily 2026-11-23"]),
        ("2026-11-23 15:00", ["daily 2026-11-23", "weekly 2026-11-23"]),
    ],
)
def test_what_is_due_is_asked_for(folder: Path, at: str, asks: list[str] | None) -> None:
    """By the clock of the reporting zone, once an edition, when its data are there or it has waited long enough."""
    found = ticked(at)
    if asks is None:
        assert isinstance(found, dg.SkipReason)
        return
    assert isinstance(found, list)
    assert [request.run_key for request in found] == asks
    config = found[0].run_config["ops"]["engagement_report"]["config"]
    assert config == {"name": "daily", "date": at[:10], "send": True}
    assert report_schedule.job_name == report_job.name


def test_before_the_first_publication_it_waits(folder: Path) -> None:
    """No error, and no report of nothing."""
    shutil.rmtree(folder / "serving")
    assert isinstance(ticked(f"{FRIDAY} 12:30"), dg.SkipReason)
