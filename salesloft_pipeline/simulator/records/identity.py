"""Public ids to rows and back: integers, UUIDs, ids of a calendar, or spelt out as those of activities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from ..team.codes import ACTIVITIES
from ..team.office import event_id, guid
from ..team.order import Rows
from ..team.state import State
from .activities import ABOUT, activity_id
from .voice import Voice

Id = int | str
Naming = Literal["number", "guid", "event", "activity"]


def ids_of(state: State, table: str, naming: Naming, rows: Rows) -> list[Id]:
    """The public id of each row."""
    if naming == "activity":
        voice = Voice(state, rows)
        return [activity_id(voice, record) for record in state[table].records(rows)]
    if naming != "number":
        return [_name(table, naming, row) for row in rows.tolist()]
    ids: list[Id] = state[table]["id"][rows].tolist()
    return ids


def rows_of(state: State, table: str, naming: Naming, ids: Iterable[Id]) -> Rows:
    """The rows of the living records among `ids`, each once; ids that nobody has are left out."""
    wanted = [str(id_) for id_ in ids]
    if naming == "number":
        return state[table].rows_of([int(id_) for id_ in wanted if id_.isdecimal()])
    if naming == "activity":
        found = [_activity(state, id_) for id_ in wanted]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int32), *found]))
    known = state.names.setdefault(table, {})
    known |= {_name(table, naming, row): row for row in range(len(known), state[table].size)}
    rows = np.array(sorted({known[id_] for id_ in wanted if id_ in known}), dtype=np.int32)
    return np.asarray(rows[~state[table]["gone"][rows]], dtype=np.int32)


def _name(table: str, naming: Naming, row: int) -> str:
    return guid(table, row) if naming == "guid" else event_id(row)


def _activity(state: State, id_: str) -> Rows:
    """The row of an activity, found by its kind and the record it is about."""
    table = state["activity_histories"]
    kind, _, number = id_.rpartition("-")
    if kind not in ACTIVITIES or not number.isdecimal():
        return np.empty(0, dtype=np.int32)
    mask = (table["type"] == ACTIVITIES.index(kind)) & ~table["gone"]
    if kind not in ABOUT or kind == "added_to_cadence":
        mask &= table["number"] == int(number)
    elif kind == "email_reply":
        mask &= table["about"] == _row_ever(state, "emails", int(number[:-9] or 0))
        mask &= table["number"] % 10**9 == int(number[-9:])
    else:
        mask &= table["about"] == _row_ever(state, ABOUT[kind][0], int(number))
    return np.nonzero(mask)[0].astype(np.int32)


def _row_ever(state: State, table: str, id_: int) -> int:
    """The row of a record, deleted or not; -2 where there never was one."""
    rows = np.nonzero(state[table]["id"] == id_)[0]
    return int(rows[0]) if len(rows) else -2
