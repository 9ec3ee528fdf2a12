"""What is gone from SalesLoft: marked with an instant, never deleted here.

    a list read whole, without the row     ->  mark_vanished
    a row that a sweep asked for in vain   ->  mark  (sweep.py)

The mark is `_deleted_at`; where leaving the list means that the matter is closed, `_closed_at`. A record that comes
back is loaded anew, which clears the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from salesloft_pipeline.ingest.columns import KEY, RAW_SCHEMA, gone_column
from salesloft_pipeline.ingest.lists import SnapshotReader
from salesloft_pipeline.ingest.reader import Reader
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.warehouse import Warehouse, quote


def mark_vanished(warehouse: Warehouse, readers: Sequence[Reader], at: datetime) -> None:
    """Mark rows that a finished snapshot no longer holds. Repeating it changes nothing."""
    with warehouse.transaction() as sql:
        for reader in readers:
            if isinstance(reader, SnapshotReader) and reader.ids is not None:
                gone = gone_column(reader.endpoint)
                sql.execute(
                    f"update {RAW_SCHEMA}.{quote(reader.endpoint.name)} set {gone} = $1 "
                    f"where {gone} is null and not cast({quote(KEY)} as varchar) = any($2)",
                    (at, reader.ids),
                )


def mark(warehouse: Warehouse, endpoint: Endpoint, ids: Sequence[Any], at: datetime) -> None:
    """Mark these rows, but none that was loaded after `at`, the instant before SalesLoft was asked for them."""
    gone = gone_column(endpoint)
    warehouse.execute(
        f"update {RAW_SCHEMA}.{quote(endpoint.name)} set {gone} = $1 "
        f"where {gone} is null and {quote(KEY)} = any($2) and _synced_at < $1",
        (at, list(ids)),
    )
