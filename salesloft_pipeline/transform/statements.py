"""Values as SQL text that both engines read."""

from __future__ import annotations

from datetime import UTC, datetime

from salesloft_pipeline.warehouse import text


def instant(moment: datetime) -> str:
    """A moment with time zone as SQL writes it."""
    return f"timestamptz {text(moment.astimezone(UTC).isoformat(sep=' '))}"


__all__ = ["instant", "text"]
