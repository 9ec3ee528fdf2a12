"""One dagster.yaml, two storages: SQLite in the folder, or Postgres where DAGSTER_POSTGRES_URL leads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import psycopg
import pytest

ROOT = Path(__file__).parent.parent
OPENING = """
import sys
from salesloft_pipeline.dagster_storage import EnvironmentDagsterStorage
for _ in range(2):
    EnvironmentDagsterStorage.from_config_value(None, {"sqlite_folder": sys.argv[1]}).dispose()
"""


@dg.op(pool="warehouse")
def rest() -> None:
    """Does nothing, in the pool."""


@dg.job(tags={"salesloft_api": "reads"})
def restful_job() -> None:
    """One step."""
    rest()


@pytest.mark.parametrize("storage", ["sqlite", "postgres"])
def test_a_run_is_kept_where_the_setting_says(
    storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A run, its events and its place in the pool; the next process finds them, and only there."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    url = request.getfixturevalue("postgres_url") if storage == "postgres" else ""
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        result = restful_job.execute_in_process(instance=instance)
        assert result.success
        instance.event_log_storage.set_concurrency_slots("warehouse", 3)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run = instance.get_run_by_id(result.run_id)
        assert run
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert instance.all_logs(result.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
        limits = instance.event_log_storage.get_concurrency_info("warehouse")
        assert (limits.slot_count, limits.active_slot_count) == (3, 0)
    assert bool(list(tmp_path.glob("data/dagster/**/*.db"))) is (storage == "sqlite")
    if url:
        with psycopg.connect(url) as connection:
            assert connection.execute("select run_id, status from runs").fetchall() == [
                (result.run_id, "SUCCESS")
            ]


def test_several_processes_make_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the daemon, its code and a page start together in a new folder: all of them can open it, and go on to."""
    monkeypatch.delenv("DAGSTER_POSTGRES_URL", raising=False)
    command = [sys.executable, "-c", OPENING, str(tmp_path)]
    makers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    ended = [(maker.communicate()[1].decode(), maker.returncode) for maker in makers]
    assert [code for _, code in ended] == [0, 0], ended


def test_a_killed_run_is_the_only_one_that_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retries are for runs whose process died; a step that failed has its own policy, and has said why."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_POSTGRES_URL", raising=False)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 2
        assert instance.run_retries_retry_on_asset_or_op_failure is False
        assert instance.run_monitoring_enabled
        pool = instance.get_concurrency_config().pool_config
        # One writer, until somebody on Postgres says otherwise.
        assert pool.default_pool_limit == 1
