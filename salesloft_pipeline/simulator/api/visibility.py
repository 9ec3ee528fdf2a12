"""What a list leaves out unless it is asked for: one function per list, from the raw parameters to a mask."""

from __future__ import annotations

import numpy as np

from ..team.hours import DAY, NEVER
from ..team.state import State
from ..team.table import Table
from .filters import Mask


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
