"""Syncs and ingestions as processes of their own, killed at chosen moments and begun again until one ends by itself."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.deliveries import assert_ingested, told_of_everybody
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

COMMAND = "from salesloft_pipeline.cli import main; main()"
SYNC = ["sync", "--only", "emails", "--json"]
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
# What lies in dlt's working folder while it copies rows beside the table, and while it merges them into it.
LOADING = ("*.parquet", "*.sql")


@dataclass(frozen=True)
class Moment:
    """Kill at the request of this number; or behind it, as soon as a load job of this kind is there."""

    request: int
    job: str | None


class Killer:
    """Kills the process `victim`, which works in `folder`, at each moment, counted over all runs."""

    def __init__(self, moments: Sequence[Moment], folder: Path) -> None:
        self._moments = sorted(moments, key=lambda moment: moment.request)
        self._folder = folder
        self.victim = 0

    def __call__(self, world: World, _request: Request) -> None:
        if self._moments and world.requests >= self._moments[0].request:
            moment = self._moments.pop(0)
            # From a thread, because the world is locked here and its victim waits for an answer.
            threading.Thread(target=self._strike, args=[self.victim, moment.job], daemon=True).start()

    def _strike(self, victim: int, job: str | None) -> None:
        tick = threading.Event()
        while victim == self.victim and job and not self._loads(job):
            tick.wait(0.002)
        if victim == self.victim:
            os.kill(victim, signal.SIGKILL)

    def _loads(self, job: str) -> bool:
        return any(self._folder.glob(f"salesloft-dlt-*/*/load/normalized/*/started_jobs/{job}"))


def moments(dice: random.Random, last: int, kills: int) -> list[Moment]:
    """Spread over a reading of `last` requests; every second one strikes a load instead of a reader."""
    numbers = sorted(dice.sample(range(5, last - 5), kills))
    return [Moment(n, dice.choice(LOADING) if i % 2 else None) for i, n in enumerate(numbers)]


@contextmanager
def started(
    code: str, arguments: Sequence[str], stage: Scene, folder: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, ended when the block is; what it says is in said.txt of the folder."""
    command = [sys.executable, "-c", code, *arguments]
    environment = stage.environment(folder, **environment)
    with (
        (folder / "said.txt").open("ab") as said,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said) as process,
    ):
        yield process


def until_done(
    code: str, arguments: Sequence[str], stage: Scene, folder: Path, **environment: str
) -> list[int]:
    """Run it as often as it takes, with the world's hook, a Killer, at its heels; the exit code of each run.

    A code that is neither death nor success ends it.
    """
    killer, codes = stage.world.before_request, list[int]()
    assert isinstance(killer, Killer)
    while not codes or codes[-1] == -signal.SIGKILL:
        with started(code, arguments, stage, folder, **environment) as process:
            killer.victim = process.pid
        killer.victim = 0
        for left in folder.glob("salesloft-dlt-*"):
            shutil.rmtree(left)
        codes.append(process.returncode)
    return codes


def syncs_survive(stage: Scene, folder: Path, struck: Sequence[Moment]) -> int:
    """`sync --only emails`, killed at these moments: every row as SalesLoft has it, and none twice. Returns how many
    kills struck: a load may be over before anybody saw it begin.
    """
    stage.world.before_request = Killer(struck, folder)
    codes = until_done(COMMAND, SYNC, stage, folder)
    assert codes[-1] == 0, (folder / "said.txt").read_text()
    assert len(codes) > sum(moment.job is None for moment in struck)
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails", "id")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    return len(codes) - 1


def ingestions_survive(stage: Scene, folder: Path, dice: random.Random, kills: int) -> int:
    """A delivery about each person waits, everybody changes, and the ingestion is killed at random moments: every
    delivery arrives once, and every person is as SalesLoft has them. Returns how many kills struck.
    """
    stage.sync("people")
    landing, deliveries = told_of_everybody(stage, folder)
    last = max(deliveries // 100, 3)
    struck = [
        Moment(stage.world.requests + dice.randint(2, last), dice.choice([None, *LOADING]))
        for _ in range(kills)
    ]
    stage.world.before_request = Killer(struck, folder)
    codes = until_done(INGEST, [], stage, folder, LANDING_URL=landing_url(stage, landing))
    assert codes[-1] == 0, (folder / "said.txt").read_text()
    assert_ingested(stage, landing, deliveries)
    assert_unique(stage.warehouse, "people_versions", "version_id")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    landing.close()
    return codes.count(-signal.SIGKILL)


def landing_url(stage: Scene, landing: Landing) -> str:
    """Where a process finds this landing."""
    return f"sqlite:///{landing.path}" if landing.path else stage.warehouse.url
