"""Runs: rounds of reading and loading until everything is read, or time or points are up.

    readers  ->  round 1: read some thousand records of each, load, commit (rows and positions together)
             ->  round 2: go on where the walks stand ...
             ->  ops.sync_log

    sync     everything that changed, then what is left of the past
    reread   a stretch of the past once more, whatever the positions say  (reread.py)
    sweep    what we hold, asked for by name: is it still there?          (sweep.py)
    webhook  what webhooks named                                          (webhook_events.py)

Killed at any moment a run loses at most one round of reading: the next one resumes at the last commit.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import dlt

from salesloft_pipeline.ingest import columns, identity, ops
from salesloft_pipeline.ingest.arrow import Reject
from salesloft_pipeline.ingest.deletions import mark_vanished
from salesloft_pipeline.ingest.forgotten import forgotten, without
from salesloft_pipeline.ingest.keyset import KeysetReader
from salesloft_pipeline.ingest.lists import ChildReader, DescendingReader, Parent, SnapshotReader
from salesloft_pipeline.ingest.loading import PIPELINE_NAME, drop_staging, pipeline_of
from salesloft_pipeline.ingest.reader import BEGINNING, Reader
from salesloft_pipeline.ingest.report import SyncReport, log_rows, raise_failures, report_on, tell
from salesloft_pipeline.ingest.source import salesloft_source
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Endpoint, Reading
from salesloft_pipeline.tracing import span
from salesloft_pipeline.warehouse import Warehouse, quote

# What DuckDB may hold in memory besides the file: some tens of MiB.
SETTLED_ROWS = 50_000

Watch = Callable[[Sequence[Reader]], None]


def unwatched(_: Sequence[Reader]) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Limits:
    """Begin no further round after so many seconds; ask nothing more after so many points. None: no limit."""

    seconds: float | None = None
    points: int | None = None

    def spent(self, points: int) -> bool:
        """Have all points of the run gone?"""
        return self.points is not None and points >= self.points

    def passed(self, seconds: float) -> bool:
        """Is the time of the run over?"""
        return self.seconds is not None and seconds > self.seconds


UNLIMITED = Limits()


def sync(
    client: SalesloftClient,
    warehouse: Warehouse,
    *,
    endpoints: Sequence[Endpoint] = ENDPOINTS,
    start: datetime | None = None,
    full: bool = False,
    limits: Limits = UNLIMITED,
    watch: Watch = unwatched,
) -> SyncReport:
    """Bring the raw tables of `endpoints` up to date.

    start: the oldest updated_at to read at a first sync; None reads everything. full: forget all positions and
    read from `start` again. watch: called before the first round and after each.

    Raises: Unauthorized when the key is refused; OtherTeam when it is another team's; SyncFailed when some
    resource could not be read to its end; warehouse errors. In each case a second run goes on from the last commit.
    """
    readers = [
        reader_for(client, warehouse, endpoint, start=start or BEGINNING, forget=full)
        for endpoint in endpoints
    ]
    return run(client, warehouse, readers, limits=limits, watch=watch)


def run(
    client: SalesloftClient,
    warehouse: Warehouse,
    readers: Sequence[Reader],
    *,
    kind: str = "sync",
    name: str = PIPELINE_NAME,
    limits: Limits = UNLIMITED,
    watch: Watch = unwatched,
) -> SyncReport:
    """Read and load until every reader is over, or a limit is reached; log and report it. Raises as `sync`.

    kind: of the run, for the log. name: runs of different names may load at the same time, because each has its own
    staging tables and state.
    """
    before, started_at, began = client.budget.spending, datetime.now(UTC), time.monotonic()

    def spent() -> bool:
        return limits.spent(client.budget.spending.points - before.points)

    in_folder = tempfile.TemporaryDirectory(prefix="salesloft-dlt-")
    with span(kind, kind=kind) as trace, warehouse.kept_open(), in_folder as folder, _garbage_of_this():
        with warehouse.turn():
            columns.create_tables(warehouse)
            ops.create_tables(warehouse)
        identity.check(client, warehouse)
        pipeline, settled = pipeline_of(warehouse, name, folder), 0
        watch(readers)
        for unfinished in _rounds(readers, lambda: spent() or limits.passed(time.monotonic() - began)):
            _load_round(pipeline, warehouse, unfinished, spent)
            settled = _settle_in_time(warehouse, settled, sum(reader.tally.rows for reader in readers))
            watch(readers)
        if name != PIPELINE_NAME or warehouse.path:
            # In a DuckDB file an earlier version may have left them.
            drop_staging(warehouse, name)
        report = report_on(readers, kind, started_at, before, client.budget.spending)
        ops.log(warehouse, log_rows(report))
        trace.tell(run_id=report.run_id, rows=report.rows, points=report.points, requests=report.requests)
    tell(report)
    raise_failures(report)
    return report


def reader_for(
    client: SalesloftClient,
    warehouse: Warehouse,
    endpoint: Endpoint,
    *,
    start: datetime = BEGINNING,
    forget: bool = False,
) -> Reader:
    """The way to read this endpoint that its list allows; `start` and `forget` as `start` and `full` of `sync`."""

    def at_once() -> int:
        return client.budget.parallel

    match endpoint.reading:
        case Reading.KEYSET:
            return KeysetReader(endpoint, client.get, start=start, at_once=at_once, forget=forget)
        case Reading.DESCENDING:
            return DescendingReader(endpoint, client.get, start=start, forget=forget)
        case Reading.PER_PARENT:
            parents = partial(_parents, warehouse, endpoint)
            return ChildReader(endpoint, client.get, parents=parents, at_once=at_once, forget=forget)
        case _:
            return SnapshotReader(endpoint, client.get, forget=forget)


def _parents(warehouse: Warehouse, endpoint: Endpoint, since: datetime) -> list[Parent]:
    changed = warehouse.query(
        f"select id, updated_at from {columns.RAW_SCHEMA}.{quote(endpoint.parent or '')} "
        "where _deleted_at is null and updated_at >= $1",
        [since],
    )
    return sorted(((key, at.astimezone(UTC)) for key, at in changed), key=lambda row: (row[1], str(row[0])))


def _rounds(readers: Sequence[Reader], over: Callable[[], bool]) -> Iterator[list[Reader]]:
    """What each round reads: all that is not over, but nothing whose parents are still being read."""
    while unfinished := [reader for reader in readers if not reader.over]:
        at_work = {reader.endpoint.name for reader in unfinished}
        yield [reader for reader in unfinished if reader.endpoint.parent not in at_work]
        if over():
            return


def _load_round(
    pipeline: dlt.Pipeline, warehouse: Warehouse, readers: Sequence[Reader], spent: Callable[[], bool]
) -> None:
    # Two merges of one record at once would both insert it.
    with warehouse.turn(), span("round", resources=len(readers)):
        censor = partial(without, forgotten(warehouse))
        source = salesloft_source(readers, partial(_keep_rejects, warehouse), spent, censor)
        pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()
        mark_vanished(warehouse, readers, datetime.now(UTC))


@contextmanager
def _garbage_of_this() -> Iterator[None]:
    """Look for garbage among what is made from here on: records are so many objects that Python would look again and
    again, and each time through all the libraries too, for a tenth of a sync.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _settle_in_time(warehouse: Warehouse, settled: int, rows: int) -> int:
    """Up to how many rows everything is settled now. Each time writes large parts of a table anew."""
    if rows - settled < SETTLED_ROWS:
        return settled
    warehouse.settle()
    return rows


def _keep_rejects(warehouse: Warehouse, endpoint: Endpoint, rejects: Sequence[Reject], at: datetime) -> None:
    ops.quarantine(warehouse, endpoint.name, rejects, at)
