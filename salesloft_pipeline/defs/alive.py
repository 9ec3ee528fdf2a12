"""A run says that it lives, so that one which was killed is known by its silence.

the step, every some seconds  ->  tag on the run  ->  whoever asks for the next run reports the silent one as failed

Dagster's own launcher does not look after the processes that it starts: killed, a run counts as started until the
longest time of any run is over, and so long nobody would take its place.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

BEAT_SECONDS = 15.0
SILENCE_SECONDS = 90.0
TAG = "salesloft/alive_at"


@contextmanager
def heartbeat(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Tag the run with the time, again and again, while the block runs."""
    over = threading.Event()

    def beat() -> None:
        instance.add_run_tags(run_id, {TAG: f"{time.time():.0f}"})

    def go_on() -> None:
        while not over.wait(BEAT_SECONDS):
            beat()

    beat()
    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def report_silent(instance: dg.DagsterInstance, job: str) -> None:
    """Report runs of this job as failed that have begun and are silent. One that waits for its turn has no tag yet."""
    started = dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.STARTED])
    for run in instance.get_runs(started):
        if (said := run.tags.get(TAG)) and time.time() - float(said) > SILENCE_SECONDS:
            instance.report_run_failed(
                run, f"no sign of life for {SILENCE_SECONDS:.0f} seconds: it was killed"
            )
