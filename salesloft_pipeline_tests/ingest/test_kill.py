"""A sync that is killed again and again still ends with every row, once, and pays little for it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline_tests.conftest import FULL_SIZE, Scene, both_engines, sized
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

EMAILS = sized(7_000, 100_000)
KILLS = sized(2, 5)
# A kill loses at most one round of reading: 5,000 rows, and a page or two to find the place again.
POINTS_A_KILL = 53
COMMAND = "from salesloft_pipeline.cli import main; main()"


# What lies in dlt's working folder while it copies rows beside the table, and while it merges them into it.
LOADING = ("*.parquet", "*.sql")


@dataclass(frozen=True)
class Moment:
    """Kill at the request of this number; or behind it, as soon as a load job of this kind is there."""

    request: int
    job: str | None


class Killer:
    """Kills the process `victim`, which works in `folder`, at each moment, counted over all runs."""

    def __init__(self, moments: list[Moment], folder: Path) -> None:
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


def random_moments(seed: int) -> list[Moment]:
    """Spread over the whole reading; every second one strikes a load instead of a reader."""
    dice = random.Random(seed)
    numbers = sorted(dice.sample(range(5, EMAILS // 100 - 5), KILLS))
    return [Moment(n, dice.choice(LOADING) if i % 2 else None) for i, n in enumerate(numbers)]


@contextmanager
def syncing(stage: Scene, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`salesloft-pipeline sync --only emails` as a process of its own."""
    environment = stage.environment(folder)
    command = [sys.executable, "-c", COMMAND, "sync", "--only", "emails", "--json"]
    with (
        (folder / "said.txt").open("ab") as said,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said) as process,
    ):
        yield process


def run_until_done(stage: Scene, killer: Killer, folder: Path) -> list[int]:
    """Sync as often as it takes; the exit code of each run. A code that is neither death nor success ends it."""
    codes: list[int] = []
    while not codes or codes[-1] == -signal.SIGKILL:
        with syncing(stage, folder) as process:
            killer.victim = process.pid
        killer.victim = 0
        for left in folder.glob("salesloft-dlt-*"):
            shutil.rmtree(left)
        codes.append(process.returncode)
    return codes


@both_engines
@pytest.mark.parametrize("seed", [20261123])
def test_killed_syncs_lose_and_double_nothing(scene: Callable[..., Scene], tmp_path: Path, seed: int) -> None:
    """kill -9 while reading and while loading: every row as SalesLoft has it, and at most a round paid twice."""
    stage = scene(people=sized(200, 2_000), emails=EMAILS, days=120)
    stage.world.before_request = killer = Killer(random_moments(seed), tmp_path)
    codes = run_until_done(stage, killer, tmp_path)
    assert codes == [-signal.SIGKILL] * KILLS + [0], (tmp_path / "said.txt").read_text()
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails", "id")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    assert stage.world.points_spent <= EMAILS / 99 + 2 + POINTS_A_KILL * KILLS
    if FULL_SIZE:
        assert stage.world.points_spent < 1.5 * EMAILS / 100
