"""Public ids to rows and back: most are integers, templates have UUIDs, activities spell out what they are about."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .codes import ACTIVITIES
from .office import guid
from .order import Rows
from .records_activities import ABOUT, activity_id
from .resources import Resource
from .state import State
from .voice import Voice

Id = int | str


def ids_of(state: State, resource: Resource, rows: Rows) -> list[Id]:
    """The public id of each row."""
    table = state[resource.table]
    if resource.key == "activity":
        voice = Voice(state, rows)
        return [activity_id(voice, record) for record in table.records(rows)]
    if resource.key == "row":
        return [guid(resource.table, row) for row in rows.tolist()]
    ids: list[Id] = table[resource.key][rows].tolist()
    return ids


def rows_of(state: State, resource: Resource, ids: Iterable[Id]) -> Rows:
    """The rows of the living records among `ids`, each once; ids that nobody has are left out."""
    table, wanted = state[resource.table], list(ids)
    if resource.key == "id":
        return table.rows_of([int(id_) for id_ in wanted if str(id_).isdigit()])
    if resource.key == "activity":
        found = [_activity(state, str(id_)) for id_ in wanted]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int32), *found]))
    alive = table.alive
    known = np.array(ids_of(state, resource, alive), dtype=str)
    return alive[np.isin(known, [str(id_) for id_ in wanted])]


def _activity(state: State, id_: str) -> Rows:
    """The row of an activity, found by its kind and the record it is about."""
    table = state["activity_histories"]
    kind, _, number = id_.rpartition("-")
    nobody = np.empty(0, dtype=np.int32)
    if kind not in ACTIVITIES or not number.isdigit():
        return nobody
    mask = (table["type"] == ACTIVITIES.index(kind)) & ~table["gone"]
    if kind not in ABOUT or kind == "added_to_cadence":
        mask &= table["number"] == int(number)
    elif kind == "email_reply":
        about = _any_row(state, "emails", int(number[:-6] or 0))
        mask &= (table["about"] == about) & (table["number"] % 10**6 == int(number[-6:]))
    else:
        mask &= table["about"] == _any_row(state, ABOUT[kind][0], int(number))
    return np.nonzero(mask)[0].astype(np.int32)


def _any_row(state: State, table: str, id_: int) -> int:
    """The row of a record, deleted or not; -2 where there never was one."""
    rows = np.nonzero(state[table]["id"] == id_)[0]
    return int(rows[0]) if len(rows) else -2
