"""Mart assets: one per table of the star schema, built together in one transaction.

raw_salesloft.* changed  ->  automation  ->  mart_build  ->  mart.*
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from salesloft_pipeline import transform
from salesloft_pipeline.defs.automation import not_handled
from salesloft_pipeline.defs.ingest import SECONDS_BETWEEN_READS
from salesloft_pipeline.defs.patience import patient
from salesloft_pipeline.defs.resources import OWNERS, POOL, SettingsResource
from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.warehouse import Warehouse

SCHEMA = "mart"
DAILY = "daily_engagement"

_CHANGED = dg.AutomationCondition.data_version_changed()
# Content, not the clock: a sync that found nothing new rebuilds nothing. Nor does what a run changed that builds, too.
RAW_DATA_CHANGED = (
    not_handled(
        dg.AutomationCondition.any_deps_match(
            _CHANGED & ~dg.AutomationCondition.executed_with_root_target()
        ).ignore(dg.AssetSelection.groups("mart"))
    )
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("raw data changed")


def _key(table: str) -> dg.AssetKey:
    return dg.AssetKey([SCHEMA, table])


def _spec(name: str, grain: str, upstream: tuple[str, ...] = ()) -> dg.AssetSpec:
    table = transform.tables()[name]
    return dg.AssetSpec(
        _key(name),
        deps=[dg.AssetKey(table.split(".")) for table in upstream],
        description=f"{grain}\n\n{table.means}",
        group_name="mart",
        kinds={"sql", "table"},
        owners=OWNERS,
        metadata={
            "dagster/table_name": f"{SCHEMA}.{name}",
            "dagster/column_schema": _schema(
                name, {column.name: column.type for column in table.columns.values()}
            ),
        },
        automation_condition=RAW_DATA_CHANGED if upstream else None,
    )


def _schema(table: str, types: dict[str, str]) -> dg.TableSchema:
    """The columns of a table by their types: the contract's before the first build, then the engine's."""
    meant = transform.columns_of(table)
    return dg.TableSchema(
        [
            dg.TableColumn(
                name,
                kind.lower(),
                description=meant[name].comment if name in meant else None,
                tags={"personal": ""} if name in meant and meant[name].personal else None,
            )
            for name, kind in types.items()
        ]
    )


def _specs() -> Iterator[dg.AssetSpec]:
    for seed in transform.SEEDS:
        yield _spec(seed.name, seed.grain)
    for mart in transform.MARTS:
        yield _spec(mart.name, mart.grain, mart.upstream)
    everything = tuple(f"{SCHEMA}.{mart.name}" for mart in transform.MARTS)
    # Nothing is read from the log of webhooks; but in one run, what they told comes before the build.
    told = f"{columns.RAW_SCHEMA}.{columns.EVENTS}"
    yield _spec(transform.BUILD_INFO, transform.BUILD_INFO_GRAIN, (*everything, told))


_SEVERITIES = {"error": dg.AssetCheckSeverity.ERROR, "warn": dg.AssetCheckSeverity.WARN}
_Q27 = dg.AssetCheckSpec(
    name="Q27",
    asset=_key(DAILY),
    description="The tables that are changed in place equal a whole build, to the last row; compared once a week.",
    blocking=True,
)
_ON_MART = tuple(check for check in transform.CHECKS if check.table.startswith(f"{SCHEMA}."))
_ON_LOADS = tuple(check for check in transform.CHECKS if check not in _ON_MART)


def _check_spec(check: transform.Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=check.number,
        asset=dg.AssetKey(check.table.split(".")),
        description=check.description,
        # An error keeps everything downstream from showing this mart.
        blocking=check.severity == "error",
    )


def _check_result(result: transform.CheckResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=result.number,
        asset_key=dg.AssetKey(result.table.split(".")),
        passed=result.passed,
        severity=_SEVERITIES[result.severity],
        description=result.description,
        metadata={"offending_count": result.offending_count, "first_offending": list(result.examples)},
    )


class BuildConfig(dg.Config):
    """compare: make the mart a second time, whole, and compare the tables that are changed in place."""

    compare: bool = False


@dg.multi_asset(
    name="mart_build",
    specs=list(_specs()),
    check_specs=[_Q27, *(_check_spec(check) for check in _ON_MART)],
    pool=POOL,
)
def mart_build(
    config: BuildConfig, settings: SettingsResource
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Build the mart: readers see the old one or the new one, never a mixture."""
    with patient():
        yield from _built(config, settings)


