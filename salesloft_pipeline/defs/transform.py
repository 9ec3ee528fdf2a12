"""Mart assets: one per table of the star schema, built together in one transaction.

raw_salesloft.* changed  ->  automation  ->  mart_build  ->  mart.*
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from salesloft_pipeline import transform
from salesloft_pipeline.defs.resources import OWNERS, POOL, SettingsResource
from salesloft_pipeline.ingest import ops

SCHEMA = "mart"

# Content, not the clock: a sync that found nothing new rebuilds nothing.
RAW_DATA_CHANGED = (
    dg.AutomationCondition.any_deps_match(dg.AutomationCondition.data_version_changed()).since_last_handled()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
).with_label("raw data changed")


def _key(table: str) -> dg.AssetKey:
    return dg.AssetKey([SCHEMA, table])


def _spec(
    name: str, grain: str, upstream: tuple[str, ...] = (), columns: tuple[str, ...] = ()
) -> dg.AssetSpec:
    return dg.AssetSpec(
        _key(name),
        deps=[dg.AssetKey(table.split(".")) for table in upstream],
        description=grain,
        group_name="mart",
        kinds={"sql", "table"},
        owners=OWNERS,
        metadata={
            "dagster/table_name": f"{SCHEMA}.{name}",
            "dagster/column_schema": dg.TableSchema([dg.TableColumn(column) for column in columns]),
        },
        automation_condition=RAW_DATA_CHANGED if upstream else None,
    )


def _specs() -> Iterator[dg.AssetSpec]:
    for seed in transform.SEEDS:
        yield _spec(seed.name, seed.grain)
    for mart in transform.MARTS:
        yield _spec(mart.name, mart.grain, mart.upstream, mart.columns)
    everything = tuple(f"{SCHEMA}.{mart.name}" for mart in transform.MARTS)
    yield _spec(transform.BUILD_INFO, transform.BUILD_INFO_GRAIN, everything)


@dg.multi_asset(name="mart_build", specs=list(_specs()), pool=POOL)
def mart_build(settings: SettingsResource) -> Iterator[dg.MaterializeResult[Any]]:
    """Rebuild the whole mart: readers see the old one or the new one, never a mixture."""
    warehouse = settings.warehouse()
    as_of = ops.loaded_until(warehouse)
    if as_of is None:
        raise dg.Failure(
            "nothing was loaded yet: materialize the raw_salesloft assets first", allow_retries=False
        )
    report = transform.build(warehouse, as_of, settings.load().reporting_time_zone)
    for name, rows in [*report.rows.items(), (transform.BUILD_INFO, 1)]:
        yield dg.MaterializeResult(
            asset_key=_key(name),
            metadata={
                "dagster/row_count": rows,
                "as_of": dg.TimestampMetadataValue(as_of.timestamp()),
                "time_zone": report.time_zone,
                "build_id": report.build_id,
                "build_seconds": report.seconds.get(name, 0.0),
            },
        )


automation_sensor = dg.AutomationConditionSensorDefinition(
    "automation_sensor",
    target=dg.AssetSelection.assets(mart_build),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Builds the mart after the raw tables changed.",
)
