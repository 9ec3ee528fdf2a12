"""DELETE can be repeated: it is refused only for what never was."""

from __future__ import annotations

from ..api.exchange import Refused
from ..team.order import Rows
from ..team.state import State


def rows_to_erase(state: State, table: str, id_: str) -> Rows:
    """The row with this id, or none if it is gone already. Raises Refused (404) for an id nobody ever had."""
    if not id_.isdigit() or not (state[table]["id"] == int(id_)).any():
        raise Refused.plainly(404)
    return state[table].rows_of([int(id_)])
