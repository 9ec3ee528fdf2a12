"""Do we hold as many records of each closed day as SalesLoft counts? Asked every night.

reconcile_schedule  ->  reconcile_job  ->  Q20 on emails, Q21 on calls, dials and meetings
                                       ->  a day that differs is read again
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from salesloft_pipeline.defs.resources import API, POOL, SettingsResource
from salesloft_pipeline.ingest import columns
from salesloft_pipeline.salesloft.endpoints import BY_NAME, COUNTED, Endpoint
from salesloft_pipeline.salesloft.errors import Forbidden

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.reconcile import DayCount

# What may differ because SalesLoft goes on while we count; a whole day that is long over should differ by nothing.
RECORDS_AT_MOST, SHARE_AT_MOST = 5, 0.005
ERROR_SHARE, STILL_MOVING = 0.02, timedelta(days=2)


def _number(endpoint: Endpoint) -> str:
    return "Q20" if endpoint.name == "emails" else "Q21"


_SPECS = [
    dg.AssetCheckSpec(
        name=_number(endpoint),
        asset=dg.AssetKey([columns.RAW_SCHEMA, endpoint.name]),
        description=f"As many as SalesLoft counts for each of the last closed days (UTC), by {endpoint.counted_by}.",
    )
    for endpoint in COUNTED
]


@dg.multi_asset_check(name="reconcile", specs=_SPECS, pool=POOL, can_subset=True)
def reconcile(
    context: dg.AssetCheckExecutionContext, settings: SettingsResource
) -> Iterator[dg.AssetCheckResult]:
    """Compare the counts, tell what differs, and read those days again, so that the next answer is better."""
    from salesloft_pipeline.ingest.reconcile import closed_days, compare, mend

    now = datetime.now(UTC)
    client, warehouse = settings.client(), settings.warehouse()
    columns.create_tables(warehouse)
    for check in sorted(context.selected_asset_check_keys):
        endpoint = BY_NAME[check.asset_key.path[-1]]
        try:
            counts = compare(client, warehouse, endpoint, closed_days(now))
        except Forbidden as refusal:
            context.log.warning(f"{endpoint.name} is not compared: {refusal}")
            counts = []
        differing = [count for count in counts if count.difference]
        after = mend(client, warehouse, endpoint, [each.day for each in differing]) if differing else []
        yield _result(check, counts, differing, after, now.date())


def _result(
    check: dg.AssetCheckKey,
    counts: Sequence["DayCount"],
    differing: Sequence["DayCount"],
    after: Sequence["DayCount"],
    today: date,
) -> dg.AssetCheckResult:
    wrong = [each for each in differing if not _tolerable(each)]
    grave = check.name == "Q20" and any(_grave(each, today) for each in wrong)
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=check.asset_key,
        passed=not wrong,
        severity=dg.AssetCheckSeverity.ERROR if grave else dg.AssetCheckSeverity.WARN,
        description=_words(differing, after),
        metadata={
            "salesloft": sum(count.theirs for count in counts),
            "warehouse": sum(count.ours for count in counts),
            "days": {f"{each.day}": {"salesloft": each.theirs, "warehouse": each.ours} for each in differing},
        },
    )


def _tolerable(count: "DayCount") -> bool:
    return abs(count.difference) <= max(RECORDS_AT_MOST, SHARE_AT_MOST * count.theirs)


def _grave(count: "DayCount", today: date) -> bool:
    return count.share > ERROR_SHARE and today - count.day > STILL_MOVING


def _words(differing: Sequence["DayCount"], after: Sequence["DayCount"]) -> str:
    if not differing:
        return "the same on every day"
    days = ", ".join(f"{each.day}: {each.difference:+,}" for each in differing)
    left = ", ".join(f"{each.day}: {each.difference:+,}" for each in after if each.difference)
    return f"SalesLoft had more by {days}; read again, and now {left or 'the same'}"


reconcile_job = dg.define_asset_job(
    "reconcile_job",
    selection=dg.AssetSelection.checks(reconcile),
    description="Compares the counts of closed days with SalesLoft's and reads again what differs.",
    tags=API,
)
reconcile_schedule = dg.ScheduleDefinition(
    name="reconcile_schedule",
    job=reconcile_job,
    cron_schedule="30 4 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
