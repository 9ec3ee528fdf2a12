"""A day as a table, a picture and a page of the documentation.

Day, checks  ->  printed  ->  docs/soak.md and docs/images/soak.png
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, date2num
from matplotlib.figure import Figure

from benchmarks.table import machine
from salesloft_pipeline_tests.soak.check import Check
from salesloft_pipeline_tests.soak.day import Day
from salesloft_pipeline_tests.soak.place import BEGAN

_STYLE = {"daemon": "tab:blue", "receiver": "tab:orange"}
_HEAD = """\
<!-- Written by `make soak ARGS="--write docs/soak.md"`. -->

# A day in the life

{what}

{machine}

{table}

![Points, lag, memory and file handles over the day]({picture})

Vertical lines are kills (`kill -9`) of the daemon (blue) and the receiver (orange).

## What is real, and what is compressed

{how}
"""


def table(checks: Sequence[Check]) -> str:
    """The checks as a table that reads well as text too."""
    rows = [(check.what, "yes" if check.held else "NO", check.detail.replace("|", "/")) for check in checks]
    lines = [("what", "held", "figures"), ("---", "---", "---"), *rows]
    return "\n".join("| " + " | ".join(cells).replace("\n", " ") + " |" for cells in lines)


def write(day: Day, checks: Sequence[Check], how: str, page: Path) -> None:
    """The page, and its picture in the folder `images` beside it."""
    picture = page.parent / "images" / f"{page.stem}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    draw(day, picture)
    what = (
        f"{day.hours:g} simulated hours at {day.place.lapse.speed:g} times the speed, of a team with "
        f"{day.place.size.people} people and {day.place.size.emails:,} emails in its past (seed {day.place.size.seed})."
    )
    where = Path(os.path.relpath(picture, page.parent)).as_posix()
    text = _HEAD.format(what=what, machine=machine(), table=table(checks), picture=where, how=how)
    page.write_text(text)


def draw(day: Day, target: Path) -> None:
    """Four plots over the simulated day, below each other."""
    with mpl.rc_context({"font.size": 8, "axes.grid": True, "grid.alpha": 0.3}):
        figure = Figure(figsize=(9, 9), layout="constrained")
        points, lag, memory, handles = figure.subplots(4, sharex=True)
        _points(day, points)
        _lag(day, lag)
        _processes(day, memory, "memory", "MiB of memory")
        _processes(day, handles, "handles", "file handles")
        for axes in (points, lag, memory, handles):
            for at, name in day.kills:
                axes.axvline(_place(at), color=_STYLE[name], linewidth=0.8, linestyle=":")
            axes.set_ylim(bottom=0)
        handles.xaxis.set_major_formatter(DateFormatter("%H:%M", tz=UTC))  # type: ignore[no-untyped-call]
        handles.set_xlabel("simulated time, UTC")
        figure.savefig(target, dpi=110, metadata={"Software": None})


def _place(at: datetime) -> float:
    return float(date2num(at))  # type: ignore[no-untyped-call]


def _points(day: Day, axes: Axes) -> None:
    first, size = BEGAN.timestamp() // 60, day.place.size
    paid = [(minute, points) for minute, points in day.place.meter.paid.items() if minute >= first]
    times = [_place(datetime.fromtimestamp(60 * minute, UTC)) for minute, _ in paid]
    axes.vlines(times, 0, [points for _, points in paid], color="tab:green", linewidth=0.5)
    axes.axhline(size.points_per_minute * size.share, color="tab:red", linewidth=1, label="our share")
    axes.axhline(size.points_per_minute, color="black", linewidth=1, label="the team's")
    axes.set_ylabel("points in a minute")
    axes.legend(loc="upper right", ncols=2)


def _lag(day: Day, axes: Axes) -> None:
    times = [_place(at) for at, _, _ in day.behind]
    axes.plot(times, [raw / 60 for _, raw, _ in day.behind], label="raw tables", linewidth=1)
    axes.plot(times, [mart / 60 for _, _, mart in day.behind], label="mart", linewidth=1)
    axes.set_ylabel("minutes behind SalesLoft")
    axes.legend(loc="upper right", ncols=2)


def _processes(day: Day, axes: Axes, measure: str, label: str) -> None:
    for name, color in _STYLE.items():
        lives = dict.fromkeys(sample.pid for sample in day.samples if sample.name == name)
        for number, pid in enumerate(lives):
            life = [sample for sample in day.samples if sample.pid == pid]
            values = [getattr(sample, measure) for sample in life]
            shown = name if number == 0 else None
            axes.plot([_place(sample.at) for sample in life], values, color=color, linewidth=1, label=shown)
    axes.set_ylabel(label)
    axes.legend(loc="upper right", ncols=2)
