"""What is gone from SalesLoft: marked with `_deleted_at`, never deleted here.

A list that is read whole (a snapshot) shows what vanished by leaving it out. A record that comes back is loaded
anew, which clears the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from salesloft_pipeline.ingest.columns import KEY, RAW_SCHEMA
from salesloft_pipeline.ingest.lists import SnapshotReader
from salesloft_pipeline.ingest.reader import Reader
from salesloft_pipeline.warehouse import Warehouse, quote


def mark_vanished(warehouse: Warehouse, readers: Sequence[Reader], at: datetime) -> None:
    """Set `_deleted_at` on rows that a finished snapshot no longer holds. Repeating it changes nothing."""
    with warehouse.transaction() as sql:
        for reader in readers:
            if isinstance(reader, SnapshotReader) and reader.ids is not None:
                sql.execute(
                    f"update {RAW_SCHEMA}.{quote(reader.endpoint.name)} set _deleted_at = $1 "
                    f"where _deleted_at is null and not cast({quote(KEY)} as varchar) = any($2)",
                    (at, reader.ids),
                )
