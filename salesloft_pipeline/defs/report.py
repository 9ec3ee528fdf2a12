"""The engagement report: made on request, sent when it is due.

report_schedule, every quarter of an hour  ->  report_job with `send`  ->  engagement_report

What is due is decided in the reporting zone, which only the settings know; a run key keeps each edition to one run. A
report waits for a load of its day, but not for ever.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg

from salesloft_pipeline.defs.resources import OWNERS, POOL, SettingsResource
from salesloft_pipeline.defs.serving import GROUP, publish_serving

if TYPE_CHECKING:
    from salesloft_pipeline.report import Name
    from salesloft_pipeline.settings import Settings


class ReportConfig(dg.Config):
    """name: daily, weekly or monthly. date: the day to report on, today when empty. send: else files are written only."""

    name: str = "daily"
    date: str = ""
    send: bool = False


@dg.asset(
    description="The daily, weekly or monthly report, by audience, as page, Markdown and JSON; sent where asked to.",
    deps=[publish_serving],
    group_name=GROUP,
    kinds={"html", "pandas"},
    owners=OWNERS,
    pool=POOL,
)
def engagement_report(config: ReportConfig, settings: SettingsResource) -> dg.MaterializeResult[Any]:
    """Write the report of each audience, and with `send` send those that were not sent."""
    from salesloft_pipeline import report
    from salesloft_pipeline.reporting import run_report

    (name,) = [each for each in report.NAMES if each == config.name]
    today = date.fromisoformat(config.date) if config.date else None
    made = run_report(settings.load(), name, today=today, send=config.send)
    outcomes = [outcome for each in made for outcome in each.outcomes]
    if failed := [str(outcome) for outcome in outcomes if outcome.state == "failed"]:
        raise dg.Failure("; ".join(failed))
    return dg.MaterializeResult(
        metadata={
            "build_id": made[0].content.build_id,
            "alarm": made[0].content.alarm,
            "audiences": len(made),
            "sent": [str(outcome) for outcome in outcomes],
            "pages": [str(path) for each in made for path in each.paths if path.suffix == ".html"],
            "page": dg.MetadataValue.url(made[0].paths[0].resolve().as_uri()),
            "report": dg.MetadataValue.md(report.markdown(made[0].content)),
        }
    )


report_job = dg.define_asset_job(
    "report_job",
    selection=dg.AssetSelection.assets(engagement_report),
    description="Makes the report that its configuration names, of the serving copy at hand.",
    # A mail server that is away comes back; what went already does not go again.
    tags={"dagster/max_retries": "3", "dagster/retry_on_asset_or_op_failure": "true"},
)


@dg.schedule(
    name="report_schedule",
    job=report_job,
    cron_schedule="*/15 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Daily on working days 07:30, weekly on Mondays 08:00, monthly 14 days after the first working day.",
)
def report_schedule(
    context: dg.ScheduleEvaluationContext, settings: SettingsResource
) -> list[dg.RunRequest] | dg.SkipReason:
    """Ask for each report that is due and whose data have arrived, or that has waited long enough."""
    from salesloft_pipeline import report

    found = settings.load()
    now = context.scheduled_execution_time.astimezone(ZoneInfo(found.reporting_time_zone))
    due = [name for name in report.NAMES if report.is_due(name, now)]
    ready = [name for name in due if report.is_overdue(name, now) or _has_arrived(found, now)]
    if not due:
        return dg.SkipReason("no report is due")
    if not ready:
        return dg.SkipReason(f"{' and '.join(due)} wait for a load of {now.date()} that passes its checks")
    return [_request(name, now.date()) for name in ready]


def _request(name: "Name", today: date) -> dg.RunRequest:
    from salesloft_pipeline.report import edition_of

    config = ReportConfig(name=name, date=today.isoformat(), send=True)
    return dg.RunRequest(
        run_key=f"{name} {edition_of(name, today).date}",
        run_config=dg.RunConfig(ops={"engagement_report": config}),
    )


def _has_arrived(settings: "Settings", now: datetime) -> bool:
    """Was a load of this day published? Nothing is that did not pass its checks."""
    from salesloft_pipeline.served import copy_at_hand
    from salesloft_pipeline.transform.serving import ServingError

    try:
        copy = copy_at_hand(settings)
    except ServingError:
        return False
    ((as_of_date,),) = copy.query("select as_of_date from mart.build_info")
    return bool(as_of_date >= now.date())
