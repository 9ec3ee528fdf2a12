"""The one face over SQLite and Postgres; see the front door of this room for who calls what."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from salesloft_pipeline.landing.database import create_table, engine_of, file_of, scrub
from salesloft_pipeline.landing.rows import (
    DELIVERIES,
    Arrival,
    Delivery,
    State,
    as_delivery,
    as_rows,
    instant,
    microseconds,
)

_C = DELIVERIES.c
_OLDEST_FIRST = (_C.received_us, _C.id)
# SQLite has one writer: a change of many rows is made in slices, with room between them for the receiver.
SLICE_ROWS = 1_000
ROOM_SECONDS = 0.01


class LandingError(Exception):
    """The landing cannot be read or written now; nothing was changed. The message says why, never with which data."""


class DeliveryRefused(LandingError):
    """The database is well, but will not take a row of this batch: land them one by one."""


class Landing:
    """Deliveries by URL. Making the object opens nothing; threads may share it.

    Every method raises LandingError when the database cannot be used; calling it again later is always right.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)
        self._created = False
        self.path: Path | None = file_of(url)

    def __repr__(self) -> str:
        return f"Landing({self._engine.dialect.name})"

    def land(self, arrivals: Sequence[Arrival]) -> frozenset[str]:
        """Keep these: on return they are on the disk. Returns the digests that were new; the others had come before.

        Raises DeliveryRefused when a row is one that the database cannot hold.
        """
        if not arrivals:
            return frozenset()
        rows = as_rows(arrivals)
        with self._transaction() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            # A check before the insert would be a race between two deliveries of the same.
            unless_there = (
                insert(DELIVERIES).on_conflict_do_nothing(index_elements=["digest"]).returning(_C.digest)
            )
            return frozenset(connection.execute(unless_there, rows).scalars())

    def pending(self, rows_at_most: int, bytes_at_most: int) -> list[Delivery]:
        """The oldest that wait, at most so many and with bodies of so many bytes together, but always one."""
        waiting = (
            select(_C.id, func.length(_C.body))
            .where(_C.state == State.PENDING)
            .order_by(*_OLDEST_FIRST)
            .limit(rows_at_most)
        )
        with self._transaction() as connection:
            ids = list(_within(connection.execute(waiting).tuples(), bytes_at_most))
            chunk = [row for part in _slices(ids) for row in connection.execute(_whole(part))]
        return [as_delivery(row) for row in sorted(chunk, key=lambda row: (row.received_us, row.id))]

    def mark_ingested(self, ids: Sequence[int]) -> None:
        """These are in the warehouse."""
        self._mark(ids, State.INGESTED, None)

    def mark_quarantined(self, reasons: Mapping[int, str]) -> None:
        """These cannot be ingested, each for a reason such as invalid_json; `redrive` gives them another chance."""
        by_reason: dict[str, list[int]] = defaultdict(list)
        for row_id, reason in reasons.items():
            by_reason[reason].append(row_id)
        for reason, ids in by_reason.items():
            self._mark(ids, State.QUARANTINED, reason)

    def pending_count(self, cap: int) -> int:
        """How many wait; counting stops at `cap`."""
        some = select(_C.id).where(_C.state == State.PENDING).limit(cap).subquery()
        with self._transaction() as connection:
            return connection.execute(select(func.count()).select_from(some)).scalar_one()

    def oldest_pending(self) -> datetime | None:
        """Since when the oldest one waits, UTC; None when none does."""
        oldest = select(_C.received_us).where(_C.state == State.PENDING).order_by(*_OLDEST_FIRST).limit(1)
        with self._transaction() as connection:
            received_us = connection.execute(oldest).scalar()
        return None if received_us is None else instant(received_us)

    def counts(self) -> dict[State, int]:
        """How many rows are in each state."""
        with self._transaction() as connection:
            found = connection.execute(select(_C.state, func.count()).group_by(_C.state)).tuples()
            return {
                State.PENDING: 0,
                State.INGESTED: 0,
                State.QUARANTINED: 0,
                **{State(s): n for s, n in found},
            }

    def quarantined(self) -> dict[str, int]:
        """How many are quarantined, by reason."""
        by_reason = select(_C.reason, func.count()).where(_C.state == State.QUARANTINED).group_by(_C.reason)
        with self._transaction() as connection:
            return {str(reason): count for reason, count in connection.execute(by_reason).tuples()}

    def redrive(self, reason: str) -> int:
        """What was quarantined for this reason waits again. Returns how many."""
        theirs = (_C.state == State.QUARANTINED) & (_C.reason == reason)
        return sum(self._set(ids, State.PENDING, None) for ids in self._slices_of(theirs))

    def prune(self, before: datetime) -> int:
        """Forget what is in the warehouse and was received before. Returns how many rows went.

        The warehouse knows their digests, so a replay of one lands again here and ends there.
        """
        old = (_C.state == State.INGESTED) & (_C.received_us < microseconds(before))
        gone = 0
        for ids in self._slices_of(old):
            with self._transaction() as connection:
                gone += connection.execute(delete(DELIVERIES).where(_C.id.in_(ids))).rowcount
        return gone

    def everything(self) -> Iterator[Delivery]:
        """Every delivery, whatever its state, in the order of ids; what lands meanwhile may come too."""
        last = 0
        while True:
            some = select(DELIVERIES).where(_C.id > last).order_by(_C.id).limit(SLICE_ROWS)
            with self._transaction() as connection:
                rows = connection.execute(some).fetchall()
            if not rows:
                return
            yield from map(as_delivery, rows)
            last = rows[-1].id

    def remove(self, ids: Sequence[int]) -> None:
        """Take these out for good, down to their bytes; a receiver may have to wait a moment. Not for what only waits
        to be ingested: SalesLoft does not send it again.
        """
        for part in _slices(ids):
            with self._transaction() as connection:
                connection.execute(delete(DELIVERIES).where(_C.id.in_(part)))
        try:
            scrub(self._engine)
        except DBAPIError as error:
            raise LandingError(f"removed, but their bytes may be left; do it again: {_told(error)}") from None

    def close(self) -> None:
        """Give the connections back; the next call opens new ones."""
        self._engine.dispose()

    def _mark(self, ids: Sequence[int], state: State, reason: str | None) -> None:
        for number, part in enumerate(_slices(ids)):
            if number:
                time.sleep(ROOM_SECONDS)
            self._set(part, state, reason)

    def _set(self, ids: Sequence[int], state: State, reason: str | None) -> int:
        now_us = microseconds(datetime.now(UTC))
        change = update(DELIVERIES).where(_C.id.in_(ids)).values(state=state, state_us=now_us, reason=reason)
        with self._transaction() as connection:
            return connection.execute(change).rowcount

    def _slices_of(self, which: ColumnElement[bool]) -> Iterator[list[int]]:
        """Ids of the rows that are so, in slices, until no such row is left: whoever asks has to change them."""
        some = select(_C.id).where(which).limit(SLICE_ROWS)
        while True:
            with self._transaction() as connection:
                ids = list(connection.execute(some).scalars())
            if not ids:
                return
            yield ids
            time.sleep(ROOM_SECONDS)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                if not self._created:
                    create_table(connection)
                yield connection
            self._created = True
        except (DataError, IntegrityError) as error:
            raise DeliveryRefused(f"the landing refuses a row: {_told(error)}") from None
        except DBAPIError as error:
            raise LandingError(f"the landing cannot be used (LANDING_URL): {_told(error)}") from None
        except (SQLAlchemyError, OSError) as error:
            raise LandingError(f"the landing cannot be used (LANDING_URL): {error}") from None


def _told(error: DBAPIError) -> str:
    """What the driver says, on one line, without the statement."""
    return " ".join(f"{type(error.orig).__name__} {error.orig}".split())


def _whole(ids: Sequence[int]) -> Select[Any]:
    return select(DELIVERIES).where(_C.id.in_(ids), _C.state == State.PENDING)


def _within(sizes: Any, bytes_at_most: int) -> Iterator[int]:
    """Ids for as long as the sizes add up to no more; the first in any case."""
    total = 0
    for number, (row_id, size) in enumerate(sizes):
        total += size
        if number and total > bytes_at_most:
            return
        yield row_id


def _slices(ids: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(ids)
    while part := list(islice(remaining, SLICE_ROWS)):
        yield part
