"""A log that a flood of requests cannot fill."""

from __future__ import annotations

import logging
import time
from collections import defaultdict

EVERY_SECONDS = 1.0


class SparingLog:
    """Of each kind of line one a second; the next one tells how many were left out."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)
        self._written_at: dict[str, float] = {}
        self._left_out: dict[str, int] = defaultdict(int)

    def warning(self, kind: str, message: str, *arguments: object, **told: object) -> None:
        """Write it, or count it. told: ids, for logs that machines read."""
        now = time.monotonic()
        if now - self._written_at.get(kind, float("-inf")) < EVERY_SECONDS:
            self._left_out[kind] += 1
            return
        self._written_at[kind] = now
        left_out = self._left_out.pop(kind, 0)
        suffix = f" ({left_out} more such since the last line)" if left_out else ""
        self._log.warning(message + suffix, *arguments, extra=told)
