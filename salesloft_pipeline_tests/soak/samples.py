"""What is looked at while a day passes: memory and file handles of the processes, points, how far the copy is behind.

pid  ->  Sample, many times a day  ->  the life of a process, in quarters
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psutil  # type: ignore[import-untyped]

MIB = 1 << 20


@dataclass(frozen=True)
class Sample:
    """One process at one instant (UTC): resident memory in MiB, open file handles, seconds of CPU that it has used."""

    at: datetime
    name: str
    pid: int
    memory: float
    handles: int
    cpu: float = 0.0


def sample_of(at: datetime, name: str, pid: int) -> Sample | None:
    """How this process stands; None if it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            used, times = process.memory_info().rss / MIB, process.cpu_times()
            return Sample(at, name, pid, used, process.num_fds(), times.user + times.system)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return None


def longest_life(samples: Sequence[Sample], name: str) -> list[Sample]:
    """The samples of that process of this name that was looked at most often."""
    lives: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.name == name:
            lives.setdefault(sample.pid, []).append(sample)
    return max(lives.values(), key=len, default=[])


def quarters(life: Sequence[Sample], measure: str) -> tuple[float, float]:
    """The medians of the second and of the last quarter of a life."""
    figures = [float(getattr(sample, measure)) for sample in life]
    quarter = len(figures) // 4
    return statistics.median(figures[quarter : 2 * quarter]), statistics.median(figures[3 * quarter :])
