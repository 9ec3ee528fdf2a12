"""Values and remarks as SQL text that both engines read."""

from __future__ import annotations

from datetime import UTC, datetime

from salesloft_pipeline.warehouse import Sql


def text(value: str) -> str:
    """A text as SQL writes it, in quotation marks."""
    return "'" + value.replace("'", "''") + "'"


def instant(moment: datetime) -> str:
    """A moment with time zone as SQL writes it."""
    return f"timestamptz {text(moment.astimezone(UTC).isoformat(sep=' '))}"


def describe(sql: Sql, address: str, grain: str, what: str = "table") -> None:
    """Leave a comment on a table or view, which BI tools show."""
    sql.execute(f"comment on {what} {address} is {text(grain)}")
