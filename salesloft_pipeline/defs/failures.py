"""When a job begins to fail, those who look after it are told; not again with every run until it has recovered.

a run fails  ->  failure_sensor  ->  mail, Slack (ALERT_TO)
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from salesloft_pipeline.defs.resources import SettingsResource

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


@dg.run_failure_sensor(
    name="failure_sensor",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells ALERT_TO when a job begins to fail.",
)
def failure_sensor(context: dg.RunFailureSensorContext, settings: SettingsResource) -> dg.SkipReason | None:
    """One message for the first failed run after a good one. Raises ReportError where it did not arrive."""
    from salesloft_pipeline import report

    found, run = settings.load(), context.dagster_run
    if not found.alert_to:
        return dg.SkipReason("ALERT_TO names nobody")
    if _failed_before(context.instance, run):
        return dg.SkipReason(f"{run.job_name} failed before, and it was told then")
    report.tell(
        [target.strip() for target in found.alert_to.get_secret_value().split(",") if target.strip()],
        found.report_from,
        found.smtp_url.get_secret_value() if found.smtp_url else None,
        subject=f"{run.job_name} fails",
        text="\n".join(_words(context)),
        now=datetime.now(UTC),
    )
    return None


def _failed_before(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Did the run of this job before it fail, too?"""
    record = instance.get_run_record_by_id(run.run_id)
    until = record.create_timestamp if record else None
    earlier = dg.RunsFilter(job_name=run.job_name, statuses=_ENDED, created_before=until)
    return any(each.status is dg.DagsterRunStatus.FAILURE for each in instance.get_runs(earlier, limit=1))


def _words(context: dg.RunFailureSensorContext) -> Iterator[str]:
    """The run, and of each step that failed what we said ourselves; of a defect its kind alone."""
    yield f"Run {context.dagster_run.run_id} of {context.dagster_run.job_name} failed."
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        said, error = data.user_failure_data, data.error
        yield f"{event.step_key}: {said.description if said and said.description else error.cls_name if error else ''}"
    yield "It is told again when it fails after having ended well. Look into Dagster's UI, or run salesloft-pipeline doctor."
