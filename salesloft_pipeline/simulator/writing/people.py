"""Writing /people and /person_upserts. Two people of a team never share an address."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..api.exchange import Form, Refused
from ..api.rendering import render, single
from ..api.resources import RESOURCES
from ..api.visibility import row_seen
from ..team import changes
from ..team.hours import NEVER
from ..team.order import Rows
from ..team.outcomes import stop
from ..team.state import tally
from .erasing import rows_to_erase
from .person_fields import EMPTY, fields_of

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World

PEOPLE = RESOURCES["people"]
UPSERT_KEYS = ("id", "email_address", "crm_id")


def create(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST /people: an address, or a telephone and a last name, that nobody on the team has."""
    return single(world, PEOPLE, _create(world, key, form), key.zone)


def change(world: World, key: Key, form: Form, id_: str) -> dict[str, Any]:
    """PUT /people/{id}: the fields that are given; updated_at moves if that changes what is shown."""
    rows = row_seen(world, PEOPLE, id_, key)
    _change(world, key, rows, form)
    return single(world, PEOPLE, rows, key.zone)


def delete(world: World, key: Key, _form: Form, id_: str) -> None:
    """DELETE /people/{id}: with all that follows for cadences and accounts."""
    changes.delete(
        world.state, world.state["people"], rows_to_erase(world, key, "people", id_), world.clock.now()
    )


def upsert(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST /person_upserts: whoever is found by `upsert_key` is changed, anybody else made."""
    rows = _matched(world, key, form)
    kind = "update" if len(rows) else "create"
    if len(rows):
        _change(world, key, rows, form)
    else:
        rows = _create(world, key, form)
    return {"data": {"person": render(world, PEOPLE, rows, key.zone)[0], "upsert_type": kind}}


def _matched(world: World, key: Key, form: Form) -> Rows:
    """Whom an upsert is about; nobody without `upsert_key`. Raises Refused where that is not clear."""
    by = form.get("upsert_key")
    if by is None:
        return np.empty(0, dtype=np.int32)
    if by not in UPSERT_KEYS:
        raise Refused.invalid(upsert_key=f"must be one of: {', '.join(UPSERT_KEYS)}")
    if not form.get(by):
        raise Refused.invalid(**{by: "must be given to upsert on it"})
    if by == "id":
        return row_seen(world, PEOPLE, str(form["id"]), key)
    value = str(form[by])
    rows = world.finder.find(by, value.lower() if by == "email_address" else value)
    if len(rows) > 1:
        raise Refused.invalid(**{by: "matches several people"})
    if len(rows) and "id" in form and str(world.state["people"]["id"][rows[0]]) != str(form["id"]):
        raise Refused.invalid(id=f"is not that of the person with this {by}")
    return rows


def _create(world: World, key: Key, form: Form) -> Rows:
    columns, written = _checked(world, key, form)
    if not written.get("email_address") and not (written.get("phone") and written.get("last_name")):
        raise Refused.invalid(email_address="is required, or phone and last_name")
    _refuse_taken(world, written, np.empty(0, dtype=np.int32))
    state, now = world.state, world.clock.now()
    columns = {"owner": int(state["users"].alive[key.user]), **columns}
    rows = state["people"].append(
        1, first=0, last=0, created_at=now, updated_at=now, written=EMPTY | written | _custom(written, {}), **columns
    )  # fmt: skip
    tally(state["accounts"], state["people"]["account"][rows], np.array([now]), people=1)
    return rows


def _change(world: World, key: Key, rows: Rows, form: Form) -> None:
    columns, written = _checked(world, key, form)
    _refuse_taken(world, written, rows)
    people, now = world.state["people"], np.array([world.clock.now()])
    before, account = render(world, PEOPLE, rows, key.zone)[0], people["account"][rows].copy()
    shown = (people["written"][rows[0]] or {}) | written | _custom(written, before)
    people.update(rows, written=shown, **columns)
    world.finder.note(rows)
    if columns.get("do_not_contact"):
        enrolments = world.state["enrolments"]
        running = np.nonzero((enrolments["person"] == rows[0]) & (enrolments["ended_at"] == NEVER))[0]
        stop(world.state, np.repeat(now, len(running)), running)
    if people["account"][rows] != account:
        tally(world.state["accounts"], account, now, people=-1)
        tally(world.state["accounts"], people["account"][rows], now, people=1)
    if render(world, PEOPLE, rows, key.zone)[0] != before:
        people.update(rows, updated_at=now)


def _checked(world: World, key: Key, form: Form) -> tuple[Form, Form]:
    if form.get("crm_id") and "person:set_crm_id" not in key.scopes and form.get("upsert_key") != "crm_id":
        raise Refused.plainly(403)
    return fields_of(world.state, form)


def _custom(written: Form, before: Form) -> Form:
    """Custom fields are changed one by one; one that is emptied is not shown any more."""
    if "custom_fields" not in written:
        return {}
    fields = before.get("custom_fields", {}) | written["custom_fields"]
    return {"custom_fields": {name: value for name, value in fields.items() if value not in (None, "")}}


def _refuse_taken(world: World, written: Form, rows: Rows) -> None:
    """Raises Refused (422) where somebody else already has the address, or the telephone and the name."""
    wanted: dict[str, Hashable] = {}
    if written.get("email_address"):
        wanted["email_address"] = written["email_address"].lower()
    elif written.get("phone") and written.get("last_name"):
        wanted["phone"] = (written["phone"], written["last_name"].lower())
    for name, value in wanted.items():
        if set(world.finder.find(name, value).tolist()) - set(rows.tolist()):
            raise Refused.invalid(**{name: "is already taken"})
