"""Long work is many short runs, so that each commits and the warehouse is free in between.

a run that stopped for its time is up  ->  tag on the run  ->  backlog_sensor  ->  the same job again, at once
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.report import SyncReport

# A step holds the warehouse for as long as it runs, and the next sync comes in five minutes.
READING_SECONDS_AT_MOST = 240.0
_UNFINISHED = "salesloft/unfinished"
MAKING = timedelta(minutes=1)
_WAITING = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def note_unfinished(instance: dg.DagsterInstance, run_id: str, report: "SyncReport") -> None:
    """Tag a run with the collections that it did not read to the end, if any."""
    if names := [resource.resource for resource in report.unfinished]:
        instance.add_run_tags(run_id, {_UNFINISHED: ",".join(names)})


def at_work(instance: dg.DagsterInstance, job: str) -> bool:
    """Is a run of this job waiting or running, or just being made, as the repeat of a killed one?"""
    # One that nobody went on making for longer will never be: its daemon died.
    lately = datetime.now(UTC) - MAKING
    return any(
        instance.get_runs_count(some) > 0
        for some in (
            dg.RunsFilter(job_name=job, statuses=_WAITING),
            dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.NOT_STARTED], created_after=lately),
        )
    )


def backlog_sensor_for(
    jobs: Sequence[Any],
) -> dg.SensorDefinition:
    """A sensor that goes on with an unfinished run of one of these jobs (of assets or of ops)."""

    @dg.run_status_sensor(
        name="backlog_sensor",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=list(jobs),
        request_jobs=list(jobs),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=5,
        description="Asks for the same job again at once while it has not read everything.",
    )
    def backlog_sensor(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        # As it stands now: the tag came after the event that woke this sensor was prepared.
        run = context.instance.get_run_by_id(context.dagster_run.run_id)
        if not run or not run.tags.get(_UNFINISHED):
            return dg.SkipReason("everything is read")
        if at_work(context.instance, run.job_name):
            return dg.SkipReason(f"{run.job_name} is at work already")
        return dg.RunRequest(run_key=run.run_id, job_name=run.job_name, run_config=run.run_config)

    return backlog_sensor
