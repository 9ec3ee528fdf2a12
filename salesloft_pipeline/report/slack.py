"""A report in Slack, by an incoming webhook: what fits into blocks, without pictures.

Report  ->  blocks  ->  POST  ->  ok
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from salesloft_pipeline.report.frames import ReportError
from salesloft_pipeline.report.markdown import said_of, sparks
from salesloft_pipeline.report.model import Report, Section, Table
from salesloft_pipeline.report.words import usually, written

_SECONDS = 30
# What Slack takes of one block's text, less what stands around a table.
_LONGEST = 2_800
_HEADER = 150
# Fields of one section.
_FIELDS = 10


@dataclass(frozen=True, repr=False)
class Slack:
    """A channel of Slack. url is a secret: whoever has it may write there."""

    url: str

    label = "a channel of Slack"

    @property
    def key(self) -> str:
        return f"slack {hashlib.sha256(self.url.encode()).hexdigest()[:8]}"

    def send(self, report: Report, now: datetime) -> str:  # noqa: ARG002  # Slack has a clock of its own
        """Post it. Raises ReportError for any other answer than ok."""
        self.post(payload(report))
        return ""

    def post(self, message: dict[str, Any]) -> None:
        """The same for any message."""
        try:
            answer = httpx.post(self.url, json=message, timeout=_SECONDS)
        except httpx.HTTPError as error:
            raise ReportError(f"Slack did not answer: {type(error).__name__}") from None
        if answer.status_code != httpx.codes.OK:
            raise ReportError(f"Slack answered {answer.status_code}: {answer.text[:80]}")


def payload(report: Report) -> dict[str, Any]:
    """What is posted. `text` is for notifications."""
    return {"text": plain(report.alarm or report.title), "blocks": list(_blocks(report))}


def _blocks(report: Report) -> Iterator[dict[str, Any]]:
    title = {"type": "plain_text", "text": " ".join(report.title.split())[:_HEADER]}
    yield {"type": "header", "text": title}
    if report.alarm:
        yield _said(f":red_circle: *{plain(report.alarm)}*")
    yield _aside(f"{report.audience_name}. {said_of(report)}")
    fields = [
        _field(f"*{plain(tile.title)}*\n{_value_of(report, place)}")
        for place, tile in enumerate(report.tiles)
    ]
    yield {"type": "section", "fields": fields[:_FIELDS]}
    if report.sentences:
        yield _said(plain("\n".join(report.sentences)))
    for section in report.sections:
        yield _said(_section(section))
    yield _aside(f"Data health: {report.health} Build {report.build_id}.")


def _value_of(report: Report, place: int) -> str:
    tile = report.tiles[place]
    beside = "" if tile.usual is None else f" ({report.usual.lower()} {usually(tile.usual, tile.kind)})"
    return plain(f"{written(tile.value, tile.kind)}{beside}")


def _section(section: Section) -> str:
    head = f"*{plain(section.title)}*" + (f"\n_{plain(section.note)}_" if section.note else "")
    if section.table and section.table.rows:
        return f"{head}\n```\n{_shortened(_lines(section.table))}\n```"
    if section.chart:
        return f"{head}\n{plain(chr(10).join(sparks(section.chart)))}"
    return f"{head}\n{plain(section.empty)}"


def _lines(table: Table) -> list[str]:
    cells = [[column.title for column in table.columns]]
    cells += [
        [written(value, column.kind) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        plain("  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in pairs))
        for pairs in (list(enumerate(zip(row, widths, strict=True))) for row in cells)
    ]


def _shortened(lines: list[str]) -> str:
    """As many lines as Slack takes, and how many are left out."""
    text = "\n".join(lines)
    if len(text) <= _LONGEST:
        return text
    kept = len(lines)
    while len("\n".join(lines[:kept])) > _LONGEST:
        kept -= 1
    return "\n".join([*lines[:kept], f"... {len(lines) - kept} more"])


def _said(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _field(text)}


def _aside(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_field(plain(text))]}


def _field(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> str:
    """Text in which Slack finds no link, no channel and nobody to call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("```", "'''")
