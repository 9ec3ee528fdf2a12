"""Everything the parts of the world share while time passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..switches import Switches
from .agenda import Agenda
from .chance import Dice, Ints
from .hours import DAY, NEVER, SECOND, WEEK, Offices, weekday
from .schema import tables
from .table import Table


@dataclass(frozen=True)
class Sizes:
    """How large a world is and how far its past reaches."""

    people: int = 2_000
    emails: int = 20_000
    days: int = 120
    seed: int = 1


@dataclass
class State:
    """`until` is the instant up to which everything has happened; `start` is where the history begins.

    `names` finds the rows of tables whose public ids are text: table, then id, filled as far as was asked for.
    """

    sizes: Sizes
    start: int
    until: int
    switches: Switches = field(default_factory=Switches)
    tables: dict[str, Table] = field(default_factory=tables)
    agenda: Agenda = field(default_factory=Agenda)
    rates: dict[str, float] = field(default_factory=dict)
    loose_templates: int = 0
    pairs: dict[tuple[int, int], int] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Dice(self.sizes.seed)
        self.offices = Offices(self.start // DAY - 500, self.until // DAY + 800)

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def sender(self, stream: str, numbers: Ints, times: Ints) -> Ints:
        """A user at work at that time for each number; the first user, who never leaves, stands in."""
        users = self["users"]
        user = self.dice.choose(stream + "/user", numbers, users["share"].astype(float))
        ended = users["ended"][user]
        here = (users["started"][user] <= times) & ((ended == NEVER) | (times < ended))
        return np.where(here, user, 0)

    def moments(self, stream: str, numbers: Ints, days: Ints) -> Ints:
        """A working moment on each local day, in the zone of the user that `sender` draws for it."""
        user = self.sender(stream, numbers, days * DAY)
        draw = self.dice.uniform(stream + "/hour", numbers)
        micros = self.dice.pick(stream + "/second", numbers, 60 * SECOND)
        return self.offices.work(self["users"]["zone"][user], days, draw) + micros

    def past_days(self, count: int) -> Ints:
        """Days of the history for `count` things, ascending, as many on each as its weekday deserves."""
        days = np.arange(self.start // DAY, self.until // DAY + 1)
        edges = np.cumsum(WEEK[weekday(days)])
        places = (np.arange(count) + 0.5) / max(count, 1) * edges[-1]
        return np.asarray(days[np.searchsorted(edges, places)])

    def keep_rate(self, kind: str, count: int) -> None:
        """Go on with `kind` at the rate at which `count` of them filled the history."""
        days = np.arange(self.start // DAY, self.until // DAY + 1)
        self.rates[kind] = count / float(WEEK[weekday(days)].sum())

    def past(self, stream: str, count: int) -> tuple[Ints, Ints]:
        """`count` working moments of the history, ascending, with the numbers they were drawn for."""
        numbers = np.arange(count, dtype=np.int64)
        times = self.moments(stream, numbers, self.past_days(count))
        times = np.where(times > self.until, times - 7 * DAY, times)
        turn = np.argsort(times, kind="stable")
        return times[turn], numbers[turn]


def latest(table: Table, clock: str | None, rows: Any, times: Ints, **values: Any) -> None:
    """Set columns of each row to the values of its latest time, unless `clock` is already later.

    `clock` is the column that remembers that time; without one the batch always wins. updated_at moves too.
    Negative rows are skipped.
    """
    rows = np.asarray(rows)
    turn = np.argsort(times, kind="stable")[::-1]
    turn = turn[rows[turn] >= 0]
    unique, at = np.unique(rows[turn], return_index=True)
    picked = turn[at]
    if clock:
        news = times[picked] >= table[clock][unique]
        unique, picked = unique[news], picked[news]
        values[clock] = times
    if len(unique):
        chosen = {name: np.broadcast_to(value, times.shape)[picked] for name, value in values.items()}
        moved = np.maximum(table["updated_at"][unique], times[picked])
        table.update(unique, updated_at=moved, **chosen)


def tally(table: Table, rows: Any, times: Ints, bump: bool = True, **amounts: Any) -> None:
    """Add to counters, once per occurrence of a row, and move updated_at. Negative rows are skipped."""
    rows = np.asarray(rows)
    known = rows >= 0
    unique, inverse = np.unique(rows[known], return_inverse=True)
    if not len(unique):
        return
    sums: dict[str, Any] = {}
    for column, amount in amounts.items():
        weights = np.broadcast_to(amount, rows.shape)[known]
        sums[column] = table[column][unique] + np.bincount(inverse, weights).astype(np.int64)
    if bump:
        sums["updated_at"] = table["updated_at"][unique]
        np.maximum.at(sums["updated_at"], inverse, times[known])
    table.update(unique, **sums)


Handler = Callable[[State, Ints, Ints], None]