def _built(
    config: BuildConfig, settings: SettingsResource
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    warehouse = settings.warehouse()
    as_of = ops.loaded_until(warehouse)
    if as_of is None:
        raise dg.Failure(
            "nothing was loaded yet: materialize the raw_salesloft assets first", allow_retries=False
        )
    found = settings.load()
    report = transform.build(
        warehouse,
        as_of,
        found.reporting_time_zone,
        rules=transform.Rules(found.engaged_includes_opens, found.connected_by_duration_seconds),
        whole_up_to_emails=found.mart_whole_up_to_emails,
        compare=config.compare,
    )
    with warehouse.kept_open():
        for name, rows in [*report.rows.items(), (transform.BUILD_INFO, 1)]:
            typed = warehouse.columns(SCHEMA, name)
            figures = _figures(report, name, rows, typed) | (_insight(warehouse) if name == DAILY else {})
            yield dg.MaterializeResult(asset_key=_key(name), metadata=figures)
    answers = transform.run_checks(warehouse, now=as_of, schedules=SECONDS_BETWEEN_READS, checks=_ON_MART)
    yield from map(_check_result, answers)
    yield dg.AssetCheckResult(
        check_name=_Q27.name,
        asset_key=_Q27.asset_key,
        passed=not report.differing,
        metadata={
            "compared": config.compare or report.whole,
            "offending_count": sum(report.differing.values()),
            "first_offending": [f"{table}: {rows} rows" for table, rows in report.differing.items()],
        },
    )


def _figures(report: transform.BuildReport, name: str, rows: int, typed: dict[str, str]) -> dict[str, Any]:
    return {
        "dagster/row_count": rows,
        "dagster/column_schema": _schema(name, typed),
        "as_of": dg.TimestampMetadataValue(report.as_of.timestamp()),
        "time_zone": report.time_zone,
        "build_id": report.build_id,
        "whole_build": report.whole,
        "build_seconds": report.seconds.get(name, 0.0),
    }


def _insight(warehouse: Warehouse) -> dict[str, Any]:
    """Of the daily mart: what its columns are made of, and how its last days look."""
    from salesloft_pipeline.transform.lineage import lineage

    (daily,) = [mart for mart in transform.MARTS if mart.name == DAILY]
    sources = {
        column: [dg.TableColumnDep(_key(table), source) for table, source in found]
        for column, found in lineage(daily).items()
    }
    return {
        "dagster/column_lineage": dg.TableColumnLineage(sources),
        "last_60_days": dg.MetadataValue.md(transform.glance(warehouse)),
    }


@dg.multi_asset_check(
    name="load_checks", specs=[_check_spec(check) for check in _ON_LOADS], can_subset=True, pool=POOL
)
def load_checks(
    context: dg.AssetCheckExecutionContext, settings: SettingsResource
) -> Iterator[dg.AssetCheckResult]:
    """Is what was loaded still fresh? Asked on its own, because a sync that never runs cannot say so."""
    warehouse = settings.warehouse()
    columns.create_tables(warehouse)
    ops.create_tables(warehouse)
    asked = [check for check in _ON_LOADS if _check_spec(check).key in context.selected_asset_check_keys]
    answers = transform.run_checks(
        warehouse, now=datetime.now(UTC), schedules=SECONDS_BETWEEN_READS, checks=asked
    )
    yield from map(_check_result, answers)


load_checks_job = dg.define_asset_job(
    "load_checks_job",
    selection=dg.AssetSelection.checks(load_checks),
    description="Asks whether every resource was read lately.",
)
load_checks_schedule = dg.ScheduleDefinition(
    name="load_checks_schedule",
    job=load_checks_job,
    cron_schedule="7 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

comparison_job = dg.define_asset_job(
    "comparison_job",
    selection=dg.AssetSelection.assets(mart_build),
    config={"ops": {"mart_build": {"config": {"compare": True}}}},
    description="Builds the mart in place and whole, and compares the two.",
)
comparison_schedule = dg.ScheduleDefinition(
    name="comparison_schedule",
    job=comparison_job,
    cron_schedule="17 4 * * 0",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

automation_sensor = dg.AutomationConditionSensorDefinition(
    "automation_sensor",
    target=dg.AssetSelection.groups("mart", "serving"),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Builds the mart after the raw tables changed, and what people look at after the mart.",
)
