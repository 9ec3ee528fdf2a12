"""How values, days and plurals are written, wherever a report is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from salesloft_pipeline.report.model import Kind, Value

NOTHING = "\N{EN DASH}"
_WRITTEN: dict[Kind, Callable[[float], str]] = {
    "count": lambda value: f"{value:,.0f}",
    "mean": lambda value: f"{value:,.1f}",
    "change": lambda value: f"{value:+,.1f}".replace("-", "\N{MINUS SIGN}"),
    "rate": lambda value: f"{100 * value:.1f}%",
}


def written(value: Value, kind: Kind) -> str:
    """A value as people read it; a dash where there is none."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else _WRITTEN[kind](value)


def usually(value: float | None, kind: Kind) -> str:
    """A mean of such values; of whole things with a decimal, unless it is whole itself."""
    return written(value, "mean" if kind == "count" and value is not None and value % 1 else kind)


def counted(number: int, one: str, many: str = "") -> str:
    """`1 reply`, `2 replies`; many: the plural where it is not made by an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def long_day(day: date) -> str:
    """Thursday 12 November 2026."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def short_day(day: date) -> str:
    """12 Nov."""
    return f"{day.day} {day:%b}"


def span(first: date, last: date) -> str:
    """`5 to 11 November`, or `28 October to 3 November`."""
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{start} to {last.day} {last:%B}"
