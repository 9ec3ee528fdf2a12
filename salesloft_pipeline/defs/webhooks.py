"""Webhooks: what the receiver has landed comes into the warehouse within seconds.

landing grows  ->  webhook_landing_sensor  ->  webhook_job  ->  webhook_ingest  ->  raw_salesloft.webhook_events
                   at most one run at a time                                   ->  the tables that events named
                                                            ->  mart_build and what people look at, in the same run

Whether something waits is asked of the landing, and what became of the last run of Dagster: nothing else is
remembered, so a lost tick, a failed run and a killed one are the same case.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import dagster as dg

from salesloft_pipeline.defs.backlog import READING_SECONDS_AT_MOST, at_work
from salesloft_pipeline.defs.ingest import contents, raw_spec, table_key
from salesloft_pipeline.defs.resources import API, POOL, ProgressResource, SettingsResource
from salesloft_pipeline.defs.serving import engagement_dashboard, publish_serving
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.ingest import columns
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.warehouse import Warehouse

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.webhook_events import Ingested
    from salesloft_pipeline.landing import Landing

# Dagster goes round its sensors every five seconds, and passes over those that are not yet due.
LOOK_SECONDS = 2
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 900.0
# Counting stops here: beyond it, only that there are many matters.
DEPTH_AT_MOST = 100_000
LATE = timedelta(minutes=15)
_SAID_FAILED = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
_GRAIN = "One row per webhook delivery: what it said of which record; appended to, never changed."


class WebhookConfig(dg.Config):
    """seconds_at_most: begin no further chunk after this; the next run goes on."""

    seconds_at_most: float = READING_SECONDS_AT_MOST


@dg.multi_asset(
    name="webhook_ingest",
    specs=[raw_spec(columns.EVENTS, _GRAIN, columns.EVENT_COLUMNS)],
    pool=POOL,
)
def webhook_ingest(
    context: dg.AssetExecutionContext,
    config: WebhookConfig,
    settings: SettingsResource,
    progress: ProgressResource,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Log what webhooks said, and read the records that they named again."""
    from salesloft_pipeline.ingest.pipeline import Limits
    from salesloft_pipeline.ingest.report import SyncFailed
    from salesloft_pipeline.ingest.webhook_events import Ingested, ingest
    from salesloft_pipeline.landing import LandingError

    warehouse, landing = settings.warehouse(), settings.landing()
    done = Ingested()
    failure: dg.Failure | None = None
    try:
        ingest(
            settings.client(),
            warehouse,
            landing,
            limits=Limits(seconds=config.seconds_at_most),
            watch=progress.watch(context.log),
            done=done,
        )
    except (SyncFailed, SalesloftError, LandingError) as error:
        # The sensor asks again, each time a little later.
        failure = dg.Failure(f"{error}\nThe deliveries wait in the landing.", allow_retries=False)
    with warehouse.kept_open():
        columns.create_tables(warehouse)
        for table in sorted(done.tables - {columns.EVENTS}):
            context.log_event(_materialization(warehouse, table))
        if not failure:
            yield _result(warehouse, landing, done)
    if failure:
        raise failure


def _materialization(warehouse: Warehouse, table: str) -> dg.AssetMaterialization:
    """A table that belongs to the sync changed here too, and marts follow its data version."""
    state = contents(warehouse, table)
    return dg.AssetMaterialization(
        table_key(table),
        metadata={"dagster/row_count": state[0], "outcome": "webhook"},
        tags={"dagster/data_version": "-".join(map(str, state))},
    )


def _result(warehouse: Warehouse, landing: "Landing", done: "Ingested") -> dg.MaterializeResult[Any]:
    state = contents(warehouse, columns.EVENTS)
    return dg.MaterializeResult(
        asset_key=table_key(columns.EVENTS),
        metadata={
            "dagster/row_count": state[0],
            "summary": str(done),
            "events": dict(done.events),
            "unknown": done.unknown,
            "echoes": done.echoes,
            "unreadable": dict(done.unreadable),
            "points": done.points,
            **_waiting(landing),
        },
        data_version=dg.DataVersion("-".join(map(str, state))),
    )


