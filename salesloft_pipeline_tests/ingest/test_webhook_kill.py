"""An ingestion that dies or finds nobody at the other end: every delivery arrives in the end, and none twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline_tests.conftest import FULL_SIZE, Scene, sized
from salesloft_pipeline_tests.ingest.deliveries import counted, ingested, landing_beside, logged
from salesloft_pipeline_tests.ingest.killed import ingestions_survive
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.stand import SECRET, serving
from salesloft_pipeline_tests.simulator.receiving import subscribe

PEOPLE = sized(400, 6_000)
KILLS = sized(2, 12)
ENGINES = ["duckdb", "postgres"] if FULL_SIZE else ["duckdb"]


@pytest.mark.parametrize("warehouse_url", ENGINES, indirect=True)
def test_killed_ingestions_lose_and_double_nothing(scene: Callable[..., Scene], tmp_path: Path) -> None:
    """kill -9 while it asks and while it loads: the next one ends with every delivery, and every person as told."""
    stage = scene(people=PEOPLE, emails=20)
    assert ingestions_survive(stage, tmp_path, random.Random(20261125), KILLS)


def test_an_hour_without_salesloft(scene: Callable[..., Scene], tmp_path: Path) -> None:
    """Deliveries go on landing, every try of the ingestion fails; then all arrive, each once."""
    stage = scene(people=40, emails=20)
    stage.sync("people")
    landing = landing_beside(stage, tmp_path)
    with serving(landing) as receiver:
        subscribe(stage.world, "person_updated", receiver.url, token=SECRET)
        stage.world.switch(webhook_duplicates=0.3)
        stage.world.fault("status", times=1_000_000, status=503)
        for minute in range(0, 60, 5):
            stage.world.touch("people", stage.world.ids("people")[:minute])
            stage.world.advance(5 * 60)
            assert stage.world.deliver()["failed"] == 0
            if landing.pending_count(1):
                with pytest.raises(SalesloftError):
                    ingested(stage, landing)
        waiting = counted(landing)[0]
        assert waiting >= 300
        stage.world.clear()
        done = ingested(stage, landing)
    assert done.events.total() == waiting == len(logged(stage))
    assert counted(landing) == (0, waiting, 0)
    assert_unique(stage.warehouse, "webhook_events", "event_id")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    landing.close()
