"""What a team may decide about the words of its metrics (docs/data-dictionary.md has the words)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """The decisions, each with what is so where nobody decided.

    `engaged_includes_opens`: a person who opened an email counts as engaged. `connected_by_duration_seconds`: calls of
    so many seconds are marked `connected_by_duration`; None marks none, and leaves the column empty.
    """

    engaged_includes_opens: bool = False
    connected_by_duration_seconds: int | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """As SQL, by the names that stand for them in the marts."""
        seconds = (
            "null" if self.connected_by_duration_seconds is None else str(self.connected_by_duration_seconds)
        )
        return {
            "opens_engage": str(self.engaged_includes_opens).lower(),
            "connected_seconds": f"cast({seconds} as bigint)",
        }


DEFAULT_RULES = Rules()