def _waiting(landing: "Landing") -> dict[str, float]:
    """How many deliveries wait, and for how many seconds the oldest has."""
    if _is_unused(landing):
        return {"pending": 0, "oldest_pending_seconds": 0.0}
    oldest = landing.oldest_pending()
    return {
        "pending": landing.pending_count(DEPTH_AT_MOST),
        "oldest_pending_seconds": (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0,
    }


def _is_unused(landing: "Landing") -> bool:
    """Is there no landing yet? Looking into it would make one."""
    return landing.path is not None and not landing.path.exists()


# What follows the ingestion in its run: one of its own would cost another tick and start, which take longer than the
# work does.
_SHOWN = (mart_build, publish_serving, engagement_dashboard)
webhook_job = dg.define_asset_job(
    "webhook_job",
    selection=dg.AssetSelection.assets(webhook_ingest, *_SHOWN),
    description="Brings what webhooks told into the warehouse, and to where people look.",
    # Short, and waited for: it goes before the others.
    tags={**API, "dagster/priority": "1", "dagster/max_runtime": "1800"},
)


@dg.sensor(
    name="webhook_landing_sensor",
    job=webhook_job,
    minimum_interval_seconds=LOOK_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run while deliveries wait; after failures, each time a little later.",
)
def webhook_landing_sensor(
    context: dg.SensorEvaluationContext, settings: SettingsResource
) -> dg.RunRequest | dg.SkipReason:
    """One run, whatever waits; its key is the run before it, so that a tick that is repeated asks for the same."""
    landing = settings.landing()
    if _is_unused(landing) or not landing.pending_count(1):
        return dg.SkipReason("nothing waits in the landing")
    if at_work(context.instance, webhook_job.name):
        return dg.SkipReason("a run is at work")
    records = context.instance.get_run_records(dg.RunsFilter(job_name=webhook_job.name), limit=10)
    failed = list(takewhile(lambda record: _has_failed(context.instance, record.dagster_run), records))
    if failed and (left := _wait_seconds(len(failed)) - (time.time() - (failed[0].end_time or 0.0))) > 0:
        return dg.SkipReason(
            f"{len(failed)} runs failed in a row: the next is asked for in {left:.0f} seconds"
        )
    before = records[0].dagster_run.run_id if records else "nothing"
    # Automation lets be what a run names, and does not see what a job does.
    named = [key for assets in (webhook_ingest, *_SHOWN) for key in assets.keys]
    return dg.RunRequest(run_key=f"landing after {before}", asset_selection=named)


def _has_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Did it end before everything was ingested? A mart that cannot be built holds up no delivery."""
    if run.status not in _SAID_FAILED:
        return False
    steps = instance.get_run_step_stats(run.run_id, [webhook_ingest.op.name])
    return not any(step.status and step.status.value == "SUCCESS" for step in steps)


def _wait_seconds(failures: int) -> float:
    return min(FIRST_WAIT_SECONDS * 2.0 ** (failures - 1), LONGEST_WAIT_SECONDS)


@dg.asset_check(
    asset=table_key(columns.EVENTS),
    name="webhooks_flow",
    description="No delivery waits for longer than 15 minutes, and none is in quarantine.",
    pool=POOL,
)
def webhooks_flow(settings: SettingsResource) -> dg.AssetCheckResult:
    """Asked on its own, because a run that never comes cannot say so."""
    landing = settings.landing()
    waiting = _waiting(landing)
    quarantined = {} if _is_unused(landing) else landing.quarantined()
    return dg.AssetCheckResult(
        passed=waiting["oldest_pending_seconds"] < LATE.total_seconds() and not quarantined,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={**waiting, "quarantined": dict(quarantined)},
    )


class RetentionConfig(dg.Config):
    """days: how long an ingested delivery is kept as it came. The warehouse keeps the event for good."""

    days: int = 30


@dg.op
def prune_landing(
    context: dg.OpExecutionContext, config: RetentionConfig, settings: SettingsResource
) -> None:
    """Forget deliveries that are in the warehouse; what waits or is in quarantine stays."""
    landing = settings.landing()
    gone = 0 if _is_unused(landing) else landing.prune(datetime.now(UTC) - timedelta(days=config.days))
    context.add_output_metadata({"deliveries": gone})


@dg.job(description="Forgets deliveries that have been in the warehouse for a month.")
def retention_job() -> None:
    """Of the landing alone."""
    prune_landing()


flow_job = dg.define_asset_job(
    "webhook_check_job",
    selection=dg.AssetSelection.checks(webhooks_flow),
    description="Asks whether webhooks flow from the landing into the warehouse.",
)
webhook_schedules = [
    dg.ScheduleDefinition(
        name=name, job=job, cron_schedule=cron, default_status=dg.DefaultScheduleStatus.RUNNING
    )
    for name, job, cron in (
        ("webhook_check_schedule", flow_job, "*/15 * * * *"),
        ("landing_retention_schedule", retention_job, "40 3 * * *"),
    )
]
