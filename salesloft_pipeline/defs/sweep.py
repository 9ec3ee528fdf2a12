"""Deletions, which no list shows: what we hold is asked for by name, every night.

sweep_schedule, nightly  ->  sweep_job  ->  sweep_known_records  ->  _deleted_at in raw_salesloft.*

The marts follow with the next sync, which sees that the tables changed.
"""

import dagster as dg

from salesloft_pipeline.defs.backlog import READING_SECONDS_AT_MOST, note_unfinished
from salesloft_pipeline.defs.patience import patient
from salesloft_pipeline.defs.resources import API, POOL, ProgressResource, SettingsResource, told
from salesloft_pipeline.salesloft.endpoints import SWEPT

NAMES = [endpoint.name for endpoint in SWEPT]


class SweepConfig(dg.Config):
    """only: collections to sweep. trusting: believe that any number of records may be gone.
    seconds_at_most: begin no further round after this; the next run goes on.
    """

    only: list[str] = NAMES
    trusting: bool = False
    seconds_at_most: float = READING_SECONDS_AT_MOST


@dg.op(pool=POOL)
def sweep_known_records(
    context: dg.OpExecutionContext,
    config: SweepConfig,
    settings: SettingsResource,
    progress: ProgressResource,
) -> None:
    """Mark what is gone from SalesLoft, load what came back; refuses when suspiciously much is missing."""
    from salesloft_pipeline.ingest.pipeline import Limits
    from salesloft_pipeline.ingest.report import SyncFailed
    from salesloft_pipeline.ingest.sweep import sweep

    try:
        with patient():
            report = sweep(
                settings.client(),
                settings.warehouse(),
                endpoints=[endpoint for endpoint in SWEPT if endpoint.name in config.only],
                trusting=config.trusting,
                limits=Limits(seconds=config.seconds_at_most),
                watch=progress.watch(context.log),
            )
    except SyncFailed as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    note_unfinished(context.instance, context.run_id, report)
    context.add_output_metadata(told(report))


@dg.job(
    description="Asks SalesLoft for what we hold, by name: what is gone is marked, what came back is loaded.",
    tags=API,
)
def sweep_job() -> None:
    """All lists that take ids, or as configured."""
    sweep_known_records()


sweep_schedule = dg.ScheduleDefinition(
    name="sweep_schedule",
    job=sweep_job,
    cron_schedule="50 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
