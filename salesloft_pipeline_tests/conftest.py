"""What many tests need: a simulated SalesLoft on a loopback port, an empty warehouse, and a time that never sleeps.

    world  ->  its API on 127.0.0.1  ->  the code under test  ->  a DuckDB file in tmp_path
                                     scene: all of these in one

SALESLOFT_FULL_SIZE=1 runs the tests whose promise names a size at that size (minutes instead of seconds).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.ingest.report import SyncReport
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS
from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline.warehouse import Warehouse

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
AMPLE = 1_000_000
FULL_SIZE = os.environ.get("SALESLOFT_FULL_SIZE") == "1"


class FakeTime:
    """Seconds since 1970 that pass only when somebody sleeps; `slept` lists for how long."""

    def __init__(self) -> None:
        self.seconds = NOW.timestamp()
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Scene:
    """A world, its API at `url`, a warehouse, and the time that the client's waits take."""

    world: World
    url: str
    warehouse: Warehouse
    time: FakeTime

    def client(self, key: str = DEMO_KEY, points_per_minute: int = AMPLE) -> SalesloftClient:
        """A client as the next process would make it, with a budget of its own."""
        budget = Budget(points_per_minute, 1.0, clock=self.time.clock, sleep=self.time.sleep)
        return connect(self.url, ApiKey(key), budget)

    def sync(self, *names: str, **options: Any) -> SyncReport:
        """Sync the named resources, or all."""
        endpoints = [BY_NAME[name] for name in names] or ENDPOINTS
        return sync(self.client(), self.warehouse, endpoints=endpoints, **options)

    def asked(self, name: str) -> int:
        """How many requests named this resource so far."""
        return self.world.requests_by_resource[name]


@contextmanager
def staged(folder: Path, *, people: int = 60, emails: int = 300, **world: Any) -> Iterator[Scene]:
    """A scene whose warehouse lies in `folder`; further keywords are the world's."""
    time = FakeTime()
    stage = World(people, emails, **{"days": 60, "seed": 1, "now": NOW, "cost_per_minute": AMPLE, **world})
    stage.budget.clock = time.clock
    with running(stage) as url:
        yield Scene(stage, url, Warehouse(f"duckdb:///{folder}/warehouse.duckdb"), time)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Makes the test's scene; takes the keywords of `staged`."""
    with ExitStack() as stack:
        yield lambda **world: stack.enter_context(staged(tmp_path, **world))


def sized(small: int, full: int) -> int:
    """The size to test at: `full` is the one the promise names."""
    return full if FULL_SIZE else small
