"""What a worker of Celery runs: Dagster's own tasks, one run a process.

    celery --app salesloft_pipeline.dagster_celery_worker worker --concurrency 2

Needs DAGSTER_HOME (a folder with dagster.yaml), DAGSTER_POSTGRES_URL, CELERY_BROKER_URL and the settings of the pipeline;
no disk of any other machine. A worker that is told to stop (SIGTERM) ends what it runs first.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import after_setup_logger
from dagster_celery.defaults import task_default_queue
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task

app = make_app(  # type: ignore[no-untyped-call]  # Dagster's own have no types here
    {
        # Dagster keeps how each run ended; a second account of it would only fill the broker.
        "backend": "disabled://",
        "config_source": {
            "task_default_queue": task_default_queue,
            # A run that waits is for whoever is free first: nobody takes one that he cannot begin. The broker hands out
            # once more what was not ended within an hour, and Dagster begins no run twice.
            "task_acks_late": True,
            "worker_prefetch_multiplier": 1,
            # Dagster writes the log of a run in its own way.
            "worker_redirect_stdouts": False,
        },
    }
)
execute_job = create_execute_job_task(app)


@after_setup_logger.connect  # type: ignore[untyped-decorator]
def _keep_addresses_out(**_: Any) -> None:
    # Whom a request asks for may stand in its address.
    logging.getLogger("httpx").setLevel(logging.WARNING)
