"""What many tests need: a simulated SalesLoft on a loopback port, an empty warehouse, and a time that never sleeps.

    world  ->  its API on 127.0.0.1  ->  the code under test  ->  a warehouse: a DuckDB file in tmp_path,
                                     scene: all of these in one   and with @both_engines a Postgres database too

TEST_POSTGRES_URL names a server to use (its user may create databases); else each process starts its own.
SALESLOFT_FULL_SIZE=1 runs the tests whose promise names a size at that size (minutes instead of seconds).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import settings

from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.ingest.report import SyncReport
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS
from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests import postgres

if TYPE_CHECKING:
    from salesloft_pipeline_tests.house import House

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
AMPLE = 1_000_000
FULL_SIZE = os.environ.get("SALESLOFT_FULL_SIZE") == "1"

# How long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

both_engines = pytest.mark.parametrize("warehouse_url", ["duckdb", "postgres"], indirect=True)


def pytest_collection_finish() -> None:
    """Nothing that is there by now goes before the end: who collects garbage need not look through it each time."""
    gc.collect()
    gc.freeze()


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

    def environment(self, folder: Path, **more: str) -> dict[str, str]:
        """That of a process of its own, which writes what is temporary into the folder; `more` goes on top."""
        return {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "TMPDIR": str(folder),
            "SALESLOFT_API_KEY": DEMO_KEY,
            "SALESLOFT_API_URL": self.url,
            "SALESLOFT_COST_PER_MINUTE": str(AMPLE),
            "WAREHOUSE_URL": self.warehouse.url,
            **more,
        }

    def asked(self, name: str) -> int:
        """How many requests named this resource so far."""
        return self.world.requests_by_resource[name]


@contextmanager
def staged(warehouse_url: str, *, people: int = 60, emails: int = 300, **world: Any) -> Iterator[Scene]:
    """A scene with its warehouse at this URL; further keywords are the world's."""
    time = FakeTime()
    stage = World(people, emails, **{"days": 60, "seed": 1, "now": NOW, "cost_per_minute": AMPLE, **world})
    stage.budget.clock = time.clock
    with running(stage) as url:
        yield Scene(stage, url, Warehouse(warehouse_url), time)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """DuckDB works with one thread: of so few rows the others get none, and look for work at the price of a third more."""
    connect = duckdb.connect

    def connected(*where: Any, config: dict[str, Any] | None = None, **options: Any) -> Any:
        return connect(*where, config={"threads": 1, **(config or {})}, **options)

    with pytest.MonkeyPatch.context() as patch:
        if not FULL_SIZE:
            patch.setattr(duckdb, "connect", connected)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The server of this process; it starts with the first test that asks."""
    given = os.environ.get("TEST_POSTGRES_URL")
    with nullcontext(given) if given else postgres.running() as url:
        yield postgres.Server(url)


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """An empty database of the test's own."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def warehouse_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty warehouse: a DuckDB file that is not there yet, or with @both_engines each engine in turn."""
    if getattr(request, "param", "duckdb") == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"duckdb:///{tmp_path}/warehouse.duckdb"


@pytest.fixture
def scene(warehouse_url: str) -> Iterator[Callable[..., Scene]]:
    """Makes the test's scene; takes the keywords of `staged`."""
    with ExitStack() as stack:
        yield lambda **world: stack.enter_context(staged(warehouse_url, **world))


@pytest.fixture
def house(scene: Callable[..., Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A scene with a Dagster instance."""
    from salesloft_pipeline_tests.house import kept  # imports Dagster, which most tests need not wait for

    with kept(scene(), tmp_path, monkeypatch) as house:
        yield house


def sized(small: int, full: int) -> int:
    """The size to test at: `full` is the one the promise names."""
    return full if FULL_SIZE else small
