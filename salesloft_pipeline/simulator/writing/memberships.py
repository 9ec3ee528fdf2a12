"""Writing /cadence_memberships: putting a person on a cadence, and taking them off it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..api.exchange import Form, Refused
from ..api.rendering import single
from ..api.resources import RESOURCES
from ..api.visibility import seen
from ..team.hours import NEVER
from ..team.outcomes import stop
from ..team.state import State
from ..team.stepping import add_to_cadence
from .erasing import rows_to_erase
from .person_fields import row_in

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World

MEMBERSHIPS = RESOURCES["cadence_memberships"]
# Field: the table of its ids, and whether it must be given.
FIELDS = {"person_id": ("people", True), "cadence_id": ("cadences", True), "user_id": ("users", False), "step_id": ("steps", False)}  # fmt: skip


def create(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST /cadence_memberships: a pair that was there before is the same record again."""
    state, rows = world.state, _rows(world, key, form)
    person, cadence, user, step = (rows[name] for name in FIELDS)
    if errors := _refusals(state, person, cadence, user, step):
        raise Refused.invalid(**errors)
    first = int(state["cadences"]["steps"][cadence][0])
    who = (np.array([each]) for each in (person, cadence, user))
    now, stage = np.array([world.clock.now()]), max(step - first, 0)
    add_to_cadence(state, now, *who, again=0, stage=stage)
    membership = np.array([state.pairs[person, cadence]], dtype=np.int32)
    return single(world, MEMBERSHIPS, membership, key.zone)


def delete(world: World, key: Key, _form: Form, id_: str) -> None:
    """DELETE: the person is off the cadence; the record stays and says so, as one that can come back."""
    rows, enrolments = rows_to_erase(world, key, "cadence_memberships", id_), world.state["enrolments"]
    running = np.isin(enrolments["membership"], rows) & (enrolments["ended_at"] == NEVER)
    found = np.nonzero(running)[0]
    stop(world.state, np.full(len(found), world.clock.now()), found)


def _rows(world: World, key: Key, form: Form) -> dict[str, int]:
    """The row of every id, -1 for one that was not given; the user is whoever asks unless told otherwise."""
    rows: dict[str, int] = {}
    errors: dict[str, str] = {}
    for name, (table, needed) in FIELDS.items():
        try:
            rows[name] = row_in(table)(world.state, form.get(name))
        except ValueError as error:
            errors[name] = str(error)
            continue
        if needed and rows[name] < 0:
            errors[name] = "is required"
    mask = seen(world.state, world.state["people"], key.visible_share)
    if mask is not None and not errors and not mask[rows["person_id"]]:
        errors["person_id"] = "does not exist"
    if errors:
        raise Refused.invalid(**errors)
    if rows["user_id"] < 0:
        rows["user_id"] = int(world.state["users"].alive[key.user])
    return rows


def _refusals(state: State, person: int, cadence: int, user: int, step: int) -> dict[str, str]:
    """Why this person cannot be put on this cadence for this user, by field."""
    cadences = state["cadences"]
    first, count = cadences["steps"][cadence]
    membership = state.pairs.get((person, cadence))
    rules = (
        ("person_id", bool(state["people"]["do_not_contact"][person]), "must not be contacted"),
        ("person_id", membership is not None and bool(state["cadence_memberships"]["on"][membership]), "is on this cadence already"),
        ("cadence_id", cadences["archived_at"][cadence] != NEVER, "is archived"),
        ("cadence_id", count == 0, "has no steps"),
        ("user_id", not cadences["team"][cadence] and cadences["owner"][cadence] != user, "does not own this cadence, which is no team cadence"),
        ("step_id", step >= 0 and not first <= step < first + count, "is no step of this cadence"),
    )  # fmt: skip
    return {field: why for field, refused, why in rules if refused}
