"""What is gone from SalesLoft: marked with an instant, never deleted here.

    a list read whole, without the row     ->  mark_vanished; the list below one record is such a list too
    a row that a sweep asked for in vain   ->  mark  (sweep.py)

The mark is `_deleted_at`; where leaving the list means that the matter is closed, `_closed_at`. A record that comes
back is loaded anew, which clears the mark. A marked row bears the stamp of the mark where that of its load stood, so
that whoever asks which rows are new since then finds it (transform/seen.py).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from salesloft_pipeline.ingest.columns import KEY, RAW_SCHEMA, gone_column
from salesloft_pipeline.ingest.lists import ChildReader, SnapshotReader
from salesloft_pipeline.ingest.reader import Reader
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Absence, Endpoint
from salesloft_pipeline.warehouse import Sql, Warehouse, quote


def mark_vanished(warehouse: Warehouse, readers: Sequence[Reader], at: datetime) -> None:
    """Mark rows that a finished snapshot, or the list below a parent, no longer holds. Repeating it changes nothing."""
    with warehouse.transaction() as sql:
        for reader in (each for each in readers if each.endpoint.absence is not Absence.UNKNOWN):
            if isinstance(reader, SnapshotReader) and reader.ids is not None:
                _mark_others(sql, reader.endpoint, at, reader.ids)
            if isinstance(reader, ChildReader) and reader.seen:
                kept = [key for keys in reader.seen.values() for key in keys]
                _mark_others(sql, reader.endpoint, at, kept, of=list(reader.seen))


def _mark_others(
    sql: Sql, endpoint: Endpoint, at: datetime, kept: Sequence[str], of: Sequence[str] | None = None
) -> None:
    """Mark the rows whose key is none of the `kept`; of: only rows of these parents."""
    gone = gone_column(endpoint)
    below = "" if of is None else " and cast(_parent_id as varchar) = any($3)"
    sql.execute(
        f"update {RAW_SCHEMA}.{quote(endpoint.name)} set {gone} = $1, _dlt_load_id = '{_stamp()}' "
        f"where {gone} is null and not cast({quote(KEY)} as varchar) = any($2){below}",
        [at, list(kept), *([] if of is None else [list(of)])],
    )


def mark(warehouse: Warehouse, endpoint: Endpoint, ids: Sequence[Any], at: datetime) -> None:
    """Mark these rows and what hangs on them, but nothing that was loaded after `at`, the instant before SalesLoft
    was asked for them.
    """
    below = [child for child in ENDPOINTS if child.parent == endpoint.name]
    with warehouse.transaction() as sql:
        for table, key in ((endpoint, KEY), *((child, "_parent_id") for child in below)):
            gone = gone_column(table)
            sql.execute(
                f"update {RAW_SCHEMA}.{quote(table.name)} set {gone} = $1, _dlt_load_id = '{_stamp()}' "
                f"where {gone} is null and cast({quote(key)} as varchar) = any($2) and _synced_at < $1",
                (at, [str(each) for each in ids]),
            )


def _stamp() -> str:
    """Sorts among dlt's own, which are seconds since 1970, and is no other's."""
    return f"{time.time():.6f}-{uuid.uuid4().hex[:8]}"
