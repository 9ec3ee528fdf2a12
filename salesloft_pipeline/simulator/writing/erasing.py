"""DELETE can be repeated: it is refused only for what never was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..api.exchange import Refused
from ..api.visibility import seen
from ..team.order import Rows

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World


def rows_to_erase(world: World, key: Key, table_name: str, id_: str) -> Rows:
    """The row with this id, or none if it is gone already.

    Raises Refused (404) for an id that nobody ever had, or that the key may not see.
    """
    table = world.state[table_name]
    rows = (
        np.nonzero(table["id"] == int(id_))[0].astype(np.int32) if id_.isdecimal() else np.empty(0, np.int32)
    )
    mask = seen(world.state, table, key.visible_share)
    rows = rows if mask is None else rows[mask[rows]]
    if not len(rows):
        raise Refused.plainly(404)
    return np.asarray(rows[~table["gone"][rows]])
