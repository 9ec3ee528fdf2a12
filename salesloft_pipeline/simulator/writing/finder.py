"""People found by what is unique about each on the team: address, CRM id, telephone with last name."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..records import people
from ..team.order import Rows
from ..team.state import State

Record = dict[str, Any]


def _address(r: Record) -> Hashable:
    mail = people.email_address(r)
    return mail and mail.lower()


def _telephone(r: Record) -> Hashable:
    number = people.phone(r)
    return number and (number, people.last_name(r).lower())


KEYS: dict[str, Callable[[Record], Hashable]] = {
    "email_address": _address,
    "crm_id": people.crm_id,
    "phone": _telephone,
}


class Finder:
    """An index that is made at the first question and goes on from there; what it finds is looked at again.

    `key` is one of KEYS. A person whose address was written anew is entered by `note` and still stands at the
    old place too, where the second look tells that it moved.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows: dict[tuple[str, Hashable], set[int]] = {}
        self._known = 0

    def find(self, key: str, value: Hashable) -> Rows:
        """The living people with this value, ascending; an address in lower case, a telephone with the last name."""
        table = self._state["people"]
        self.note(np.arange(self._known, table.size, dtype=np.int32))
        self._known = table.size
        rows = np.array(sorted(self._rows.get((key, value), ())), dtype=np.int32)
        rows = rows[~table["gone"][rows]]
        there = [KEYS[key](record) == value for record in table.records(rows)]
        return np.asarray(rows[np.array(there, dtype=bool)])

    def note(self, rows: Rows) -> None:
        """Enter people under what they have now."""
        for record in self._state["people"].records(rows):
            for key, value_of in KEYS.items():
                if (value := value_of(record)) is not None:
                    self._rows.setdefault((key, value), set()).add(record["row"])
