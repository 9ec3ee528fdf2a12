"""From the landing into the warehouse: what webhooks said is kept, and what they named is read again.

    landing.pending  ->  the log of events and observed versions     (event_log.py)
                     ->  the named records, asked for by their ids   (named.py)
                     ->  landing.mark_ingested, of exactly these

Chunk by chunk, so that a backlog of any length takes the same memory. A crash anywhere before the mark repeats the
chunk, which changes nothing: the log takes an event once, versions are keyed by what they say, and records are read
as SalesLoft has them then. While SalesLoft cannot be reached the deliveries wait.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.ingest import columns, event_log, identity, ops
from salesloft_pipeline.ingest.arrow import Reject
from salesloft_pipeline.ingest.echo import echoes
from salesloft_pipeline.ingest.events import Event, Unreadable, read
from salesloft_pipeline.ingest.forgotten import forgotten
from salesloft_pipeline.ingest.loading import load
from salesloft_pipeline.ingest.named import Named
from salesloft_pipeline.ingest.pipeline import UNLIMITED, Limits, Watch, run, unwatched
from salesloft_pipeline.ingest.report import SyncFailed
from salesloft_pipeline.landing import Delivery, Landing
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.webhooks import ROUTES
from salesloft_pipeline.tracing import span
from salesloft_pipeline.warehouse import Warehouse

CHUNK_ROWS = 20_000
CHUNK_BYTES = 64 << 20
_LOG, _REREAD = "salesloft_webhook_log", "salesloft_webhook"


@dataclass
class Ingested:
    """What came of some deliveries: events by type, unreadable ones by reason, and records read again (`rows`) or
    found to be deleted (`gone`). `unknown` events have a type that SalesLoft's list does not have; `echoes` tell of
    what we wrote ourselves. `tables` are the raw tables that may have changed.
    """

    events: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    echoes: int = 0
    rows: int = 0
    gone: int = 0
    points: int = 0
    tables: set[str] = field(default_factory=set)

    @property
    def unknown(self) -> int:
        return sum(count for event_type, count in self.events.items() if event_type not in ROUTES)

    def __str__(self) -> str:
        return (
            f"{self.events.total():,} events ({self.echoes:,} of them echoes), {self.rows:,} records read again, {self.gone:,} deleted, "
            f"{self.unreadable.total():,} unreadable, {self.points:,} points"
        )


def ingest(
    client: SalesloftClient,
    warehouse: Warehouse,
    landing: Landing,
    *,
    limits: Limits = UNLIMITED,
    watch: Watch = unwatched,
    done: Ingested | None = None,
) -> Ingested:
    """Bring what waits in the landing into the warehouse, until nothing does or a limit is reached.

    done: filled as it goes, for whoever wants to know what was done before an error.

    Raises: LandingError; Unauthorized, OtherTeam; SyncFailed when some records could not be read, after everything
    else was marked; warehouse errors. Whatever is not marked waits for the next run.
    """
    done, began = done or Ingested(), time.monotonic()
    if (landing.path and not landing.path.exists()) or not landing.pending_count(1):
        return done
    with span("ingest webhooks") as trace, warehouse.kept_open():
        ops.create_tables(warehouse)
        # Before anything is written: the deliveries may be another team's.
        identity.check(client, warehouse)
        while chunk := landing.pending(CHUNK_ROWS, CHUNK_BYTES):
            left = None if limits.seconds is None else limits.seconds - (time.monotonic() - began)
            within = Limits(seconds=left, points=limits.points)
            settled = _ingest(client, warehouse, landing, chunk, done, within, watch)
            if not settled or limits.passed(time.monotonic() - began):
                break
        trace.tell(events=done.events.total(), rows=done.rows, points=done.points)
    return done


def _ingest(
    client: SalesloftClient,
    warehouse: Warehouse,
    landing: Landing,
    chunk: Sequence[Delivery],
    done: Ingested,
    limits: Limits,
    watch: Watch,
) -> int:
    """One chunk; how many deliveries were settled."""
    events, unreadable = _sorted(chunk)
    done.echoes += _keep(warehouse, events, unreadable)
    landing.mark_quarantined({delivery.id: reason for delivery, reason in unreadable})
    readers, failure = _readers(client, warehouse, events), None
    if readers:
        points = client.budget.spending.points
        try:
            run(client, warehouse, readers, kind="webhook", name=_REREAD, limits=limits, watch=watch)
        except SyncFailed as error:
            failure = error
        done.points += client.budget.spending.points - points
    awaited = {reader.endpoint.name: reader for reader in readers}
    settled = [event for event in events if not _waits(event, awaited)]
    landing.mark_ingested([event.delivery for event in settled])
    _add_up(done, settled, unreadable, readers)
    if failure:
        raise failure
    return len(settled) + len(unreadable)


def _sorted(chunk: Sequence[Delivery]) -> tuple[list[Event], list[tuple[Delivery, str]]]:
    events, unreadable = list[Event](), list[tuple[Delivery, str]]()
    for delivery in chunk:
        try:
            events.append(read(delivery))
        except Unreadable as refusal:
            unreadable.append((delivery, refusal.reason))
    return events, unreadable


def _keep(warehouse: Warehouse, events: Sequence[Event], unreadable: Sequence[tuple[Delivery, str]]) -> int:
    """The log, the versions, and a note of each unreadable delivery, whose body stays in the landing. Returns how many
    events are echoes.
    """
    with warehouse.turn():
        columns.create_tables(warehouse)
        ops.create_tables(warehouse)
        rejects = [
            Reject(
                {"id": delivery.digest, "event_type": delivery.event_type, "token": delivery.token}, reason
            )
            for delivery, reason in unreadable
        ]
        ops.quarantine(warehouse, columns.EVENTS, rejects, datetime.now(UTC))
        ours = echoes(warehouse, events)
        if events:
            load(warehouse, _LOG, event_log.tables_of(events, forgotten(warehouse), ours))
        return len(ours)


def _readers(client: SalesloftClient, warehouse: Warehouse, events: Sequence[Event]) -> list[Named]:
    keys: dict[str, dict[Any, None]] = defaultdict(dict)
    doubted: dict[str, set[Any]] = defaultdict(set)
    for event in events:
        if event.endpoint and event.key is not None:
            keys[event.endpoint.name][event.key] = None
            if event.is_deletion:
                doubted[event.endpoint.name].add(event.key)
    return [
        Named(BY_NAME[name], client.get, warehouse, list(named), frozenset(doubted[name]))
        for name, named in keys.items()
    ]


def _waits(event: Event, readers: dict[str, Named]) -> bool:
    reader = readers.get(event.endpoint.name) if event.endpoint else None
    return reader is not None and event.key is not None and reader.awaits(event.key)


def _add_up(
    done: Ingested,
    settled: Sequence[Event],
    unreadable: Sequence[tuple[Delivery, str]],
    readers: Sequence[Named],
) -> None:
    done.events.update(event.event_type for event in settled)
    done.unreadable.update(reason for _, reason in unreadable)
    for reader in readers:
        done.rows += reader.tally.rows
        done.gone += reader.gone
    done.tables |= {columns.EVENTS, *_touched(readers)}


def _touched(readers: Sequence[Named]) -> Iterator[str]:
    for reader in readers:
        yield reader.endpoint.name
        if reader.endpoint.history:
            yield reader.endpoint.versions_name


__all__ = ["Ingested", "ingest"]
