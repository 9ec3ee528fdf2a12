"""Does SalesLoft send fields that no column names? Asked once a day of every raw table.

raw_salesloft.*  ->  drift_schedule  ->  schema_drift, a check on each table: warns, names fields and row counts
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from salesloft_pipeline.defs.resources import POOL, SettingsResource
from salesloft_pipeline.ingest import columns
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS

# What was loaded longer ago says nothing about SalesLoft today.
LATELY = timedelta(days=7)
_SPECS = [
    dg.AssetCheckSpec(
        name="schema_drift",
        asset=dg.AssetKey([columns.RAW_SCHEMA, endpoint.name]),
        description="Rows loaded in the last week carry no field that has no column.",
    )
    for endpoint in ENDPOINTS
]


@dg.multi_asset_check(name="schema_drift", specs=_SPECS, pool=POOL, can_subset=True)
def schema_drift(
    context: dg.AssetCheckExecutionContext, settings: SettingsResource
) -> Iterator[dg.AssetCheckResult]:
    """Nothing is lost where it warns: the fields are in `_extra`, and may deserve a column."""
    from salesloft_pipeline.ingest.drift import unnamed

    warehouse, since = settings.warehouse(), datetime.now(UTC) - LATELY
    columns.create_tables(warehouse)
    with warehouse.kept_open():
        for check in sorted(context.selected_asset_check_keys):
            found = unnamed(warehouse, check.asset_key.path[-1], since)
            yield dg.AssetCheckResult(
                check_name=check.name,
                asset_key=check.asset_key,
                passed=not found,
                severity=dg.AssetCheckSeverity.WARN,
                description=_words(found),
                metadata={f"rows with {field}": rows for field, rows in found.items()},
            )


def _words(found: dict[str, int]) -> str:
    if not found:
        return "every field has its column"
    fields = ", ".join(f"{field} in {rows:,} rows" for field, rows in found.items())
    return f"{fields}: kept in _extra; give it a column in salesloft/models if anybody wants it"


drift_job = dg.define_asset_job(
    "drift_job",
    selection=dg.AssetSelection.checks(schema_drift),
    description="Asks whether SalesLoft sends fields that no column names.",
)
drift_schedule = dg.ScheduleDefinition(
    name="drift_schedule",
    job=drift_job,
    cron_schedule="40 4 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
