"""Writing back from Dagster: two assets that only somebody's own hand, or a schedule of yours, materializes.

    reverse_sync_plan      compares with our copy, and shows what differs as a table, without anybody's values
    reverse_sync_apply     with `apply` set in its config, writes it, then asks SalesLoft whether anything differs still

Both take the path of the model's file in their config, and belong to no automation and to no job but people_push_job.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from salesloft_pipeline.defs.resources import API, OWNERS, POOL, SettingsResource
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.salesloft.errors import SalesloftError

if TYPE_CHECKING:
    from salesloft_pipeline.reverse_sync.plan import Conflict
    from salesloft_pipeline.reverse_sync.push import Push
    from salesloft_pipeline.reverse_sync.report import Report

GROUP = "reverse_sync"
PLAN, APPLY = dg.AssetKey(["reverse_sync_plan"]), dg.AssetKey(["reverse_sync_apply"])
CHECK = "plan_is_empty"
ROWS_SHOWN = 200
_TABLE = dg.TableSchema(
    [
        dg.TableColumn("row", "int", "Row of the source, from 1."),
        dg.TableColumn("what", "string", "create, update, skip, conflict or wrong."),
        dg.TableColumn("person_id", "string", "Whom it is about, where they are known."),
        dg.TableColumn("fields", "string", "Which fields; their values are for the terminal."),
        dg.TableColumn("why", "string", "The reason, of what is not written."),
    ]
)


class PlanConfig(dg.Config):
    """model: path of the YAML file. limit: the first so many changes only."""

    model: str
    limit: int | None = None


class ApplyConfig(PlanConfig):
    """apply: write it; otherwise nothing is written here either."""

    apply: bool = False


@dg.asset(
    key=PLAN,
    deps=[dg.AssetKey(["raw_salesloft", "people"])],
    group_name=GROUP,
    owners=OWNERS,
    pool=POOL,
    description="One row per change that a model would make in SalesLoft; a plan, which writes nothing.",
)
def reverse_sync_plan(config: PlanConfig, settings: SettingsResource) -> dg.MaterializeResult[None]:
    """Compare people with what the model's source says."""
    with _told():
        return dg.MaterializeResult(metadata=_metadata(_push(config, settings)()))


@dg.asset(
    key=APPLY,
    deps=[PLAN],
    group_name=GROUP,
    owners=OWNERS,
    pool=POOL,
    description="One row per change that was written to SalesLoft; ops.reverse_sync_ledger has each.",
    check_specs=[
        dg.AssetCheckSpec(
            CHECK, asset=APPLY, description="Nothing differs any more: a plan made now is empty."
        )
    ],
)
def reverse_sync_apply(
    context: dg.AssetExecutionContext, config: ApplyConfig, settings: SettingsResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Compare, and with `apply` write what differs."""
    with _told():
        push = _push(config, settings)
        report = push(apply=config.apply)
        differing = push.differing(report) if config.apply else len(report.rows)
    for result in report.results:
        if result.outcome in ("failed", "unanswered", "conflict"):
            context.log.warning(
                f"row {result.row} (person {result.person_id}) {result.outcome}: {result.reason}"
            )
    check = dg.AssetCheckResult(
        check_name=CHECK,
        passed=not differing,
        severity=dg.AssetCheckSeverity.WARN if report.well else dg.AssetCheckSeverity.ERROR,
        metadata={"differing": differing, "beyond_limit": report.left},
    )
    yield dg.MaterializeResult(metadata=_metadata(report), check_results=[check])


people_push_job = dg.define_asset_job(
    "people_push_job",
    selection=[APPLY],
    description="Writes people back to SalesLoft by a model file; a dry run unless `apply` is set.",
    tags=API,
)


def _push(config: PlanConfig, settings: SettingsResource) -> "Push":
    from salesloft_pipeline.reverse_sync.cache import open_cache
    from salesloft_pipeline.reverse_sync.model import load_model
    from salesloft_pipeline.reverse_sync.push import Push

    loaded, warehouse, model = settings.load(), settings.warehouse(), load_model(Path(config.model))
    ops.create_tables(warehouse)
    cache, pace = open_cache(loaded.cache_at), loaded.points_per_minute
    return Push(settings.client, warehouse, model, cache, pace, config.limit)


@contextmanager
def _told() -> Iterator[None]:
    """Errors as Dagster's failures, with their own words."""
    try:
        yield
    except ReverseSyncError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except SalesloftError as error:
        raise dg.Failure(str(error), allow_retries=error.transient) from error


def _metadata(report: "Report") -> dict[str, Any]:
    """Counts and a table. Whose values change to what is for the terminal, not for a page that everybody reads."""
    counts, lookups, rows = report.as_dict(), report.lookups, _rows(report)
    return {
        "rows": dg.MetadataValue.table([dg.TableRecord(row) for row in rows[:ROWS_SHOWN]], schema=_TABLE),
        "rows_in_all": len(rows),
        **counts,
        "lookups": {"hits": lookups.hits, "asked": lookups.asked, "cache_silent": lookups.unanswered},
    }


def _rows(report: "Report") -> list[dict[str, Any]]:
    """What differs, by row of the source."""
    plan = report.plan
    told = [
        *((each.row, each.kind, each.person_id, [f.field for f in each.fields], "") for each in plan.changes),
        *((each.row, "skip", each.person_id, [], each.reason) for each in plan.skips),
        *((each.row, "conflict", each.person_id, [each.field], _winner(each)) for each in report.conflicts),
        *((each.row, "wrong", None, [each.field], each.what) for each in report.wrong),
    ]
    return [
        {"row": row, "what": what, "person_id": str(person or ""), "fields": ", ".join(fields), "why": why}
        for row, what, person, fields, why in sorted(told, key=lambda each: each[0])
    ]


def _winner(conflict: "Conflict") -> str:
    return "both changed: ours is written" if conflict.written else "both changed: SalesLoft's stays"
