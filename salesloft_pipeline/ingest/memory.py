"""What a walk remembers from one sync to the next, as plain values in dlt's state, stored with the rows.

cursor   the newest updated_at seen, never the wall clock
known    fingerprints of the records that the next sync will be shown again
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from salesloft_pipeline.ingest.arrow import fingerprint
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.protocol import format_instant, parse_instant

# A record can become visible a little after others that bear a later updated_at.
OVERLAP = timedelta(minutes=5)
# Enough for any usual overlap; beyond it, records are loaded once more, which changes nothing.
KNOWN_AT_MOST = 5_000

State = MutableMapping[str, Any]
Row = Any


class Memory:
    """The cursor of one collection, and the records that will come again. whole: all of them will (a snapshot)."""

    def __init__(self, state: State, *, whole: bool = False) -> None:
        self._whole = whole
        self._known: Mapping[str, str] = dict(state.get("known", {}))
        self._recent: deque[tuple[datetime | None, Row]] = deque(maxlen=None if whole else KNOWN_AT_MOST)
        self.cursor = parse_instant(state["cursor"]) if state.get("cursor") else None

    @property
    def size(self) -> int:
        """How many records the last sync left here."""
        return len(self._known)

    def note(self, page: walk.Page) -> None:
        """Follow the walk: the cursor moves to the newest record, and what will come again is kept in mind."""
        for row in page:
            changed = walk.updated_at(row)
            self.cursor = max(self.cursor, changed) if self.cursor and changed else self.cursor or changed
            if self._returns(changed):
                self._recent.append((changed, row))

    def news(self, page: walk.Page) -> list[Row]:
        """The records of a page that the last sync did not load just so."""
        return [row for row in page if not self._is_known(row)]

    def settle(self) -> None:
        """What was noted so far is known from now on: a second walk in the same run gives only what is newer."""
        self._known = self._fingerprints()

    def save(self, state: State) -> None:
        """Write everything into `state`."""
        if self.cursor and not self._whole:
            state["cursor"] = format_instant(self.cursor)
        state["known"] = dict(sorted(self._fingerprints().items()))

    def _fingerprints(self) -> dict[str, str]:
        """Of the records that will come again. One may have come twice; what came last is what was loaded."""
        return {key_of(row): fingerprint(row) for at, row in self._recent if self._returns(at)}

    def _is_known(self, row: Row) -> bool:
        known = self._known.get(key_of(row))
        return known is not None and known == fingerprint(row)

    def _returns(self, at: datetime | None) -> bool:
        """Will the next sync be shown a record that changed at this instant?"""
        if self._whole or self.cursor is None:
            return True
        return at is not None and at >= self.cursor - OVERLAP


def key_of(row: Row) -> str:
    """The record's id as text; empty where it has none."""
    return str(row.get("id")) if isinstance(row, dict) else ""
