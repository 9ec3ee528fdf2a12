"""Charts as PNG pictures, one for light screens and one for dark ones: most mail programs show nothing else.

Chart  ->  matplotlib, without its global state  ->  bytes, the same for the same chart
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesloft_pipeline.report.model import Chart, Report
from salesloft_pipeline.report.words import written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THEMES = ("light", "dark")
# Of the dashboard: the card, writing, lines, what has not matured, then the hues of the series.
_COLOURS = {
    "light": (
        "#ffffff",
        "#6b6862",
        "#e5e2da",
        "#f1eee7",
        "#0b6e69",
        "#d98a4e",
        "#4a5fa5",
        "#8a6d1f",
        "#8a3b6b",
        "#4d7a34",
    ),
    "dark": (
        "#1d1d1a",
        "#a3a098",
        "#34332f",
        "#272622",
        "#4fb9b0",
        "#e39255",
        "#93a6e8",
        "#d5b65c",
        "#d58bb6",
        "#94c377",
    ),
}
# A hundred pixels of the mail to an inch, drawn twice as fine for today's screens.
_INCHES, _DPI = (5.44, 2.0), 200
_LABELS = 7


@dataclass(frozen=True)
class Picture:
    """One drawing of a section's chart: `name` is told apart by section and theme."""

    name: str
    png: bytes


def pictures_of(report: Report) -> Iterator[Picture]:
    """Each chart of a report, once a theme."""
    for number, section in enumerate(report.sections):
        if section.chart:
            for theme in THEMES:
                yield Picture(f"{number}-{theme}", draw(section.chart, theme))


def draw(chart: Chart, theme: str) -> bytes:
    """A PNG without anything that changes from one drawing to the next."""
    # Here, because its import looks for the fonts of the machine and keeps what it found in a file.
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    card, ink, line, wash, *hues = _COLOURS[theme]
    figure = Figure(
        figsize=_INCHES, dpi=_DPI, facecolor=card, layout=ConstrainedLayoutEngine(w_pad=0, h_pad=0.02)
    )
    axes: Axes = figure.add_subplot(facecolor=card)
    (_lines if chart.form == "lines" else _stack)(axes, chart, hues)
    if chart.maturing:
        last = len(chart.labels) - 1
        axes.axvspan(last - chart.maturing + 0.5, last + 0.5, color=wash, linewidth=0, zorder=0)
    _dress(axes, chart, ink, line)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _lines(axes: Axes, chart: Chart, hues: list[str]) -> None:
    for place, (name, values) in enumerate(chart.series.items()):
        known = [float("nan") if value is None else value for value in values]
        hue = hues[place % len(hues)]
        axes.plot(known, color=hue, linewidth=1.8, label=name, marker="o", markersize=2.6, clip_on=False)
    axes.set_xlim(-0.5, len(chart.labels) - 0.5)
    axes.set_ylim(bottom=0)


def _stack(axes: Axes, chart: Chart, hues: list[str]) -> None:
    floor = [0.0] * len(chart.labels)
    for (name, values), hue in zip(chart.series.items(), hues, strict=False):
        heights = [float(value or 0) for value in values]
        axes.bar(range(len(heights)), heights, 0.72, floor, color=hue, linewidth=0, label=name)
        floor = [below + height for below, height in zip(floor, heights, strict=True)]


def _dress(axes: Axes, chart: Chart, ink: str, line: str) -> None:
    """Writing and lines: few, thin, and none that is not needed to read a value."""
    font: dict[str, Any] = {"family": "DejaVu Sans", "size": 7.5}
    step = -(-len(chart.labels) // _LABELS)
    # The newest is always labelled.
    places = list(range(len(chart.labels) - 1, -1, -step))[::-1]
    axes.set_xticks(places, [chart.labels[place] for place in places], fontdict=font)
    axes.locator_params(axis="y", nbins=4, integer=chart.kind == "count")
    axes.yaxis.set_major_formatter(lambda value, _: written(float(value), chart.kind))
    for label in axes.get_yticklabels():
        label.set(**font)
    axes.tick_params(colors=ink, length=0, pad=4)
    axes.grid(axis="y", color=line, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=line)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1), ncols=4, frameon=False, labelcolor=ink, prop=font,
        handlelength=1, handleheight=0.7, columnspacing=1.2, handletextpad=0.5, borderaxespad=0.2,
    )  # fmt: skip
