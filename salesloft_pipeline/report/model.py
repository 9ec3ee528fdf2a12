"""What a report says, before it looks like anything: plain values, the same for Markdown, mail, Slack and JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

# How a value is written: a number of things, a mean of such numbers, their change, a share between 0 and 1, a name.
Kind: TypeAlias = Literal["count", "mean", "change", "rate", "text"]
Value: TypeAlias = int | float | str | None


@dataclass(frozen=True)
class Tile:
    """One number of the first glance, what it usually is, and a word to it. None: there is none."""

    title: str
    value: Value
    kind: Kind
    usual: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table. `bar`: draw its values as bars too. `alarm`: values above it stand out."""

    title: str
    kind: Kind = "count"
    bar: bool = False
    alarm: float | None = None


@dataclass(frozen=True)
class Table:
    """Rows of values, one for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A picture: values by name of series, one for each label. `text` says in words what it shows.

    form: lines over time, columns over time, or parts that are stacked. maturing: how many of the last labels are
    young.
    """

    form: Literal["lines", "columns", "stacked"]
    labels: tuple[str, ...]
    series: Mapping[str, tuple[int | float | None, ...]]
    kind: Kind
    text: str
    maturing: int = 0


@dataclass(frozen=True)
class Section:
    """One question and its answer. note: what has to be known to read it."""

    title: str
    note: str = ""
    chart: Chart | None = None
    table: Table | None = None
    empty: str = ""


@dataclass(frozen=True)
class Content:
    """What one kind of report has to say to one audience. period, usual: what the tiles' two numbers are of."""

    title: str
    period: str
    usual: str
    tiles: tuple[Tile, ...]
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Health:
    """What the checks said of the newest build: error checks that failed, warnings, and how many were asked."""

    failed: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True)
class Report:
    """One report for one audience: `all`, or the id of a team. Dates are of `time_zone`."""

    name: str
    date: dt.date
    audience: str
    audience_name: str
    title: str
    period: str
    usual: str
    build_id: str
    data_through: dt.date
    time_zone: str
    alarm: str
    tiles: tuple[Tile, ...]
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]
    health: str

    @property
    def key(self) -> str:
        """What its files are called."""
        return f"{self.name}-{self.audience}"

    def as_json(self) -> str:
        """The same report gives the same text."""
        return json.dumps(asdict(self), indent=2, default=_plain, ensure_ascii=False) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no report holds a {type(value).__name__}")
