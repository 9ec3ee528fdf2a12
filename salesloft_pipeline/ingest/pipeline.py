"""A sync: rounds of reading and loading until everything is read, or time is up.

    readers  ->  round 1: read some thousand records of each, load, commit (rows and positions together)
             ->  round 2: go on where the walk stands ...
             ->  ops.sync_log

Killed at any moment it loses at most one round of reading: the next sync resumes at the last commit.
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dlt

from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.ingest.arrow import Reject
from salesloft_pipeline.ingest.deletions import mark_vanished
from salesloft_pipeline.ingest.reader import BEGINNING, Reader, Tally
from salesloft_pipeline.ingest.source import salesloft_source
from salesloft_pipeline.salesloft.budget import Spending
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Endpoint
from salesloft_pipeline.salesloft.errors import SalesloftError, Unauthorized
from salesloft_pipeline.warehouse import Warehouse

PARALLEL_RESOURCES = 5
PIPELINE_NAME = "salesloft"
# dlt reads its own settings from the environment when its first pipeline is made, and only then.
_DLT_DEFAULTS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    # Below this it warns of every JSON column, whose declared type has to differ from Arrow's.
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": str(PARALLEL_RESOURCES),
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}


@dataclass(frozen=True)
class ResourceReport:
    """What a sync did for one resource. `outcome`: done, partial (time was up) or failed."""

    resource: str
    outcome: str
    tally: Tally
    cursor: datetime | None
    error: SalesloftError | None


@dataclass(frozen=True)
class SyncReport:
    """What a sync did. Points and requests are all that this process spent, failed attempts included."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    resources: tuple[ResourceReport, ...]
    points: int
    requests: int
    waited_seconds: float

    @property
    def rows(self) -> int:
        return sum(report.tally.rows for report in self.resources)

    def __str__(self) -> str:
        seconds = (self.finished_at - self.started_at).total_seconds()
        return f"{self.rows:,} new or changed records, {self.points:,} points, {seconds:.1f} s"

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON values; times are UTC, ISO 8601."""
        return {
            "run_id": self.run_id,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "rows": self.rows,
            "points": self.points,
            "requests": self.requests,
            "waited_seconds": self.waited_seconds,
            "resources": [
                {"resource": r.resource, "outcome": r.outcome, **asdict(r.tally)} for r in self.resources
            ],
        }

    @property
    def failures(self) -> list[ResourceReport]:
        return [report for report in self.resources if report.error]


class SyncFailed(Exception):
    """Some resources could not be read to the end; what was read is loaded. `.report` tells the whole."""

    def __init__(self, report: SyncReport) -> None:
        self.report = report
        lines = [f"{failed.resource}: {failed.error}" for failed in report.failures]
        super().__init__(
            "\n".join([*lines, "What was read before stays loaded; run the sync again to finish the job."])
        )


Watch = Callable[[Sequence[Reader]], None]


def _unwatched(_: Sequence[Reader]) -> None:
    """Nobody looks."""


def sync(
    client: SalesloftClient,
    warehouse: Warehouse,
    *,
    endpoints: Sequence[Endpoint] = ENDPOINTS,
    start: datetime | None = None,
    full: bool = False,
    seconds_at_most: float | None = None,
    watch: Watch = _unwatched,
) -> SyncReport:
    """Bring the raw tables of `endpoints` up to date.

    start: the oldest updated_at to read at a first sync; None reads everything. full: forget all positions and read from `start` again.
    seconds_at_most: begin no further round after this time. watch: called before the first round and after each.

    Raises: Unauthorized when the key is refused; SyncFailed when some resource could not be read to its end;
    warehouse errors. In each case a second run goes on from the last commit.
    """
    before, started_at = client.budget.spending, datetime.now(UTC)
    readers = [Reader(endpoint, client.get, start=start or BEGINNING, forget=full) for endpoint in endpoints]
    with warehouse.kept_open(), tempfile.TemporaryDirectory(prefix="salesloft-dlt-") as working_folder:
        columns.create_tables(warehouse)
        ops.create_tables(warehouse)
        pipeline = _pipeline(warehouse, working_folder)
        watch(readers)
        for unfinished in _rounds(readers, seconds_at_most):
            source = salesloft_source(unfinished, partial(_keep_rejects, warehouse))
            pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()
            mark_vanished(warehouse, unfinished, datetime.now(UTC))
            watch(readers)
        report = _report(readers, started_at, before, client.budget.spending)
        ops.log(warehouse, [_log_row(report, resource) for resource in report.resources])
    _raise_failures(report)
    return report


def _pipeline(warehouse: Warehouse, working_folder: str) -> dlt.Pipeline:
    """A dlt pipeline whose only memory is the destination, so that any worker can run the next sync."""
    for name, value in _DLT_DEFAULTS.items():
        os.environ.setdefault(name, value)
    destination = (
        dlt.destinations.duckdb(str(warehouse.path))
        if warehouse.path
        else dlt.destinations.postgres(warehouse.url)
    )
    return dlt.pipeline(
        PIPELINE_NAME,
        destination=destination,
        dataset_name=columns.RAW_SCHEMA,
        pipelines_dir=working_folder,
    )


def _rounds(readers: Sequence[Reader], seconds_at_most: float | None) -> Iterator[list[Reader]]:
    deadline = None if seconds_at_most is None else time.monotonic() + seconds_at_most
    while unfinished := [reader for reader in readers if not reader.over]:
        yield unfinished
        if deadline is not None and time.monotonic() > deadline:
            return


def _keep_rejects(warehouse: Warehouse, endpoint: Endpoint, rejects: Sequence[Reject], at: datetime) -> None:
    ops.quarantine(warehouse, endpoint.name, rejects, at)


def _report(readers: Sequence[Reader], started_at: datetime, before: Spending, after: Spending) -> SyncReport:
    return SyncReport(
        run_id=uuid.uuid4().hex,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        resources=tuple(_resource_report(reader) for reader in readers),
        points=after.points - before.points,
        requests=after.requests - before.requests,
        waited_seconds=after.waited_seconds - before.waited_seconds,
    )


def _resource_report(reader: Reader) -> ResourceReport:
    outcome = "failed" if reader.failure else "done" if reader.finished else "partial"
    return ResourceReport(reader.endpoint.name, outcome, reader.tally, reader.cursor, reader.failure)


def _log_row(report: SyncReport, resource: ResourceReport) -> ops.SyncLogRow:
    return ops.SyncLogRow(
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
    )


def _raise_failures(report: SyncReport) -> None:
    for failed in report.failures:
        if isinstance(failed.error, Unauthorized):
            raise failed.error
    if report.failures:
        raise SyncFailed(report)
