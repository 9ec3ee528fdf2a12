"""What a sync leaves beside the data, in schema `ops`: the log of what it did, and the records it refused.

ops.sync_log     one row per run and resource
ops.quarantine   one row per refused record and reason, with the record as it came
ops.identity     one row per user whose key filled the warehouse; all of one team
ops.erasures     one row per person who is to be forgotten, by id alone
ops.reverse_sync_ledger   one row per change that was to be written back; reverse_sync/ledger.py fills it
ops.report_log   one row per report that was sent, by audience and way; report/log.py fills it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from salesloft_pipeline.ingest.upgrade import add_missing_columns
from salesloft_pipeline.warehouse import Warehouse

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.arrow import Reject

SCHEMA = "ops"


@dataclass(frozen=True)
class OpsTable:
    """One table of the schema: what a row is, its columns with their SQL types, its key."""

    grain: str
    columns: dict[str, str]
    key: tuple[str, ...]


_INSTANT = "timestamp with time zone not null"
TABLES = {
    "sync_log": OpsTable(
        "One row per run and resource: what a sync read, what it cost, and how it ended.",
        {
            "run_id": "text not null",
            "resource": "text not null",
            "started_at": _INSTANT,
            "finished_at": _INSTANT,
            "outcome": "text not null",
            "rows_loaded": "bigint not null",
            "rows_quarantined": "bigint not null",
            "requests": "bigint not null",
            "points": "bigint not null",
            "error": "text",
            # A table made by 0.1.0 has no such column: it held syncs only.
            "kind": "text default 'sync'",
        },
        ("run_id", "resource"),
    ),
    "quarantine": OpsTable(
        "One row per record that could not be loaded and its reason, with the record as it came.",
        {
            "quarantine_id": "text not null",
            "resource": "text not null",
            "record_id": "text",
            "reason": "text not null",
            "record": "json not null",
            "quarantined_at": _INSTANT,
        },
        ("quarantine_id",),
    ),
    "identity": OpsTable(
        "One row per SalesLoft user whose key filled this warehouse; all of the same team.",
        {"team_id": "text not null", "user_id": "text not null", "first_used_at": _INSTANT},
        ("team_id", "user_id"),
    ),
    "erasures": OpsTable(
        "One row per person who is to be forgotten: no load brings them back.",
        {"person_id": "bigint not null", "erased_at": _INSTANT},
        ("person_id",),
    ),
    "reverse_sync_ledger": OpsTable(
        "One row per change that was to be written to SalesLoft: the intent before the call, the answer after it.",
        {
            "change_id": "text not null",
            "run_id": "text not null",
            "actor": "text not null",
            "kind": "text not null",
            "person_id": "bigint",
            "cadence_id": "bigint",
            "bulk_job_id": "bigint",
            "wanted": "json",
            "before": "json",
            "after": "json",
            # What both sides hold of each field since, as {field: [wanted, shown]}.
            "agreed": "json",
            "intended_at": _INSTANT,
            "answered_at": "timestamp with time zone",
            "outcome": "text not null",
            "error": "text",
        },
        ("change_id",),
    ),
    "report_log": OpsTable(
        "One row per edition of a report, audience and way on which it was sent, so that none is sent twice.",
        {
            "report": "text not null",
            "report_date": "date not null",
            "audience": "text not null",
            "channel": "text not null",
            "build_id": "text not null",
            "content": "text not null",
            "claim": "text not null",
            "claimed_at": _INSTANT,
            "sent_at": "timestamp with time zone",
        },
        ("report", "report_date", "audience", "channel"),
    ),
}


@dataclass(frozen=True)
class SyncLogRow:
    """What one run did for one resource. `outcome`: done, partial (time or points were up), forbidden or failed.
    `kind`: sync, reread, sweep or webhook. Times are UTC.
    """

    run_id: str
    resource: str
    started_at: datetime
    finished_at: datetime
    outcome: str
    rows_loaded: int
    rows_quarantined: int
    requests: int
    points: int
    error: str | None
    kind: str


def create_tables(warehouse: Warehouse) -> None:
    """Make schema `ops`, its tables and their columns where they are missing."""
    with warehouse.transaction() as sql:
        sql.execute(f"create schema if not exists {SCHEMA}")
        for name, table in TABLES.items():
            columns = [f"{column} {kind}" for column, kind in table.columns.items()]
            key = f"primary key ({', '.join(table.key)})"
            sql.execute(f"create table if not exists {SCHEMA}.{name} ({', '.join([*columns, key])})")
        add_missing_columns(sql, SCHEMA, {name: table.columns for name, table in TABLES.items()})


def count(warehouse: Warehouse, table: str) -> int:
    """How many rows a table of this schema has."""
    ((rows,),) = warehouse.query(f"select count(*) from {SCHEMA}.{table}")
    return int(rows)


def log(warehouse: Warehouse, rows: Sequence[SyncLogRow]) -> None:
    """Append rows to ops.sync_log."""
    with warehouse.transaction() as sql:
        for row in rows:
            sql.execute(
                "insert into ops.sync_log values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                astuple(row),
            )


def quarantine(warehouse: Warehouse, resource: str, rejects: Sequence[Reject], at: datetime) -> None:
    """Keep refused records. The same record refused again for the same reason is the same row."""
    # Arrow is needed by who has records, not by who asks what tables there are.
    from salesloft_pipeline.ingest.arrow import fingerprint

    with warehouse.transaction() as sql:
        for reject in rejects:
            sql.execute(
                "insert into ops.quarantine values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
                (
                    fingerprint([resource, reject.record, reject.reason]),
                    resource,
                    _record_id(reject),
                    reject.reason,
                    orjson.dumps(reject.record).decode(),
                    at,
                ),
            )


def _record_id(reject: Reject) -> str | None:
    found = reject.record.get("id") if isinstance(reject.record, dict) else None
    return None if found is None else str(found)


def loaded_until(warehouse: Warehouse) -> datetime | None:
    """When the newest sync ended (UTC): the raw tables show SalesLoft as of then. None before the first sync."""
    if "sync_log" not in warehouse.tables("ops"):
        return None
    ((ended,),) = warehouse.query("select max(finished_at) from ops.sync_log")
    return ended.astimezone(UTC) if ended else None
