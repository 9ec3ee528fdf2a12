"""What webhooks said, kept: the log of events, and the states of records that their bodies show.

    Event  ->  raw_salesloft.webhook_events     one row per delivery
           ->  raw_salesloft.<name>_versions    where counters move in place: source webhook, seen when it was received

A body is no current row: it may be old, late or a part. Those come from SalesLoft itself (named.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa

from salesloft_pipeline.ingest import arrow
from salesloft_pipeline.ingest.columns import (
    EVENT_COLUMNS,
    EVENT_KEY,
    EVENTS,
    KEY,
    RAW_SCHEMA,
    TIMESTAMP,
    VERSION_KEY,
    columns_of,
    schema,
    version_columns,
)
from salesloft_pipeline.ingest.events import Event
from salesloft_pipeline.ingest.forgotten import PEOPLE, Ids, names_one, without
from salesloft_pipeline.ingest.source import SEEN_ONCE, merged
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS, Endpoint
from salesloft_pipeline.warehouse import Sql

# Postgres has no text with this character in it.
_NUL = "\\u0000"


def tables_of(events: Sequence[Event], erased: Ids, ours: Mapping[str, str]) -> list[Any]:
    """The tables to load for these events, with their hints. erased: people who are not to come back. ours: echoes of
    our own changes, by event (echo.py).
    """
    log = merged(_log(events, erased, ours), EVENTS, EVENT_KEY, EVENT_COLUMNS, SEEN_ONCE)
    return [log, *_versions(events, erased)]


def forget(sql: Sql, ids: Sequence[int]) -> int:
    """Empty the payload of every event that names one of these people; how many there were."""
    erased = frozenset(ids)
    stands = " or ".join(f"position('{number}' in payload) > 0" for number in erased)
    found = sql.query(
        f"select event_id, resource, payload from {RAW_SCHEMA}.{EVENTS} where {stands or 'false'}"
    )
    about = [event_id for event_id, resource, payload in found if _names(resource, _parsed(payload), erased)]
    if about:
        sql.execute(f"update {RAW_SCHEMA}.{EVENTS} set payload = null where event_id = any($1)", (about,))
    return len(about)


def _log(events: Sequence[Event], erased: Ids, ours: Mapping[str, str]) -> pa.Table:
    rows = [
        (
            event.event_id,
            event.event_type,
            event.endpoint.name if event.endpoint else None,
            event.record_id,
            event.received_at,
            event.token,
            None
            if _names(event.endpoint.name if event.endpoint else None, event.body, erased)
            else event.text,
            ours.get(event.event_id),
        )
        for event in events
    ]
    columns = zip(*rows, strict=True) if rows else [[]] * len(EVENT_COLUMNS)
    arrays = [
        pa.array(list(values), column.kind.arrow)
        for values, column in zip(columns, EVENT_COLUMNS, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema(EVENT_COLUMNS))


def _names(resource: str | None, body: Any, erased: Ids) -> bool:
    """Does a body name one of these people? One of an unknown kind is looked at as if it were of any."""
    endpoints = [BY_NAME[resource]] if resource else [each for each in ENDPOINTS if each.name != PEOPLE]
    return bool(erased) and any(names_one(endpoint, body, erased) for endpoint in endpoints)


def _parsed(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None


def _versions(events: Sequence[Event], erased: Ids) -> Iterator[Any]:
    told: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.endpoint and event.endpoint.history and _shows_a_state(event, event.endpoint):
            told[event.endpoint.name].append(event)
    for name, seen in told.items():
        table = _observed(BY_NAME[name], seen, erased)
        if table.num_rows:
            endpoint = BY_NAME[name]
            versions = arrow.first_of_each(arrow.versions(endpoint, table), VERSION_KEY, set())
            yield merged(versions, endpoint.versions_name, VERSION_KEY, version_columns(endpoint), SEEN_ONCE)


def _shows_a_state(event: Event, endpoint: Endpoint) -> bool:
    """Only a body with everything that a version holds: a part would read as if the counters were back at nothing."""
    if event.is_deletion or event.key is None or _NUL in event.text or not event.body.get("updated_at"):
        return False
    return all(_has(event.body, path) for path in _paths(endpoint))


def _paths(endpoint: Endpoint) -> list[tuple[str, ...]]:
    """Where in a record stands what a version holds."""
    wanted = {KEY, "updated_at", *endpoint.history}
    return [column.path for column in columns_of(endpoint.record) if column.name in wanted]


def _has(value: Any, path: tuple[str, ...]) -> bool:
    """Is there something at the path, be it null? A reference that is null has no id, and says so."""
    name, *inner = path
    if not isinstance(value, dict) or name not in value:
        return False
    return not inner or value[name] is None or _has(value[name], tuple(inner))


def _observed(endpoint: Endpoint, events: Sequence[Event], erased: Ids) -> pa.Table:
    """What the bodies show as rows, each with the instant when it was received; without those that do not fit."""
    needed = {path[0] for path in _paths(endpoint)}
    bodies = [{name: event.body[name] for name in needed} for event in events]
    converted = arrow.convert(endpoint, bodies, synced_at=events[0].received_at, source="webhook")
    refused = {id(reject.record) for reject in converted.rejects}
    received = [
        event.received_at for event, body in zip(events, bodies, strict=True) if id(body) not in refused
    ]
    place = converted.table.schema.get_field_index("_synced_at")
    table = converted.table.set_column(
        place, converted.table.schema.field(place), pa.array(received, TIMESTAMP.arrow)
    )
    return without(erased, endpoint, arrow.Converted(table, [])).table
