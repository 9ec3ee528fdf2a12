"""ops.report_log: which edition went to which audience on which way, so that none goes twice.

    claim  ->  the report is sent  ->  confirm
                                   ->  release, when it did not go

Two processes that send at once: one of them has the claim. A claim that a kill left behind is taken over after ten
minutes; the report may then come twice, which is better than never. The table is declared in ingest/ops.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from salesloft_pipeline.report.model import Report
from salesloft_pipeline.warehouse import Sql, Warehouse

TABLE = "ops.report_log"
_ABANDONED = timedelta(minutes=10)
_KEY = "report = $1 and report_date = $2 and audience = $3 and channel = $4"
State: TypeAlias = Literal["ours", "sent", "under way"]


@dataclass(frozen=True)
class Entry:
    """One report on one way, claimed in the name of `claim`."""

    report: Report
    channel: str
    claim: str

    @property
    def key(self) -> tuple[str, object, str, str]:
        return self.report.name, self.report.date, self.report.audience, self.channel


def state(warehouse: Warehouse, entry: Entry) -> State:
    """Is it sent, under way, or still to be sent? The table may not be there yet."""
    if TABLE.partition(".")[2] not in warehouse.tables("ops"):
        return "ours"
    with warehouse.transaction() as sql:
        found = sql.query(f"select sent_at from {TABLE} where {_KEY}", entry.key)
    if not found:
        return "ours"
    return "sent" if found[0][0] else "under way"


def claim(warehouse: Warehouse, entry: Entry, now: datetime) -> State:
    """Take it upon us to send it, unless that was done or is being done."""
    with warehouse.transaction() as sql:
        sql.execute(
            f"insert into {TABLE} (report, report_date, audience, channel, build_id, content, claim, claimed_at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (report, report_date, audience, channel) do update "
            "set build_id = excluded.build_id, content = excluded.content, claim = excluded.claim, "
            "claimed_at = excluded.claimed_at where report_log.sent_at is null and report_log.claimed_at < $9",
            (*entry.key, entry.report.build_id, _digest(entry.report), entry.claim, now, now - _ABANDONED),
        )
        return _state(sql, entry)


def _state(sql: Sql, entry: Entry) -> State:
    ((sent_at, claimed_by),) = sql.query(f"select sent_at, claim from {TABLE} where {_KEY}", entry.key)
    if sent_at:
        return "sent"
    return "ours" if claimed_by == entry.claim else "under way"


def confirm(warehouse: Warehouse, entry: Entry, now: datetime) -> None:
    """It went."""
    warehouse.execute(f"update {TABLE} set sent_at = $5 where {_KEY}", (*entry.key, now))


def release(warehouse: Warehouse, entry: Entry) -> None:
    """It did not go: whoever tries next may."""
    warehouse.execute(
        f"delete from {TABLE} where {_KEY} and claim = $5 and sent_at is null", (*entry.key, entry.claim)
    )


def _digest(report: Report) -> str:
    return hashlib.sha256(report.as_json().encode()).hexdigest()
