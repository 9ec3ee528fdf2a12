"""From SalesLoft into the warehouse: points by size, records per CPU second, time at the budget's limit, memory.

    python -m benchmarks.extract_load                          10,000 and 100,000 emails
    SALESLOFT_FULL_SIZE=1 python -m benchmarks.extract_load    and 1,000,000

The simulator runs in this process and every contender in one of its own, so its CPU is nobody's.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.table import Row, in_turns, print_table, ratio_of
from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import connect
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline.simulator.api.exchange import Answer
from salesloft_pipeline.warehouse import Warehouse

ROOT = Path(__file__).parents[1]
AMPLE = 10_000_000
SIZES = [10_000, 100_000, *([1_000_000] if os.environ.get("SALESLOFT_FULL_SIZE") == "1" else [])]
RACE_EMAILS = 30_000
# At the limit: a team with few points whose minutes pass quickly, and emails for three of them.
QUICKLY = 8.0
POINTS_PER_MINUTE, MINUTES = 120, 3


class Replaying(World):
    """A world that stands still and gives the same answer to the same question without working it out again."""

    def __init__(self, **sizes: Any) -> None:
        super().__init__(**sizes)
        self._given: dict[tuple[str, str], Answer] = {}

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], sent: bytes = b""
    ) -> Answer:
        if (path, query) not in self._given:
            self._given[path, query] = super().answer(method, path, query, headers, sent)
        return self._given[path, query]


@dataclass(frozen=True)
class Run:
    """What one contender printed."""

    rows: int
    cpu_seconds: float
    seconds: float
    peak_mib: float


def run(name: str, url: str, folder: Path) -> Run:
    """One contender, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.contenders", name, url, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def scene(world: World) -> Iterator[tuple[str, Path]]:
    """The world's address and a folder for what is made of it."""
    with tempfile.TemporaryDirectory() as folder, running(world) as url:
        yield url, Path(folder)


def by_size() -> list[Row]:
    """A first sync of each size, and one after 2 % changed: points, and memory."""
    cold, later, peak = {}, {}, {}
    for emails in SIZES:
        world = World(people=max(emails // 50, 100), emails=emails, days=1_000, cost_per_minute=AMPLE)
        with scene(world) as (url, folder):
            first = run("ours", url, folder)
            cold[emails], peak[emails] = 100 * world.points_spent / first.rows, first.peak_mib
            changed, before = world.ids("emails")[: emails // 50], world.points_spent
            world.advance(60)
            world.touch("emails", changed)
            run("ours", url, folder)
            later[emails] = 100 * (world.points_spent - before) / len(changed)
    small, large = SIZES[0], SIZES[-1]
    return [
        Row(
            f"points per 100 rows, {large:,} emails, first sync",
            cold[large],
            # A page repeats the record that the last one ended with, and each of 48 slices ends in part of a page.
            "<= 1.02" if large > 100_000 else "<= 1.05",
            _listed(cold, ".3f"),
        ),
        Row("the same: largest size / smallest", cold[large] / cold[small], "<= 1.02", "flat in size"),
        Row(
            f"points per 100 rows, {large:,} emails, 2 % changed",
            later[large],
            "<= 1.5",
            _listed(later, ".2f"),
        ),
        Row(
            f"peak memory of a first sync, {large:,} emails / {SIZES[-2]:,}",
            peak[large] / peak[SIZES[-2]],
            "<= 1.1" if large > 100_000 else "",
            _listed(peak, ".0f", " MiB"),
        ),
    ]


def race() -> list[Row]:
    """Records per CPU second, all three in turns on the same answers."""
    world = Replaying(people=1_000, emails=RACE_EMAILS, days=300, cost_per_minute=AMPLE)
    with scene(world) as (url, _):

        def rate(name: str) -> float:
            with tempfile.TemporaryDirectory() as folder:
                done = run(name, url, Path(folder))
            assert done.rows == len(world.ids("emails"))
            return done.rows / done.cpu_seconds

        names = ("ours", "dlt", "floor")
        for name in names:
            rate(name)  # What is asked for the first time has to be worked out.
        found = in_turns({name: partial(rate, name) for name in names})
    told = ", ".join(f"{name} {statistics.median(rates):,.0f}" for name, rates in found.items())
    return [
        Row("records per CPU second: ours / floor", ratio_of(found, "ours", "floor"), ">= 0.6", told),
        Row(
            "records per CPU second: ours / plain dlt",
            ratio_of(found, "ours", "dlt"),
            ">= 2",
            "dicts, merged by id",
        ),
    ]


def at_the_limit() -> list[Row]:
    """A sync that has to wait for points, against the minutes that the points alone take, from a minute's beginning."""
    began = time.time()
    first_minute = math.ceil(began / 60) * 60

    def clock() -> float:
        return first_minute + (time.time() - began) * QUICKLY

    world = World(
        people=500, emails=POINTS_PER_MINUTE * MINUTES * 100, days=300, cost_per_minute=POINTS_PER_MINUTE
    )
    began = time.time()
    world.budget.clock = clock
    budget = Budget(POINTS_PER_MINUTE, 1.0, clock=clock, sleep=lambda seconds: time.sleep(seconds / QUICKLY))
    with scene(world) as (url, folder):
        sync(
            connect(url, ApiKey(DEMO_KEY), budget),
            Warehouse(f"duckdb:///{folder}/ours.duckdb"),
            endpoints=[BY_NAME["emails"]],
        )
        seconds = clock() - first_minute
    limit = 60 * (math.ceil(world.points_spent / POINTS_PER_MINUTE) - 1)
    return [
        Row(
            "time of a sync at the budget's limit / the limit",
            seconds / limit,
            "<= 1.1",
            f"{world.points_spent} points at {POINTS_PER_MINUTE} a minute: {seconds:.0f} s against {limit} s",
        )
    ]


def _listed(values: Mapping[int, float], form: str, unit: str = "") -> str:
    return ", ".join(f"{size:,}: {value:{form}}{unit}" for size, value in values.items())


def measure() -> list[Row]:
    """All of them."""
    return [*by_size(), *race(), *at_the_limit()]


if __name__ == "__main__":
    print_table(measure())
