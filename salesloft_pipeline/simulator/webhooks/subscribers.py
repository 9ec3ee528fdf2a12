"""Who subscribed to what, and the bodies they get when a table changes.

A table that nobody wants to hear of has no listener: then a change costs nothing and no body is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import orjson

from ..api.keys import Key
from ..api.rendering import render
from ..api.visibility import seen
from ..team.order import Rows
from .events import EVENTS, Event
from .outbox import Delivery

if TYPE_CHECKING:
    from ..world import World

NONE: Rows = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Address:
    """Where a subscription wants its webhooks, and the secret they are signed with."""

    url: str
    token: str


class Subscribers:
    """Subscriptions made through the API, each with the key that made it and sees what it is told.

    Those of the team's past (`hooks.example.com`) are listed, but nothing is ever sent to them.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: dict[int, Key] = {}
        self._changed: dict[tuple[str, str], list[Rows]] = {}

    def add(self, row: int, key: Key) -> None:
        """A new subscription, by its row."""
        self._keys[row] = key
        self.listen()

    def listen(self) -> None:
        """Listen to the tables that somebody wants to hear of, and to no others."""
        wanted = {event.resource.table for _, event in self._enabled()}
        for table in self._world.state.tables.values():
            table.listener = self._hear if table.name in wanted else None

    def address(self, row: int) -> Address | None:
        """Where deliveries of this subscription go now; None once it is disabled or deleted."""
        table = self._world.state["webhook_subscriptions"]
        if table["gone"][row] or not table["enabled"][row]:
            return None
        return Address(table["callback_url"][row], table["callback_token"][row])

    def collect(self) -> None:
        """Make the bodies for what was created and changed since the last time."""
        if not self._changed:
            return
        changed, self._changed = self._changed, {}
        self._write((row, event, self._rows(event, changed)) for row, event in self._enabled())

    def _enabled(self) -> list[tuple[int, Event]]:
        events = self._world.state["webhook_subscriptions"]["event_type"]
        return [(row, EVENTS[events[row]]) for row in self._keys if self.address(row)]

    def _hear(self, table: str, what: Iterable[str], rows: Rows) -> None:
        """Remember until `collect`; but what is deleted is told at once, as it was before the consequences."""
        if "deleted" in what:
            told = [each for each in self._enabled() if each[1].resource.table == table]
            self._write((row, event, rows) for row, event in told if "deleted" in event.on)
            return
        for trigger in what:
            self._changed.setdefault((table, trigger), []).append(rows.copy())

    def _rows(self, event: Event, changed: dict[tuple[str, str], list[Rows]]) -> Rows:
        """The living rows that set this event off."""
        table = self._world.state[event.resource.table]
        rows = np.concatenate(
            [NONE, *(each for on in event.on for each in changed.get((table.name, on), ()))]
        )
        if "created" not in event.on:
            rows = np.setdiff1d(rows, np.concatenate([NONE, *changed.get((table.name, "created"), ())]))
        rows = np.unique(rows)
        return np.asarray(rows[~table["gone"][rows]])

    def _write(self, news: Iterable[tuple[int, Event, Rows]]) -> None:
        """Put the bodies into the outbox, in the order in which the records changed."""
        made = [each for row, event, rows in news for each in self._bodies(row, event, rows)]
        made.sort(key=lambda each: each[0])
        state = self._world.state
        self._world.outbox.put([delivery for _, delivery in made], state.until, state.dice, state.switches)

    def _bodies(self, subscription: int, event: Event, rows: Rows) -> Iterator[tuple[int, Delivery]]:
        """The records as GET would show them to the key, with the instant of each change."""
        key, table = self._keys[subscription], self._world.state[event.resource.table]
        mask = seen(self._world.state, table, key.visible_share)
        rows = rows if mask is None else rows[mask[rows]]
        records = render(self._world, event.resource, rows, key.zone, event.extras)
        for at, record in zip(table["updated_at"][rows].tolist(), records, strict=True):
            yield at, Delivery(event.event_type, record.get("id"), subscription, orjson.dumps(record))
