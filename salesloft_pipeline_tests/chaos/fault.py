"""A fault: what is broken on purpose, on which engine, and what has to hold afterwards.

    Fault  ->  tried(fault, engine, seed, tries)  ->  Outcome
               each try: an empty Ground and dice of its own, all drawn from the seed

What must hold is asserted by the fault itself; an exception of any kind is its failure, and its message the outcome.
"""

from __future__ import annotations

import random
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from salesloft_pipeline.ingest.report import SyncFailed
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline_tests import postgres
from salesloft_pipeline_tests.conftest import Scene, staged

Engine = Literal["duckdb", "postgres"]
BOTH: tuple[Engine, ...] = ("duckdb", "postgres")
RUNS_AT_MOST = 30


@dataclass
class Ground:
    """Where one try happens: an empty folder, an empty warehouse, and the dice that decide what is struck and when.

    server: the Postgres of the warehouse, which may be crashed; None with DuckDB. patch: undone after the try.
    """

    folder: Path
    warehouse_url: str
    dice: random.Random
    server: postgres.Mortal | None
    patch: pytest.MonkeyPatch
    opened: ExitStack = field(default_factory=ExitStack)

    def scene(self, **world: Any) -> Scene:
        """A scene with this warehouse; its world follows from the dice too. Takes the keywords of `staged`."""
        seed = self.dice.randrange(100)
        return self.opened.enter_context(staged(self.warehouse_url, **{"seed": seed, **world}))

    @property
    def landing_url(self) -> str:
        """A landing on the engine of the warehouse's kind."""
        return self.warehouse_url if self.server else f"sqlite:///{self.folder}/landing.sqlite"


@dataclass(frozen=True)
class Fault:
    """A row of the table. happens: breaks it, and returns figures by what they count; raises when something is lost."""

    name: str
    done: str
    happens: Callable[[Ground], Counter[str]]
    engines: tuple[Engine, ...] = ("duckdb",)


@dataclass(frozen=True)
class Outcome:
    """What came of so many tries of a fault. failure: what did not hold in the first that failed; None when all held."""

    fault: str
    engine: Engine
    done: str
    tries: int
    figures: Counter[str]
    failure: str | None


def tried(fault: Fault, engine: Engine, seed: int, tries: int) -> Outcome:
    """Let it happen so many times; the figures are sums. The first failure ends it."""
    figures, failure, number = Counter[str](), None, 0
    with _server(engine) as server:
        for number in range(1, tries + 1):
            try:
                with _ground(server, random.Random(f"{seed} {fault.name} {number}")) as ground:
                    figures += fault.happens(ground)
            except Exception as error:
                failure = f"try {number}: {_told(error)}"
                break
    return Outcome(fault.name, engine, fault.done, number, figures, failure)


def until_done(work: Callable[[], object], *errors: type[Exception]) -> int:
    """Call it until it ends well, as a schedule would; how often it failed before that, with an error it may have."""
    allowed = errors or (SalesloftError, SyncFailed)
    for failed in range(RUNS_AT_MOST):
        try:
            work()
        except allowed:
            continue
        return failed
    raise AssertionError(f"it failed {RUNS_AT_MOST} times in a row")


@contextmanager
def _server(engine: Engine) -> Iterator[postgres.Mortal | None]:
    if engine == "duckdb":
        yield None
    else:
        with postgres.mortal() as server:
            yield server


@contextmanager
def _ground(server: postgres.Mortal | None, dice: random.Random) -> Iterator[Ground]:
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="salesloft-chaos-"))
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        url = opened.enter_context(server.database()) if server else f"duckdb:///{folder}/warehouse.duckdb"
        # Last in, first out: whatever the fault opened is closed before the database goes.
        ground = Ground(Path(folder), url, dice, server, patch)
        with ground.opened:
            yield ground


def _told(error: Exception) -> str:
    """The message, and the line of ours that raised it."""
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "salesloft_pipeline" in frame.filename
    ]
    where = f" ({Path(ours[-1].filename).name}:{ours[-1].lineno}: {ours[-1].line})" if ours else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"
