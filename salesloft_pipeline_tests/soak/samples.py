"""What is looked at while a day passes: memory and file handles of the processes, points, how far the copy is behind.

pid  ->  Sample, many times a day  ->  the longest life of a process, once it is warm  ->  what it holds at least
"""

from __future__ import annotations

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
    cpu: float


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


def warm(life: Sequence[Sample], seconds: float) -> list[Sample]:
    """The part of a life after so many seconds of CPU, which a busy machine does not shorten."""
    return [sample for sample in life if sample.cpu >= seconds]


def floors(life: Sequence[Sample], measure: str) -> tuple[float, float]:
    """The least of the second quarter of a life, and of the last: what is held between one piece of work and the next."""
    figures = [float(getattr(sample, measure)) for sample in life]
    quarter = len(figures) // 4
    return min(figures[quarter : 2 * quarter]), min(figures[3 * quarter :])
