"""Changes made by hand: what a test or an operator does to the world, in the way that kind of record changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .calling import call
from .chance import Ints
from .chores import assign
from .conversations import record
from .deals import open_deals
from .engine import FUTURE, arrive
from .hours import HOUR, NEVER
from .market import add_accounts
from .order import Rows
from .outcomes import stop
from .sending import send
from .state import State, tally
from .stepping import add_to_cadence
from .table import Table

# The counter that moves when such a record is touched; the others show a new revision of some text.
COUNTERS = {
    "emails": "views",
    "cadence_memberships": "views",
    "people": "viewed",
    "email_templates": "views",
    "successes": "others",
    "imports": "people",
    "opportunities": "amount",
}


def touch(table: Table, rows: Rows, at: int | None) -> None:
    """Change records visibly; updated_at becomes `at`, or stays where it is if that is None."""
    when: dict[str, Any] = {} if at is None else {"updated_at": at}
    if table.name == "calls":
        was = table["disposition"][rows]
        words = np.array(
            ["Connected" if word != "Connected" else "Left Voicemail" for word in was.tolist()], dtype=object
        )
        table.update(rows, disposition=words, **when)
    elif table.name == "activity_histories":
        table.update(
            rows,
            pinned_at=table["occurred_at"][rows] + (table["revision"][rows].astype(np.int64) + 1) * HOUR,
            revision=table["revision"][rows] + 1,
            **when,
        )
    elif table.name == "call_data_records":
        table.update(rows, duration=table["duration"][rows] + 1, **when)
    elif table.name == "actions":
        table.update(rows, due_on=table["due_on"][rows] + 1, **when)
    else:
        column = COUNTERS.get(table.name, "revision")
        revision = {"revision": table["revision"][rows] + 1} if column != "revision" else {}
        table.update(rows, **{column: table[column][rows] + 1}, **revision, **when)


def delete(state: State, table: Table, rows: Rows, at: int) -> None:
    """Delete, with what follows: a person's memberships say so, an account lets its people go.

    The last updated_at of a record is the time of its deletion.
    """
    table.update(rows, updated_at=at)
    table.delete(rows)
    times = np.full(len(rows), at, dtype=np.int64)
    if table.name == "people":
        _forget_people(state, rows, at)
        if state.switches.imports_drift:
            tally(state["imports"], table["import"][rows], times, bump=False, people=-1)
        tally(state["accounts"], table["account"][rows], times, people=-1)
    elif table.name == "accounts":
        people = np.nonzero(np.isin(state["people"]["account"], rows))[0]
        state["people"].update(people, account=-1, updated_at=at)


def _forget_people(state: State, people: Rows, at: int) -> None:
    """They leave their cadences; the memberships stay and tell that the person is deleted."""
    enrolments = state["enrolments"]
    running = np.nonzero(np.isin(enrolments["person"], people) & (enrolments["ended_at"] == NEVER))[0]
    stop(state, np.full(len(running), at), running)
    members = np.nonzero(np.isin(state["cadence_memberships"]["person"], people))[0]
    state["cadence_memberships"].update(members, person_deleted=True, updated_at=at)


def add(state: State, table: Table, count: int, at: int) -> Rows:
    """Make `count` new records now. Kinds that come out of others are made with them, or copied."""
    times, numbers = np.full(count, at, dtype=np.int64), FUTURE * 2 + table.size + np.arange(count)
    start = table.size
    who = {"person": _living(state, "people", numbers), "user": state.sender("added", numbers, times)}
    match table.name:
        case "people":
            arrive(state, times, numbers * 0 + 1)
        case "accounts":
            add_accounts(state, times)
        case "emails":
            send(state, times, **who)
        case "calls":
            call(state, times, **who)
        case "tasks":
            assign(state, times, numbers)
        case "cadence_memberships":
            _new_pairs(state, times, who["user"])
        case "activity_histories":
            send(state, times, **who)
        case "opportunities":
            open_deals(state, times, numbers)
        case "conversations":
            record(state, times, np.full(count, 20 * 60), **who)
        case _:
            _copy(table, numbers, at)
    return np.arange(start, table.size, dtype=np.int32)[:count]


def _living(state: State, table: str, numbers: Ints) -> Ints:
    alive = state[table].alive
    return alive[state.dice.pick("added/who", numbers, len(alive))].astype(np.int64)


def _new_pairs(state: State, times: Ints, user: Ints) -> None:
    """People put on cadences they were never on."""
    pairs = (
        (person, cadence)
        for cadence in np.nonzero(state["cadences"]["archived_at"] == NEVER)[0].tolist()
        for person in state["people"].alive.tolist()
        if (person, cadence) not in state.pairs
    )
    chosen = [pair for _, pair in zip(times.tolist(), pairs, strict=False)]
    if len(chosen) < len(times):
        raise ValueError(
            f"only {len(chosen)} of {len(times)} new memberships: everybody is on every cadence already"
        )
    person, cadence = np.array(chosen, dtype=np.int64).reshape(-1, 2).T
    add_to_cadence(state, times, person, cadence, user)


def _copy(table: Table, numbers: Ints, at: int) -> Rows:
    """New records like old ones."""
    alive = table.alive
    if not len(alive):
        raise ValueError(f"{table.name} has no record left to make another like it")
    like = alive[numbers % len(alive)]
    columns = {
        name: table[name][like] for name in table.kinds if name not in ("id", "created_at", "updated_at")
    }
    return table.append(len(like), created_at=at, updated_at=at, **columns)
