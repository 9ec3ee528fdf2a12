"""Values as SQL text that both engines read."""

from __future__ import annotations

from datetime import UTC, datetime


def text(value: str) -> str:
    """A text as SQL writes it, in quotation marks."""
    return "'" + value.replace("'", "''") + "'"


def instant(moment: datetime) -> str:
    """A moment with time zone as SQL writes it."""
    return f"timestamptz {text(moment.astimezone(UTC).isoformat(sep=' '))}"
