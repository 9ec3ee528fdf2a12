"""How runs are started, from one dagster.yaml: by Celery when CELERY_BROKER_URL is set, else by the server of the code.

Both are Dagster's own ways, and with them a look whether a run still lives. A run is a child of the server of the code
location. That server reports a child that dies, but when it dies itself, as a container does that is restarted, its
runs would count as started until the longest time of any run is over, hold their places in pools, and keep schedules
from starting the next. Kubernetes has a launcher that looks by itself. The classes come from private modules, which is
why pyproject.toml holds Dagster below 1.14.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, RunLauncher, WorkerStatus
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClass, ConfigurableClassData, deserialize_value

# A look every five seconds: a server may be slow or out of reach for a moment, and its runs go on.
UNHEARD_AT_MOST = 6


class EnvironmentRunLauncher(RunLauncher, ConfigurableClass):
    """Named in dagster.yaml; makes one of the two launchers and is never itself instantiated."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config_value(  # type: ignore[override]  # it makes one of the two, never itself
        cls, inst_data: ConfigurableClassData | None, _: Mapping[str, Any]
    ) -> RunLauncher:
        """Raises ImportError where Celery is wanted and not installed."""
        # The instance is made before any of our code runs; Celery itself reads this one by the same name.
        if not os.environ.get("CELERY_BROKER_URL"):
            return WatchingRunLauncher(inst_data)
        try:
            from salesloft_pipeline.dagster_celery_launcher import WatchingCeleryRunLauncher
        except ImportError as error:
            raise ImportError(
                "CELERY_BROKER_URL names a broker, and Celery is not installed: "
                "pip install 'salesloft-pipeline[celery]'"
            ) from error
        return WatchingCeleryRunLauncher(inst_data)


class WatchingRunLauncher(DefaultRunLauncher):
    """As DefaultRunLauncher; run monitoring learns that a run has no process any more, and ends it."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._unheard: Counter[str] = Counter()

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """RUNNING, NOT_FOUND when the server does not know the run, FAILED when there is no server for long."""
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        if client is None:  # started by hand, in a process of its own
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=5)
        except DagsterUserCodeUnreachableError:
            self._unheard[run.run_id] += 1
            gone = self._unheard[run.run_id] > UNHEARD_AT_MOST
            return CheckRunHealthResult(
                WorkerStatus.FAILED if gone else WorkerStatus.RUNNING, "its server is gone"
            )
        del self._unheard[run.run_id]
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.NOT_FOUND, "its server was started anew and does not know it"
        )
