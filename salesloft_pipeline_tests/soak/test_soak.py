"""A short simulated day holds, and what a long one looks for would be found."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline_tests.conftest import FULL_SIZE
from salesloft_pipeline_tests.soak.bounds import growth, points
from salesloft_pipeline_tests.soak.checks import checked, peaks_of_runs
from salesloft_pipeline_tests.soak.day import live_through
from salesloft_pipeline_tests.soak.lapse import Lapse
from salesloft_pipeline_tests.soak.meter import Meter
from salesloft_pipeline_tests.soak.page import draw, table
from salesloft_pipeline_tests.soak.place import BEGAN, Size, place
from salesloft_pipeline_tests.soak.samples import Sample, longest_life
from salesloft_pipeline_tests.soak.yours import PEAK_MIB

ASKED = (
    "from salesloft_pipeline_tests.soak.lapse import live; live(); import time; from datetime import datetime, UTC; "
    "began = datetime.now(UTC); time.sleep(60); print(began.isoformat(), datetime.now(UTC).isoformat())"
)


def test_processes_go_by_one_clock() -> None:
    """What a process calls now lies between what we called so before and after; its minute passes as fast."""
    lapse = Lapse.from_now(BEGAN, 6_000)
    before = lapse.now()
    said = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **lapse.environment()},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    began, ended = map(datetime.fromisoformat, said)
    assert before < began < ended < lapse.now()
    assert ended - began >= timedelta(minutes=1)


def a_day(*lives: list[tuple[float, int]], paid: dict[int, int] | None = None) -> Any:
    """As much of a day as the checks of growth and points look at: memory and handles of each life of the daemon."""
    meter = Meter(60)
    meter.paid.update(paid or {int(BEGAN.timestamp() // 60): 1})
    at = [BEGAN + timedelta(minutes=n) for n in range(100)]
    samples = [
        Sample(at[n], name, pid, *figures, cpu=10.0 * n)
        for name in ("daemon", "receiver")
        for pid, life in enumerate(lives or [[(100.0, 10)] * 80])
        for n, figures in enumerate(life)
    ]
    here = SimpleNamespace(meter=meter, size=Size(), world=SimpleNamespace(log=[]))
    return SimpleNamespace(samples=samples, place=here, hours=24.0, end=BEGAN + timedelta(days=1))


def held(checks: Any) -> list[bool]:
    return [check.held for check in checks]


def test_a_leak_is_found() -> None:
    """Of memory, of handles; not what a process takes at its beginning or for a while, nor what a restart gives back."""
    flat = [(100.0, 10)] * 80
    assert held(growth(a_day(flat))) == [True] * 4
    assert held(growth(a_day([(40.0, 4)] * 3 + flat))) == [True] * 4
    assert held(growth(a_day([(100.0 + n, 10) for n in range(80)]))) == [False, True] * 2
    assert held(growth(a_day([(100.0, 10 + n // 5) for n in range(80)]))) == [True, False] * 2
    assert held(growth(a_day([(100.0, 10 + n * (n % 3)) for n in range(80)]))) == [True] * 4
    assert held(growth(a_day([(90.0, 9)] * 60, flat))) == [True] * 4
    assert held(growth(a_day([(100.0 + n, 10 + n) for n in range(30)]))) == []


@dg.job
def job_of_peaks() -> None:
    """Does nothing."""


def test_a_job_that_needs_more_and_more_memory_is_found() -> None:
    """By what its processes held at most; one greedy run in the morning allows for the same later."""

    def verdict(*peaks: int) -> bool:
        with dg.DagsterInstance.ephemeral() as instance:
            for peak in peaks:
                job_of_peaks.execute_in_process(instance=instance, tags={PEAK_MIB: str(peak)})
            day: Any = SimpleNamespace(place=SimpleNamespace(instance=lambda: nullcontext(instance)))
            return held([peaks_of_runs(day)]) == [True]

    assert verdict(300, 305, 310, 320)
    assert verdict(300, 500, 300, 500)
    assert not verdict(300, 340, 380, 430)
    assert not verdict(300, 310, 300, 600)
    assert verdict(300, 600)


def test_the_longest_life_is_judged() -> None:
    """By its own samples alone."""
    day = a_day([(1.0, 1)] * 8, [(2.0, 2)] * 12, [(3.0, 3)] * 10)
    assert {sample.pid for sample in longest_life(day.samples, "daemon")} == {1}


def test_a_point_too_many_is_found() -> None:
    """In a minute; the last round, which comes after the day, is not counted."""
    minute = int(BEGAN.timestamp() // 60)
    assert held(points(a_day(paid={minute: 48}))) == [True, True]
    assert held(points(a_day(paid={minute: 49}))) == [False, True]
    assert held(points(a_day(paid={minute: 48, minute + 1440: 60}))) == [True, True]


@pytest.mark.skipif(not FULL_SIZE, reason="a life of two processes takes more than the suite has: make soak")
def test_an_hour_of_full_life_holds(tmp_path: Path) -> None:
    """All that is asked of a day, of one hour; and a row that is tampered with is found."""
    with place(Size(people=60, emails=300), speed=100) as here:
        day = live_through(here, hours=1, seed=1)
        found = checked(day)
        assert not [check for check in found if not check.held], table(found)
        draw(day, tmp_path / "day.png")
        here.warehouse.execute(
            "update raw_salesloft.people set title = 'Planted' where id = (select min(id) from raw_salesloft.people)"
        )
        here.warehouse.execute("update mart.daily_engagement set emails_sent = emails_sent + 1")
        assert [check.what for check in checked(day) if not check.held] == [
            "every raw table equals SalesLoft, field by field",
            "daily_engagement equals a second count out of SalesLoft",
        ]
