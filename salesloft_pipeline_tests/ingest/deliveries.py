"""Deliveries as a receiver would have landed them, and an ingestion of what waits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from salesloft_pipeline.ingest.pipeline import UNLIMITED, Limits
from salesloft_pipeline.ingest.webhook_events import Ingested, ingest
from salesloft_pipeline.landing import Arrival, Landing, State
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.truth import assert_unique

RECEIVED_AT = datetime(2026, 11, 23, 15, 0, 7, tzinfo=UTC)


def landing_beside(stage: Scene, folder: Path) -> Landing:
    """A landing on the engine of the warehouse's kind: SQLite beside DuckDB, one Postgres for both."""
    return Landing(
        stage.warehouse.url if stage.warehouse.dialect == "postgres" else f"sqlite:///{folder}/landing.sqlite"
    )


def told_of_everybody(stage: Scene, folder: Path) -> tuple[Landing, int]:
    """A landing with a delivery about each person of the warehouse, who have all changed since; and how many those are."""
    landing, people = landing_beside(stage, folder), list(stage.world.truth("people"))
    landing.land([arrival("person_updated", person) for person in people])
    stage.world.advance(60)
    stage.world.touch("people", stage.world.ids("people"))
    return landing, len(people)


def assert_ingested(stage: Scene, landing: Landing, deliveries: int) -> None:
    """Of so many deliveries none waits, none was set aside, and each is in the log of events once."""
    assert counted(landing) == (0, deliveries, 0), f"pending, ingested, set aside: {counted(landing)}"
    assert len(logged(stage)) == deliveries, f"the log holds {len(logged(stage))} events of {deliveries}"
    assert_unique(stage.warehouse, "webhook_events", "event_id")


def arrival(event_type: str, body: Any, *flags: str, at: datetime = RECEIVED_AT) -> Arrival:
    """One delivery; a body that is no bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Arrival(event_type, raw, at, "main", frozenset(flags))


def ingested(stage: Scene, landing: Landing, limits: Limits = UNLIMITED) -> Ingested:
    """Everything that waits, as the next run would bring it in."""
    return ingest(stage.client(), stage.warehouse, landing, limits=limits)


def counted(landing: Landing) -> tuple[int, int, int]:
    """How many are pending, ingested and quarantined."""
    counts = landing.counts()
    return counts[State.PENDING], counts[State.INGESTED], counts[State.QUARANTINED]


def logged(stage: Scene) -> list[tuple[Any, ...]]:
    """The event log: type, resource, record and payload, in the order of receiving."""
    return stage.warehouse.query(
        "select event_type, resource, record_id, payload from raw_salesloft.webhook_events order by received_at, event_id"
    )
