"""The answer to one question about a day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """what: the promise. held: was it kept? detail: the figures, or what is wrong."""

    what: str
    held: bool
    detail: str
