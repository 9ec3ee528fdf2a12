"""Raw assets: one per raw table, loaded by one step that runs a sync of whatever was selected.

sync_schedule, every 5 minutes  ->  sync_job      ->  salesloft_sync  ->  raw_salesloft.*
snapshot_schedule, hourly       ->  snapshot_job  ->  salesloft_sync
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from salesloft_pipeline.defs.backlog import READING_SECONDS_AT_MOST, at_work, note_unfinished
from salesloft_pipeline.defs.resources import API, OWNERS, POOL, ProgressResource, SettingsResource
from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS, Endpoint, Reading
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.warehouse import Warehouse, quote

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.report import ResourceReport, SyncReport

SYNC_SECONDS = 5 * 60
SNAPSHOT_SECONDS = 60 * 60
# What can be asked for its changes is asked often; what has to be read whole, less.
_OFTEN = (Reading.KEYSET, Reading.DESCENDING)
SECONDS_BETWEEN_READS = {
    endpoint.name: SYNC_SECONDS if endpoint.reading in _OFTEN else SNAPSHOT_SECONDS for endpoint in ENDPOINTS
}


class SyncConfig(dg.Config):
    """full: forget all positions and read everything again. seconds_at_most: begin no further round after this.
    points_at_most: ask nothing more after so many points; None leaves that to the team's budget.
    """

    full: bool = False
    seconds_at_most: float = READING_SECONDS_AT_MOST
    points_at_most: int | None = None


def table_key(table: str) -> dg.AssetKey:
    """The asset of a raw table."""
    return dg.AssetKey([columns.RAW_SCHEMA, table])


def _spec(key: dg.AssetKey, description: str, group: str, schema: dg.TableSchema) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=description,
        group_name=group,
        kinds={"dlt", "table"},
        owners=OWNERS,
        metadata={"dagster/column_schema": schema, "dagster/table_name": ".".join(key.path)},
        skippable=True,
    )


def raw_spec(table: str, description: str, table_columns: Sequence[columns.Column]) -> dg.AssetSpec:
    """A raw table as an asset; the description is its grain."""
    schema = dg.TableSchema([dg.TableColumn(c.name, c.kind.sql, c.description) for c in table_columns])
    return _spec(table_key(table), description, "raw", schema)


def _specs() -> Iterator[dg.AssetSpec]:
    for endpoint in ENDPOINTS:
        yield raw_spec(endpoint.name, endpoint.description, columns.table_columns(endpoint))
        if endpoint.history:
            grain = f"One row per observed version of a row of {endpoint.name}; appended to, never changed."
            yield raw_spec(endpoint.versions_name, grain, columns.version_columns(endpoint))
    for name, table in ops.TABLES.items():
        schema = dg.TableSchema([dg.TableColumn(column, kind) for column, kind in table.columns.items()])
        yield _spec(dg.AssetKey([ops.SCHEMA, name]), table.grain, "ops", schema)


@dg.multi_asset(
    name="salesloft_sync",
    specs=list(_specs()),
    can_subset=True,
    pool=POOL,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL),
)
def salesloft_sync(
    context: dg.AssetExecutionContext,
    config: SyncConfig,
    settings: SettingsResource,
    progress: ProgressResource,
) -> Iterator[dg.MaterializeResult[Any]]:
    """Bring the selected raw tables up to date with SalesLoft."""
    from salesloft_pipeline.ingest.pipeline import Limits, sync
    from salesloft_pipeline.ingest.report import SyncFailed

    selected = {key.path[-1] for key in context.selected_asset_keys}
    endpoints = [e for e in ENDPOINTS if {e.name, e.versions_name} & selected]
    warehouse = settings.warehouse()
    failure: SyncFailed | None = None
    try:
        report = sync(
            settings.client(),
            warehouse,
            endpoints=endpoints,
            start=settings.load().start,
            full=config.full,
            limits=Limits(config.seconds_at_most, config.points_at_most),
            watch=progress.watch(context.log),
        )
    except SyncFailed as error:
        failure, report = error, error.report
    except SalesloftError as error:
        raise dg.Failure(str(error), allow_retries=error.transient) from error
    for refusal in report.refusals:
        context.log.warning(refusal)
    note_unfinished(context.instance, context.run.run_id, report)
    with warehouse.kept_open():
        yield from _results(report, endpoints, selected, warehouse)
        for table in sorted(selected & set(ops.TABLES)):
            rows = ops.count(warehouse, table)
            yield dg.MaterializeResult(asset_key=[ops.SCHEMA, table], metadata={"dagster/row_count": rows})
        settings.tell_prometheus(warehouse)
    if failure:
        raise dg.Failure(str(failure), allow_retries=_may_pass(report)) from failure


def _may_pass(report: "SyncReport") -> bool:
    return any(failed.error.transient for failed in report.failures if failed.error)


def _results(
    report: "SyncReport", endpoints: Sequence[Endpoint], selected: set[str], warehouse: Warehouse
) -> Iterator[dg.MaterializeResult[Any]]:
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    for resource in report.resources:
        endpoint = by_name[resource.resource]
        tables = [endpoint.name, *([endpoint.versions_name] if endpoint.history else [])]
        for table in tables:
            if table in selected and not resource.error:
                state, metadata = contents(warehouse, table), _figures(report, resource)
                yield dg.MaterializeResult(
                    asset_key=table_key(table),
                    metadata={**metadata, "dagster/row_count": state[0]},
                    # Marts follow a change of content, not the mere passing of a schedule.
                    data_version=dg.DataVersion("-".join(map(str, state))),
                )


def contents(warehouse: Warehouse, table: str) -> tuple[int, str, int]:
    """Rows, newest load, rows marked as gone: differs whenever the table does."""
    deleted = f"count({columns.gone_column(BY_NAME[table])})" if table in BY_NAME else "0"
    query = f"select count(*), coalesce(max(_dlt_load_id), ''), {deleted} from {columns.RAW_SCHEMA}.{quote(table)}"
    ((rows, load, gone),) = warehouse.query(query)
    return rows, load, gone


def _figures(report: "SyncReport", resource: "ResourceReport") -> dict[str, Any]:
    tally, cursor = resource.tally, resource.cursor
    figures: dict[str, Any] = {
        "outcome": resource.outcome,
        "rows_read": tally.rows,
        "rows_quarantined": tally.quarantined,
        "requests": tally.requests,
        "points": tally.points,
        "run_seconds": (report.finished_at - report.started_at).total_seconds(),
    }
    if tally.rows:
        figures["points_per_100_rows"] = 100 * tally.points / tally.rows
    if cursor:
        figures["cursor"] = dg.TimestampMetadataValue(cursor.timestamp())
        figures["lag_seconds"] = (datetime.now(UTC) - cursor).total_seconds()
    return figures


def _selection(often: bool) -> dg.AssetSelection:
    """The tables of the resources that are read often, or of the others; with them the tables of the log."""
    tables = [
        table
        for endpoint in ENDPOINTS
        if (endpoint.reading in _OFTEN) is often
        for table in (endpoint.name, *([endpoint.versions_name] if endpoint.history else []))
    ]
    logs = [dg.AssetKey([ops.SCHEMA, name]) for name in ops.TABLES]
    # What is asked of a single raw table is asked once a day (defs/drift.py), not with every sync.
    return dg.AssetSelection.assets(*map(table_key, tables)).without_checks() | dg.AssetSelection.assets(
        *logs
    )


sync_job = dg.define_asset_job(
    "sync_job",
    selection=_selection(often=True),
    description="Reads what changed in SalesLoft.",
    tags=API,
)
snapshot_job = dg.define_asset_job(
    "snapshot_job",
    selection=_selection(often=False),
    description="Reads the lists that SalesLoft only shows whole.",
    tags=API,
)


@dg.schedule(
    job=sync_job,
    cron_schedule="*/5 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    name="sync_schedule",
)
def sync_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A sync every five minutes, unless one is still at work."""
    busy = at_work(context.instance, sync_job.name)
    return dg.SkipReason("the last sync is still at work") if busy else dg.RunRequest()


snapshot_schedule = dg.ScheduleDefinition(
    name="snapshot_schedule",
    job=snapshot_job,
    cron_schedule="2 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
