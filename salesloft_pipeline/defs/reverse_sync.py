"""Writing back from Dagster: a job that somebody starts, with the model's file in its config. No schedule.

people_push_job  ->  people_push  ->  SalesLoft, and ops.reverse_sync_ledger; a dry run unless `apply` is set
"""

from pathlib import Path

import dagster as dg

from salesloft_pipeline.defs.resources import API, POOL, SettingsResource
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.reverse_sync.model import load_model
from salesloft_pipeline.reverse_sync.push import push
from salesloft_pipeline.salesloft.errors import SalesloftError


class PeoplePushConfig(dg.Config):
    """model: path of the YAML file. apply: write it; otherwise only the plan's counts are told."""

    model: str
    apply: bool = False


@dg.op(pool=POOL)
def people_push(context: dg.OpExecutionContext, config: PeoplePushConfig, settings: SettingsResource) -> None:
    """Compare people with what the model's source says, and with `apply` write what differs."""
    warehouse = settings.warehouse()
    try:
        model = load_model(Path(config.model))
        ops.create_tables(warehouse)
        report = push(settings.client, warehouse, model, apply=config.apply)
    except ReverseSyncError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except SalesloftError as error:
        raise dg.Failure(str(error), allow_retries=error.transient) from error
    # Counts alone: whose values change to what is for the terminal, not for a log that everybody reads.
    counts = report.as_dict()
    context.add_output_metadata(
        {
            "applied": report.applied,
            "settled": report.settled,
            "plan": counts["plan"],
            "results": counts["results"],
        }
    )
    for result in report.results:
        if result.outcome in ("failed", "unanswered"):
            context.log.warning(
                f"row {result.row} (person {result.person_id}) {result.outcome}: {result.reason}"
            )
    if not report.well:
        raise dg.Failure("some rows were not written: the log of the step names them", allow_retries=False)


@dg.job(
    description="Writes people back to SalesLoft by a model file; a dry run unless `apply` is set.", tags=API
)
def people_push_job() -> None:
    """Started by hand or by a schedule of yours."""
    people_push()
