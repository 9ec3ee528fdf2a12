"""What a list leaves out unless it is asked for: one function per list, from the raw parameters to a mask."""

from __future__ import annotations

import numpy as np

from .filters import Mask
from .hours import DAY, NEVER
from .state import State
from .table import Table


def active_users(_state: State, users: Table, asked: dict[str, str]) -> Mask:
    everybody = np.ones(users.size, dtype=bool)
    return everybody if asked.get("visible_only") == "false" else users["active"].copy()


def templates(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    mask = np.ones(table.size, dtype=bool)
    if asked.get("include_archived_templates") != "true":
        mask &= table["archived_at"] == NEVER
    if "cadence_template" in table.kinds and asked.get("include_cadence_templates") != "true":
        mask &= ~table["cadence_template"]
    return mask


def meetings(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    return np.ones(table.size, dtype=bool) if asked.get("show_deleted") == "true" else ~table["deleted"]


def past_year(state: State, table: Table, _asked: dict[str, str]) -> Mask:
    return np.asarray(table["created_at"] >= state.until - 365 * DAY)


def own_actions(_state: State, table: Table, asked: dict[str, str]) -> Mask:
    """Administrators see everybody's; `_user` is set by the key of anybody else."""
    return np.ones(table.size, dtype=bool) if "_user" not in asked else table["user"] == int(asked["_user"])
