"""One row per delivery: what arrives, what it is known by, and the table that holds it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class State(IntEnum):
    """How far a delivery has come."""

    PENDING = 0
    INGESTED = 1
    QUARANTINED = 2


@dataclass(frozen=True)
class Arrival:
    """A genuine delivery as it came. `received_at` is UTC; `token` names the token that signed it; `flags` are
    words for what is odd about it. `event_type` is the header as sent, empty without one."""

    event_type: str
    body: bytes = field(repr=False)
    received_at: datetime
    token: str
    flags: frozenset[str] = frozenset()
    content_type: str = ""
    content_encoding: str = ""

    @cached_property
    def digest(self) -> str:
        """What it is known by, 64 hex digits of event type and body: SalesLoft sends no id and no time.

        The token has no part in it, so that two subscriptions at once, as in a rotation, land one row.
        """
        return hashlib.sha256(self.event_type.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True)
class Delivery(Arrival):
    """A delivery that has landed; `id` is its row."""

    id: int = field(kw_only=True)


# SQLite numbers rows by itself only in a column that is called INTEGER.
_ID = BigInteger().with_variant(Integer(), "sqlite")
DELIVERIES = Table(
    "webhook_deliveries",
    MetaData(),
    Column("id", _ID, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("event_type", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("flags", Text, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("content_encoding", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("state_us", BigInteger, nullable=False),
    Column("reason", Text),
    Column("body", LargeBinary, nullable=False),
    # A number that was pruned is not given out again.
    sqlite_autoincrement=True,
)
# Read by state, oldest first; so this is all that a question about many rows has to read.
Index("webhook_deliveries_state", DELIVERIES.c.state, DELIVERIES.c.received_us, DELIVERIES.c.id)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(us: int) -> datetime:
    """The instant in UTC that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=us)


def as_rows(arrivals: Iterable[Arrival]) -> list[dict[str, Any]]:
    """One row for each different arrival, in the order of their digests.

    In one order, because two receivers that insert the same rows in different orders wait for each other for ever.
    """
    distinct = {arrival.digest: arrival for arrival in reversed(list(arrivals))}
    return [_as_row(distinct[digest]) for digest in sorted(distinct)]


def _as_row(arrival: Arrival) -> dict[str, Any]:
    received_us = microseconds(arrival.received_at)
    return {
        "digest": arrival.digest,
        "event_type": arrival.event_type,
        "token": arrival.token,
        "flags": " ".join(sorted(arrival.flags)),
        "received_us": received_us,
        "content_type": arrival.content_type,
        "content_encoding": arrival.content_encoding,
        "state": State.PENDING,
        "state_us": received_us,
        "body": arrival.body,
    }


def as_delivery(row: Any) -> Delivery:
    """A delivery out of its row."""
    return Delivery(
        id=row.id,
        event_type=row.event_type,
        body=bytes(row.body),
        received_at=instant(row.received_us),
        token=row.token,
        flags=frozenset(row.flags.split()),
        content_type=row.content_type,
        content_encoding=row.content_encoding,
    )
