"""Who gets the reports of which audience, out of one setting.

    REPORT_TO=all=vp@acme.test, https://hooks.slack.test/services/x, 5392=lead@acme.test, /srv/reports/east
        ->  {None: [...], 5392: [...]}

An item that begins with `all=` or the id of a team and `=` opens an audience; those after it belong to it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesloft_pipeline.report.frames import EVERYBODY, ReportSettingError

_OPENS = re.compile(r"(all|-?\d+)\s*=\s*(.+)")


def recipients(text: str) -> dict[int | None, list[str]]:
    """Addresses, web addresses and folders by team, None for everybody. Raises ReportSettingError; it shows no item."""
    found: dict[int | None, list[str]] = {}
    for team, target in _items(text):
        found.setdefault(team, []).append(target)
    return found


def _items(text: str) -> Iterator[tuple[int | None, str]]:
    audience: str | None = None
    for place, item in enumerate(filter(None, map(str.strip, text.split(","))), 1):
        opens = _OPENS.fullmatch(item)
        audience, target = opens.groups() if opens else (audience, item)
        if audience is None:
            raise ReportSettingError(
                f"REPORT_TO: item {place} belongs to no audience: write all=<address>, or the id of a team, then ="
            )
        yield (EVERYBODY if audience == "all" else int(audience)), target
