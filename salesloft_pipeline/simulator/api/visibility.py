"""What an answer leaves out: records that a list gives only when asked, and records a key may not see at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..records.identity import rows_of
from ..team.hours import DAY, NEVER
from ..team.order import Rows
from ..team.state import State
from ..team.table import Table
from .exchange import Refused
from .filters import Mask

if TYPE_CHECKING:
    from ..world import World
    from .keys import Key
    from .listing import Resource


def active_users(_state: State, users: Table, asked: dict[str, str]) -> Mask:
    """visible_only is true unless said otherwise, and hides who was deactivated."""
    everybody = np.ones(users.size, dtype=bool)
    return everybody if asked.get("visible_only") == "false" else users["active"].copy()


def templates(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    """Archived templates, and those that belong to cadences, come only when included."""
    mask = np.ones(table.size, dtype=bool)
    if asked.get("include_archived_templates") != "true":
        mask &= table["archived_at"] == NEVER
    if "cadence_template" in table.kinds and asked.get("include_cadence_templates") != "true":
        mask &= ~table["cadence_template"]
    return mask


def meetings(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    """Deleted meetings come with show_deleted=true."""
    return np.ones(table.size, dtype=bool) if asked.get("show_deleted") == "true" else ~table["deleted"]


def past_year(state: State, table: Table, _asked: dict[str, str]) -> Mask:
    """Only dials of the past year can be read at all."""
    return np.asarray(table["created_at"] >= state.until - 365 * DAY)


def own_actions(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    """Administrators see everybody's; `_user` is set by the key of anybody else."""
    return np.ones(table.size, dtype=bool) if "_user" not in asked else table["user"] == int(asked["_user"])


def seen(state: State, table: Table, share: float) -> Mask | None:
    """The rows a key sees that may see `share` of the people; None where it sees them all.

    People are drawn once and for all by their row. Whatever names a hidden person is hidden with them.
    """
    if share >= 1 or not (table.name == "people" or "person" in table.kinds):
        return None
    people = state.dice.uniform("visible", np.arange(state["people"].size)) < share
    if table.name == "people":
        return np.asarray(people)
    person = table["person"]
    return np.asarray((person < 0) | people[person])


def row_seen(world: World, resource: Resource, id_: str, key: Key) -> Rows:
    """The one row with this id. Raises Refused (404) where there is none, or none that the key may see."""
    rows, table = rows_of(world.state, resource.table, resource.naming, [id_]), world.state[resource.table]
    mask = seen(world.state, table, key.visible_share)
    rows = rows if mask is None else rows[mask[rows]]
    if not len(rows):
        raise Refused.plainly(404)
    return rows
