"""What a run did, for people, for Dagster and for ops.sync_log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.reader import Reader, Tally
from salesloft_pipeline.salesloft.budget import Spending
from salesloft_pipeline.salesloft.errors import Forbidden, SalesloftError, Unauthorized

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ResourceReport:
    """What a run did for one resource. `outcome`: done, partial (time or points were up), forbidden or failed."""

    resource: str
    outcome: str
    tally: Tally
    cursor: datetime | None
    rows_left: int | None
    error: SalesloftError | None


@dataclass(frozen=True)
class SyncReport:
    """What a run did. Points and requests are all that this process spent, failed attempts included.
    `kind`: sync, reread, sweep or webhook.
    """

    run_id: str
    kind: str
    started_at: datetime
    finished_at: datetime
    resources: tuple[ResourceReport, ...]
    points: int
    requests: int
    waited_seconds: float

    @property
    def rows(self) -> int:
        return sum(report.tally.rows for report in self.resources)

    @property
    def failures(self) -> list[ResourceReport]:
        """What went wrong; a list that the key may not read is not wrong."""
        return [report for report in self.resources if report.outcome == "failed"]

    @property
    def refusals(self) -> list[str]:
        """One line for each list that was asked for and that the key may not read."""
        forbidden = [r for r in self.resources if r.outcome == "forbidden" and r.tally.requests]
        return [f"{r.resource} is skipped: {r.error}" for r in forbidden]

    @property
    def unfinished(self) -> list[ResourceReport]:
        """Collections whose past is not read to the end."""
        return [report for report in self.resources if report.outcome == "partial"]

    def __str__(self) -> str:
        seconds = (self.finished_at - self.started_at).total_seconds()
        return f"{self.rows:,} new or changed records, {self.points:,} points, {seconds:.1f} s"

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON values; times are UTC, ISO 8601."""
        return {
            "run_id": self.run_id,
            "kind": self.kind,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "rows": self.rows,
            "points": self.points,
            "requests": self.requests,
            "waited_seconds": self.waited_seconds,
            "resources": [
                {"resource": r.resource, "outcome": r.outcome, "rows_left": r.rows_left, **asdict(r.tally)}
                for r in self.resources
            ],
        }


class SyncFailed(Exception):
    """Some resources could not be read to the end; what was read is loaded. `.report` tells the whole."""

    def __init__(self, report: SyncReport) -> None:
        self.report = report
        lines = [f"{failed.resource}: {failed.error}" for failed in report.failures]
        super().__init__(
            "\n".join([*lines, "What was read before stays loaded; run it again to finish the job."])
        )


def report_on(
    readers: Sequence[Reader], kind: str, started_at: datetime, before: Spending, after: Spending
) -> SyncReport:
    """The report of a run that ends now."""
    return SyncReport(
        run_id=uuid.uuid4().hex,
        kind=kind,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        resources=tuple(_resource_report(reader) for reader in readers),
        points=after.points - before.points,
        requests=after.requests - before.requests,
        waited_seconds=after.waited_seconds - before.waited_seconds,
    )


def log_rows(report: SyncReport) -> list[ops.SyncLogRow]:
    """The report as rows of ops.sync_log."""
    return [
        ops.SyncLogRow(
            run_id=report.run_id,
            resource=resource.resource,
            started_at=report.started_at,
            finished_at=report.finished_at,
            outcome=resource.outcome,
            rows_loaded=resource.tally.rows - resource.tally.quarantined,
            rows_quarantined=resource.tally.quarantined,
            requests=resource.tally.requests,
            points=resource.tally.points,
            error=str(resource.error) if resource.error else None,
            kind=report.kind,
        )
        for resource in report.resources
    ]


def tell(report: SyncReport) -> None:
    """Write the report to the log of this process: the run, and each resource that brought something or failed."""
    for row in log_rows(report):
        if row.rows_loaded or row.rows_quarantined or row.outcome != "done":
            told = asdict(row) | {
                "started_at": row.started_at.isoformat(),
                "finished_at": row.finished_at.isoformat(),
            }
            level = logging.ERROR if row.outcome == "failed" else logging.INFO
            _log.log(level, "%s of %s: %s", row.kind, row.resource, row.outcome, extra=told)
    ended = {"run_id": report.run_id, "kind": report.kind, "points": report.points, "rows_read": report.rows}
    _log.info("%s ended", report.kind, extra=ended | {"waited_seconds": round(report.waited_seconds, 1)})


def raise_failures(report: SyncReport) -> None:
    """Raises Unauthorized when the key was refused, SyncFailed for any other failure."""
    for failed in report.failures:
        if isinstance(failed.error, Unauthorized):
            raise failed.error
    if report.failures:
        raise SyncFailed(report)


def _resource_report(reader: Reader) -> ResourceReport:
    return ResourceReport(
        reader.endpoint.name, _outcome(reader), reader.tally, reader.cursor, reader.rows_left, reader.failure
    )


def _outcome(reader: Reader) -> str:
    if isinstance(reader.failure, Forbidden):
        return "forbidden"
    if reader.failure:
        return "failed"
    return "done" if reader.finished else "partial"
