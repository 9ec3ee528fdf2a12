"""Reading the past again: any month on demand, and what was sent lately every night.

backfill of month_job      ->  reread_month   ->  raw_salesloft.*   one partition a month, on any machine
lately_schedule, nightly   ->  reread_lately  ->  raw_salesloft.emails

The marts follow with the next sync, which sees that the tables changed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from salesloft_pipeline.defs.patience import patient
from salesloft_pipeline.defs.resources import API, POOL, ProgressResource, SettingsResource, told
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading

# The year SalesLoft began; nothing in it is older.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2011-01-01", end_offset=1)
BY_CHANGE = [endpoint.name for endpoint in ENDPOINTS if endpoint.reading is Reading.KEYSET]
LATELY = [endpoint for endpoint in ENDPOINTS if endpoint.reread_by]


class MonthConfig(dg.Config):
    """only: the resources to read again; each must filter by updated_at."""

    only: list[str] = BY_CHANGE


class LatelyConfig(dg.Config):
    """days: how far back the sending of an email may lie."""

    days: int = 14


@dg.op(pool=POOL)
def reread_month(
    context: dg.OpExecutionContext,
    config: MonthConfig,
    settings: SettingsResource,
    progress: ProgressResource,
) -> None:
    """Read every record again that last changed within the month (UTC)."""
    from salesloft_pipeline.ingest.reread import Window, reread

    month = context.partition_time_window
    window = Window(month.start.astimezone(UTC), month.end.astimezone(UTC) - timedelta(microseconds=1))
    endpoints = [endpoint for endpoint in ENDPOINTS if endpoint.name in set(config.only) & set(BY_CHANGE)]
    watch = progress.watch(context.log)
    with patient():
        report = reread(
            settings.client(), settings.warehouse(), endpoints=endpoints, window=window, watch=watch
        )
    context.add_output_metadata(told(report))


@dg.op(pool=POOL)
def reread_lately(
    context: dg.OpExecutionContext,
    config: LatelyConfig,
    settings: SettingsResource,
    progress: ProgressResource,
) -> None:
    """Read the emails of the last days again: whether an open moves updated_at is nowhere promised."""
    from salesloft_pipeline.ingest.reread import reread
    from salesloft_pipeline.salesloft.protocol import format_instant

    since = format_instant(datetime.now(UTC) - timedelta(days=config.days))
    client, warehouse, watch = settings.client(), settings.warehouse(), progress.watch(context.log)
    for endpoint in LATELY:
        only = {f"{endpoint.reread_by}[gte]": since}
        with patient():
            report = reread(client, warehouse, endpoints=[endpoint], only=only, watch=watch)
        context.log.info(f"{endpoint.name}: {report}")


@dg.job(
    partitions_def=MONTHS,
    description="Reads again what last changed in a month; made for backfills.",
    tags=API,
)
def month_job() -> None:
    """One partition is one calendar month (UTC)."""
    reread_month()


@dg.job(description="Reads lately sent emails again, for counters that moved without a word.", tags=API)
def lately_job() -> None:
    """The last 14 days, or as configured."""
    reread_lately()


def _lately(days: int) -> dict[str, Any]:
    return {"ops": {"reread_lately": {"config": {"days": days}}}}


lately_schedules = [
    dg.ScheduleDefinition(
        name=name,
        job=lately_job,
        cron_schedule=cron,
        run_config=_lately(days),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    for name, cron, days in (
        ("lately_schedule", "20 3 * * 1-6", 14),
        # Some answers come late: once a week the net is cast wider.
        ("long_ago_schedule", "20 3 * * 0", 60),
    )
]
