"""The dlt source `salesloft`, made from the catalogue: one dlt resource per endpoint.

    Reader  ->  batches of records  ->  Arrow  ->  raw_salesloft.<name> and raw_salesloft.<name>_versions
                                    ->  rejects  ->  the quarantine that is handed in

Rows are merged by key, so a load that is repeated after a crash changes nothing. The reader's state is dlt's
resource state, which dlt stores in the same load package as the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltResource

from salesloft_pipeline.ingest import arrow, traced
from salesloft_pipeline.ingest.columns import JSON, KEY, VERSION_KEY, Column, table_columns, version_columns
from salesloft_pipeline.ingest.forgotten import Censor
from salesloft_pipeline.ingest.reader import Reader, Row
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.tracing import current

# Records are converted so many at a time, because as Python has them they take ten times the memory.
BATCH_ROWS = 5_000
# dlt works out a schema for every table that it is given, so it is given few.
TABLE_ROWS = 20_000
# What a kill may cost, at a point for each hundred: little of a sync that has just begun, 200 points of a long one.
ROUND_ROWS, ROUND_ROWS_AT_MOST = 5_000, 20_000
ROUND_SECONDS = 30.0

# A version is written when it is first seen; seeing it again must not move `observed_at`.
SEEN_ONCE = {"disposition": "merge", "strategy": "insert-only"}

Quarantine = Callable[[Endpoint, Sequence[arrow.Reject], datetime], None]


@dlt.source(name="salesloft", max_table_nesting=0)
def salesloft_source(
    readers: Sequence[Reader], quarantine: Quarantine, spent: Callable[[], bool], censor: Censor
) -> Any:
    """One round of reading: each reader gives about a round's worth of records more.

    quarantine: takes (endpoint, rejects, instant) and keeps the rejects before this returns. spent: are the points
    of the run gone? censor: takes away what must not be loaded (forgotten.py).
    """
    ends_at = time.monotonic() + ROUND_SECONDS
    return [
        _resource(reader, quarantine, censor, _enough(reader, lambda: spent() or time.monotonic() > ends_at))
        for reader in readers
    ]


def _enough(reader: Reader, over: Callable[[], bool]) -> Callable[[int], bool]:
    """A kill loses one round, and a round has a fixed cost: so rounds grow with what is already safe, up to a bound,
    and end in time where the budget makes reading slow.
    """
    rows_at_most = max(ROUND_ROWS, min(2 * reader.tally.rows, ROUND_ROWS_AT_MOST))
    return lambda rows: rows >= rows_at_most or over()


def _resource(
    reader: Reader, quarantine: Quarantine, censor: Censor, enough: Callable[[int], bool]
) -> DltResource:
    endpoint, round_ = reader.endpoint, current()

    def converted(batches: Iterator[list[Row]]) -> Iterator[pa.Table]:
        for rows in batches:
            read_at = datetime.now(UTC)
            converted = arrow.convert(endpoint, rows, synced_at=read_at, source=reader.source)
            converted = censor(endpoint, converted)
            if converted.rejects:
                reader.tally.quarantined += len(converted.rejects)
                quarantine(endpoint, converted.rejects, read_at)
            yield converted.table

    def load() -> Iterator[Any]:
        # Named, because dlt reads parallel resources in its own threads, where it cannot tell whose state is meant.
        state = dlt.current.resource_state(endpoint.name)
        written: set[str] = set()
        for tables in _gathered(converted(_batches(traced.pages(reader, state, enough, round_)))):
            yield from _tables(endpoint, pa.concat_tables(tables), written)

    return dlt.resource(load, name=endpoint.name, parallelized=True)


def _tables(endpoint: Endpoint, table: pa.Table, written: set[str]) -> Iterator[Any]:
    """The tables to load for a batch. `written` holds the keys of the versions that this load has already."""
    if not table.num_rows:
        return
    # Pages overlap while records change, so one load may hold a record twice. What was read last is newest, also
    # where updated_at does not tell: within a table by its order, between tables by `_synced_at`.
    yield merged(
        arrow.last_of_each(table, KEY),
        endpoint.name,
        KEY,
        table_columns(endpoint),
        {"disposition": "merge", "strategy": "delete-insert"},
        newest_by="_synced_at",
    )
    if endpoint.history:
        yield merged(
            # "insert-only" looks for doubles in the table alone, so within the load we look ourselves.
            arrow.first_of_each(arrow.versions(endpoint, table), VERSION_KEY, written),
            endpoint.versions_name,
            VERSION_KEY,
            version_columns(endpoint),
            SEEN_ONCE,
        )


def merged(
    table: pa.Table,
    name: str,
    key: str,
    columns: Sequence[Column],
    write_disposition: Any,
    *,
    newest_by: str | None = None,
) -> Any:
    """The Arrow table with all that dlt has to know to merge it by `key` into the raw table `name`.

    newest_by: of rows with the same key in one load, the one with the greatest value there wins.
    """
    # The others are what their Arrow types say, and to say it again costs dlt more than all the rest.
    hints: dict[str, Any] = {
        column.name: {"name": column.name, "data_type": column.kind.dlt, "nullable": column.name != key}
        for column in columns
        if column.kind is JSON or column.name in (key, newest_by)
    }
    if newest_by:
        hints[newest_by]["dedup_sort"] = "desc"
    marked = dlt.mark.make_hints(
        table_name=name, primary_key=key, write_disposition=write_disposition, columns=hints
    )
    return dlt.mark.with_hints(table, marked, create_table_variant=True)


def _gathered(tables: Iterator[pa.Table]) -> Iterator[list[pa.Table]]:
    gathered: list[pa.Table] = []
    for table in tables:
        gathered.append(table)
        if sum(each.num_rows for each in gathered) >= TABLE_ROWS:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _batches(pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for page in pages:
        batch += page
        if len(batch) >= BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
