"""A report as Markdown: for terminals, files, chats, and mail programs that show no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from salesloft_pipeline.report.model import Chart, Kind, Report, Section, Table
from salesloft_pipeline.report.words import long_day, usually, written

_BARS = "▁▂▃▄▅▆▇█"


def markdown(report: Report) -> str:
    """The text. What a cadence or a rep is called means nothing in it."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {escaped(report.title)}"
    yield ""
    if report.alarm:
        yield from (f"> **{escaped(report.alarm)}**", "")
    yield f"{escaped(report.audience_name)}. {said_of(report)}"
    yield ""
    noted = any(tile.note for tile in report.tiles)
    titles = ["", report.period, report.usual, *([""] if noted else [])]
    kinds: list[Kind] = ["text", "count", "count", "text"]
    cells = [
        [
            tile.title,
            written(tile.value, tile.kind),
            usually(tile.usual, tile.kind),
            *([tile.note] if noted else []),
        ]
        for tile in report.tiles
    ]
    yield from _grid(titles, kinds, cells)
    for sentence in report.sentences:
        yield from ("", escaped(sentence))
    for section in report.sections:
        yield from _section(section)
    yield from ("", f"Data health: {escaped(report.health)} Build {report.build_id}.")


def said_of(report: Report) -> str:
    """What holds for all numbers."""
    return f"Data through {long_day(report.data_through)}; days of {report.time_zone}."


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(section.title)}", "")
    if section.note:
        yield from (escaped(section.note), "")
    if section.chart and not section.table:
        yield from sparks(section.chart)
    elif section.table and section.table.rows:
        yield from table(section.table)
    else:
        yield escaped(section.empty)


def table(content: Table) -> Iterator[str]:
    """Lines of a table whose numbers stand to the right."""
    kinds = [column.kind for column in content.columns]
    cells = [[written(*cell) for cell in zip(row, kinds, strict=True)] for row in content.rows]
    yield from _grid([column.title for column in content.columns], kinds, cells)


def sparks(chart: Chart) -> Iterator[str]:
    """A line of small bars for each series, and its greatest value."""
    peak = max(
        (value for values in chart.series.values() for value in values if value is not None), default=0
    )
    for name, values in chart.series.items():
        bars = "".join(_bar(value, peak) for value in values)
        top = written(max((value for value in values if value is not None), default=None), chart.kind)
        yield f"- {escaped(name)} `{bars}` up to {top}"
    yield f"- {chart.labels[0]} to {chart.labels[-1]}"


def _bar(value: float | None, peak: float) -> str:
    return "·" if value is None else _BARS[round((len(_BARS) - 1) * value / peak) if peak else 0]


def _grid(titles: Sequence[str], kinds: Sequence[Kind], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    marks = [":---" if kind == "text" else "---:" for kind, _ in zip(kinds, titles, strict=False)]
    yield _row([escaped(title) for title in titles])
    yield _row(marks)
    for row in rows:
        yield _row([escaped(cell) for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Text in which nothing is markup, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))
