"""An ingestion that dies or finds nobody at the other end: every delivery arrives in the end, and none twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline_tests.conftest import FULL_SIZE, Scene, sized
from salesloft_pipeline_tests.ingest.deliveries import (
    arrival,
    counted,
    ingested,
    landing_beside,
    logged,
)
from salesloft_pipeline_tests.ingest.test_kill import LOADING, Killer, Moment
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.stand import SECRET, serving
from salesloft_pipeline_tests.simulator.receiving import subscribe

PEOPLE = sized(400, 6_000)
KILLS = sized(2, 12)
# The small chunks let a death fall between two of them, too.
INGEST = """
from salesloft_pipeline import connections
from salesloft_pipeline.ingest import webhook_events
from salesloft_pipeline.settings import load_settings
webhook_events.CHUNK_ROWS = 100
settings = load_settings()
made = [make(settings) for make in (connections.salesloft, connections.warehouse, connections.landing)]
webhook_events.ingest(*made)
"""
ENGINES = ["duckdb", "postgres"] if FULL_SIZE else ["duckdb"]


def killed_until_done(stage: Scene, landing_url: str, killer: Killer, folder: Path) -> list[int]:
    """Ingest as often as it takes; the exit code of each process."""
    environment = stage.environment(folder, LANDING_URL=landing_url)
    codes: list[int] = []
    while not codes or codes[-1] == -signal.SIGKILL:
        with subprocess.Popen([sys.executable, "-c", INGEST], cwd=folder, env=environment) as process:
            killer.victim = process.pid
        killer.victim = 0
        codes.append(process.returncode)
    return codes


@pytest.mark.parametrize("warehouse_url", ENGINES, indirect=True)
def test_killed_ingestions_lose_and_double_nothing(scene: Callable[..., Scene], tmp_path: Path) -> None:
    """kill -9 while it asks and while it loads: the next one ends with every delivery, and every person as told."""
    stage = scene(people=PEOPLE, emails=20)
    stage.sync("people")
    landing, people = landing_beside(stage, tmp_path), list(stage.world.truth("people"))
    landing.land([arrival("person_updated", person) for person in people])
    stage.world.advance(60)
    stage.world.touch("people", stage.world.ids("people"))
    dice, last = random.Random(20261125), PEOPLE // 100
    moments = [
        Moment(stage.world.requests + dice.randint(2, last), dice.choice([None, *LOADING]))
        for _ in range(KILLS)
    ]
    stage.world.before_request = killer = Killer(moments, tmp_path)
    url = stage.warehouse.url if stage.warehouse.dialect == "postgres" else f"sqlite:///{landing.path}"
    codes = killed_until_done(stage, url, killer, tmp_path)
    assert codes[-1] == 0
    assert -signal.SIGKILL in codes
    assert counted(landing) == (0, PEOPLE, 0)
    assert len(logged(stage)) == PEOPLE
    assert_unique(stage.warehouse, "webhook_events", "event_id")
    assert_unique(stage.warehouse, "people_versions", "version_id")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    landing.close()


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
