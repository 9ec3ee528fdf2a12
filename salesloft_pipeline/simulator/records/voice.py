"""How a record speaks of times and of other records: in the clock of whoever asks, by id and address."""

from __future__ import annotations

from datetime import UTC, timedelta, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ..team.hours import EPOCH, NEVER
from ..team.office import guid
from ..team.order import Rows
from ..team.state import State

HOME = "https://api.salesloft.com/v2"
# Where the address of a record differs from the name of its table.
PATHS = {"emails": "activities/emails", "calls": "activities/calls"}


class Voice:
    """Renders the parts of one answer.

    `zone` is the time zone of the user the key belongs to; `extras` are the optional parts that were asked
    for (`subject`, `body`, `meetings_settings`); `rows` are the rows being rendered.
    """

    def __init__(
        self, state: State, rows: Rows, zone: str = "UTC", extras: frozenset[str] = frozenset()
    ) -> None:
        self.state, self.rows, self.extras = state, rows, extras
        self._zone = ZoneInfo(zone)

    def time(self, instant: int) -> str | None:
        """Microseconds and the user's offset of that day: `2026-03-07T12:12:52.362090-05:00`."""
        return self._at(instant, self._zone)

    def zulu(self, instant: int) -> str | None:
        """The same in UTC with a Z, as meetings have it."""
        text = self._at(instant, UTC)
        return text and text.replace("+00:00", "Z")

    def date(self, day: int) -> str | None:
        """A plain date from days since 1970."""
        return None if day < 0 else (EPOCH + timedelta(days=day)).date().isoformat()

    def ref(self, table: str, row: int) -> dict[str, Any] | None:
        """`{_href, id}`, or null for a row below 0."""
        return None if row < 0 else href(PATHS.get(table, table), self.id(table, row))

    def id(self, table: str, row: int) -> int:
        """The id of a row, deleted or not."""
        return int(self.state[table]["id"][row])

    def user_guid(self, row: int) -> str | None:
        """The guid of a user."""
        return None if row < 0 else guid("users", row)

    def user_by_guid(self, row: int) -> dict[str, Any] | None:
        """A reference to a user the way meetings make it."""
        return None if row < 0 else href("users", guid("users", row))

    def cadences_of(self, person: int) -> list[int]:
        """The cadences a person is on now; only for the people being rendered."""
        return self._cadences.get(person, [])

    @cached_property
    def _cadences(self) -> dict[int, list[int]]:
        members = self.state["cadence_memberships"]
        here = np.nonzero(members["on"] & np.isin(members["person"], self.rows) & ~members["gone"])[0]
        found: dict[int, list[int]] = {}
        for person, cadence in zip(
            members["person"][here].tolist(), members["cadence"][here].tolist(), strict=True
        ):
            found.setdefault(person, []).append(cadence)
        return found

    def _at(self, instant: int, zone: tzinfo) -> str | None:
        if instant == NEVER:
            return None
        return (EPOCH + timedelta(microseconds=instant)).astimezone(zone).isoformat(timespec="microseconds")


def href(path: str, id_: int | str) -> dict[str, Any]:
    """A reference as the API embeds it."""
    return {"_href": f"{HOME}/{path}/{id_}", "id": id_}
