"""Runs on machines of your own: Dagster's own launcher for Celery, and with it a look whether they still live.

daemon  ->  broker (CELERY_BROKER_URL)  ->  dagster_celery_worker.py, on any machine  ->  the run, in a process of its own

Celery tells nobody that a machine went, and its runs with it. dagster_launcher.py takes this one where a broker is set.
"""

from __future__ import annotations

from collections import Counter

from dagster import DagsterRun
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._serdes import ConfigurableClassData
from dagster_celery.defaults import task_default_queue
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

# A look every five seconds: a worker that is busy may miss a question, and its runs go on.
UNKNOWN_AT_MOST = 4


class WatchingCeleryRunLauncher(CeleryRunLauncher):
    """As CeleryRunLauncher; run monitoring learns that no worker has a run any more, and ends it."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(task_default_queue, backend="disabled://", inst_data=inst_data)
        self._unknown: Counter[str] = Counter()

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """RUNNING, or NOT_FOUND when for some looks no worker knew the run. Raises when the broker is away."""
        task = run.tags.get(DAGSTER_CELERY_TASK_ID_TAG)
        if task is None or self._is_at_work(task):  # without a task it was started by hand
            del self._unknown[run.run_id]
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        self._unknown[run.run_id] += 1
        gone = self._unknown[run.run_id] > UNKNOWN_AT_MOST
        return CheckRunHealthResult(
            WorkerStatus.NOT_FOUND if gone else WorkerStatus.RUNNING,
            "no worker has it, or its worker is gone",
        )

    def get_run_worker_debug_info(
        self, run: DagsterRun, include_container_logs: bool | None = True
    ) -> str | None:
        """Nothing: Celery would ask the account that is not kept."""

    def _is_at_work(self, task: str) -> bool:
        answers = self.celery.control.inspect().query_task(task) or {}
        return any(task in known for known in answers.values())
