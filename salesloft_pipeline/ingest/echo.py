"""Echoes: events that tell of what we wrote to SalesLoft ourselves.

The answer to a write bears the record's updated_at, and so does the event that the write sets off: same person, same
instant. Such an event is kept and its person read again like any other's; it is only known whose doing it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from salesloft_pipeline.ingest.events import Event
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.warehouse import Warehouse

PEOPLE = "people"


def echoes(warehouse: Warehouse, events: Sequence[Event]) -> dict[str, str]:
    """The event ids that are echoes, each with its change in ops.reverse_sync_ledger, where the actor stands too."""
    about = {event.event_id: about for event in events if (about := _about(event))}
    if not about:
        return {}
    written = warehouse.query(
        "select person_id, cast(after ->> 'updated_at' as timestamp with time zone), change_id "
        "from ops.reverse_sync_ledger where person_id = any($1) and (after ->> 'updated_at') is not null",
        [sorted({person for person, _ in about.values()})],
    )
    ours = {(person, at.astimezone(UTC)): change for person, at, change in written}
    return {event_id: ours[key] for event_id, key in about.items() if key in ours}


def _about(event: Event) -> tuple[int, datetime] | None:
    """The person that an event is about, and the instant of the change; None where it says neither."""
    at = event.body.get("updated_at")
    if (
        event.endpoint is None
        or event.endpoint.name != PEOPLE
        or event.key is None
        or not isinstance(at, str)
    ):
        return None
    try:
        return event.key, parse_instant(at)
    except (ValueError, OverflowError):
        return None
