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
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
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

Dotted lines are kills (`kill -9`) of the daemon (blue) and the receiver (orange). The day before, everything was read
once; that is why the copy begins a day behind.

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
    with mpl.rc_context({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "axes.titlelocation": "left"}):
        figure = Figure(figsize=(10, 10), layout="constrained")
        points, lag, memory, handles = figure.subplots(4, sharex=True)
        _points(day, points)
        _lag(day, lag)
        _processes(day, memory, "memory", "Memory of the processes, MiB")
        _processes(day, handles, "handles", "File handles of the processes")
        for axes in (points, lag, memory, handles):
            for at, name in day.kills:
                axes.axvline(_place(at), color=_STYLE[name], linewidth=1, linestyle=":", zorder=0)
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, borderaxespad=0.2)
        handles.set_xlim(_place(BEGAN), _place(day.end))
        handles.xaxis.set_major_locator(AutoDateLocator(tz=UTC, interval_multiples=True, maxticks=13))  # type: ignore[no-untyped-call]
        handles.xaxis.set_major_formatter(DateFormatter("%H:%M", tz=UTC))  # type: ignore[no-untyped-call]
        handles.set_xlabel("simulated time, UTC; dotted lines: kill -9")
        figure.savefig(target, dpi=110, metadata={"Software": None})


def _place(at: datetime) -> float:
    return float(date2num(at))  # type: ignore[no-untyped-call]


def _points(day: Day, axes: Axes) -> None:
    first, size = BEGAN.timestamp() // 60, day.place.size
    paid = [(minute, points) for minute, points in day.place.meter.paid.items() if minute >= first]
    times = [_place(datetime.fromtimestamp(60 * minute, UTC)) for minute, _ in paid]
    axes.vlines(times, 0, [points for _, points in paid], color="tab:green", linewidth=0.8, label="used")
    axes.axhline(size.points_per_minute * size.share, color="tab:red", linewidth=1, label="our share")
    axes.axhline(size.points_per_minute, color="black", linewidth=1, label="the team's")
    axes.set_title("Points in a minute")
    axes.set_ylim(0, size.points_per_minute * 1.05)


def _lag(day: Day, axes: Axes) -> None:
    """By a scale on which minutes and the day after the first load can both be read."""
    times = [_place(at) for at, _, _ in day.behind]
    raw, mart = [raw for _, raw, _ in day.behind], [mart for _, _, mart in day.behind]
    for seconds, name, color in ((mart, "mart", "tab:purple"), (raw, "raw tables", "tab:green")):
        minutes = [max(each / 60, 1) for each in seconds]
        axes.plot(times, minutes, label=name, linewidth=1, color=color)
    axes.set_yscale("log")
    axes.set_yticks([1, 10, 60, 600], ["1 min", "10 min", "1 h", "10 h"])
    axes.set_title("Behind SalesLoft")


def _processes(day: Day, axes: Axes, measure: str, title: str) -> None:
    for name, color in _STYLE.items():
        lives = dict.fromkeys(sample.pid for sample in day.samples if sample.name == name)
        for number, pid in enumerate(lives):
            life = [sample for sample in day.samples if sample.pid == pid]
            values = [getattr(sample, measure) for sample in life]
            shown = name if number == 0 else None
            axes.plot([_place(sample.at) for sample in life], values, color=color, linewidth=1.2, label=shown)
    axes.set_title(title)
    axes.set_ylim(bottom=0)
