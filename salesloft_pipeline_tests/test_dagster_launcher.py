"""A run whose process is gone is known to be gone, whatever took it away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.server import wait_for_grpc_server

from salesloft_pipeline.dagster_launcher import UNHEARD_AT_MOST, WatchingRunLauncher

ROOT = Path(__file__).parent.parent
CODE = """
import dagster as dg
@dg.op
def rest(): ...
@dg.job
def restful_job(): rest()
defs = dg.Definitions(jobs=[restful_job])
"""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The instance of dagster.yaml in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_POSTGRES_URL", raising=False)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def launched(instance: dg.DagsterInstance, socket: Path | None) -> dg.DagsterRun:
    """A run that counts as started, by a server behind this socket; by hand where there is none."""
    tags = {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": str(socket)})} if socket else {}
    run = dg.DagsterRun("restful_job", status=dg.DagsterRunStatus.STARTED, tags=tags)
    return instance.add_run(run)


def looked(instance: dg.DagsterInstance, run: dg.DagsterRun, times: int = 1) -> list[WorkerStatus]:
    """What that many looks find, one after the other."""
    assert isinstance(instance.run_launcher, WatchingRunLauncher)
    return [instance.run_launcher.check_run_worker_health(run).status for _ in range(times)]


def test_a_run_by_hand_is_left_alone(instance: dg.DagsterInstance) -> None:
    """No server started it, so none is asked; and Dagster's monitoring does ask this launcher about the others."""
    assert instance.run_launcher.supports_check_run_worker_health
    assert looked(instance, launched(instance, None)) == [WorkerStatus.RUNNING]


def test_a_server_out_of_reach_is_given_some_time(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Silence for some looks may be a network; for more it is an end."""
    run = launched(instance, tmp_path / "nobody.sock")
    found = looked(instance, run, UNHEARD_AT_MOST + 1)
    assert found == [WorkerStatus.RUNNING] * UNHEARD_AT_MOST + [WorkerStatus.FAILED]


def test_a_server_started_anew_knows_nothing_of_its_runs(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The first look at it finds that the run is gone."""
    (tmp_path / "restful.py").write_text(CODE)
    socket = tmp_path / "restful.sock"
    command = [sys.executable, "-m", "dagster", "api", "grpc", "--socket", str(socket), "-f", "restful.py"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for_grpc_server(server, DagsterGrpcClient(socket=str(socket)), command, timeout=60)
            assert looked(instance, launched(instance, socket)) == [WorkerStatus.NOT_FOUND]
        finally:
            server.terminate()
