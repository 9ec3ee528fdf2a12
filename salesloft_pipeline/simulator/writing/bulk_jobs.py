"""Writing /bulk_jobs: many upserts of people in three steps, outside the budget of points.

    POST a job ─► POST its data, up to 5000 at a time ─► PUT ready_to_execute ─► executing ─► done ─► results

The rows are applied when the job is marked ready, and told when it is done, some seconds of the world's time later.
https://developers.salesloft.com/docs/platform/bulk-jobs/example-flow/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..api.exchange import Form, Refused
from ..api.rendering import single
from ..api.resources import RESOURCES
from ..api.visibility import row_seen
from ..team.codes import EXECUTING, OPEN
from ..team.hours import SECOND
from ..team.order import Rows
from . import people

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World

JOBS = RESOURCES["bulk_jobs"]
KIND = "person/upsert"
MOST = 5_000
# How long a job takes: a start, and a hundred rows a second.
START_SECONDS, PER_SECOND = 5, 100


def create(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST /bulk_jobs: an open job without data. Of the types there are, only person/upsert is simulated."""
    if form.get("type") != KIND:
        raise Refused.invalid(type=f"must be one of: {KIND}")
    now, user = world.clock.now(), int(world.state["users"].alive[key.user])
    rows = world.state["bulk_jobs"].append(
        1, user=user, name=str(form.get("name") or KIND), kind=KIND, state=OPEN, total=0, data=_one([]), created_at=now, updated_at=now
    )  # fmt: skip
    return single(world, JOBS, rows, key.zone)


def add_data(world: World, key: Key, form: Form, id_: str) -> dict[str, Any]:
    """POST /bulk_jobs/{id}/job_data: rows of the fields that one upsert would take."""
    rows, table = _open(world, key, id_), world.state["bulk_jobs"]
    given = form.get("data")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Refused.invalid(data="must be an array of objects")
    if len(given) > MOST:
        raise Refused.invalid(data=f"must have {MOST} records or less")
    data = table["data"][rows[0]] + given
    table.update(rows, data=_one(data), total=len(data), updated_at=world.clock.now())
    return {"data": {"records": len(given)}}


def change(world: World, key: Key, form: Form, id_: str) -> dict[str, Any]:
    """PUT /bulk_jobs/{id}: its name, and that it is ready; nothing more once it is."""
    rows, table, now = _open(world, key, id_), world.state["bulk_jobs"], world.clock.now()
    if form.get("ready_to_execute", False) not in (True, False, "true", "false"):
        raise Refused.invalid(ready_to_execute="must be true or false")
    if form.get("name"):
        table.update(rows, name=str(form["name"]), updated_at=now)
    if form.get("ready_to_execute") in (True, "true"):
        data = table["data"][rows[0]]
        outcomes = [_execute(world, key, fields) for fields in data]
        table.update(rows, state=EXECUTING, ready_at=now, updated_at=now, outcomes=_one(outcomes))
        seconds = START_SECONDS + len(data) / PER_SECOND
        world.state.agenda.add("job done", np.array([now + int(seconds * SECOND)]), rows.astype(np.int64))
    return single(world, JOBS, rows, key.zone)


def _open(world: World, key: Key, id_: str) -> Rows:
    """The job with this id. Raises Refused: 404, or 422 for one that is not open, or not made here."""
    rows, table = row_seen(world, JOBS, id_, key), world.state["bulk_jobs"]
    if table["state"][rows[0]] != OPEN or table["data"][rows[0]] is None:
        raise Refused.invalid(state="is not open any more")
    return rows


def _execute(world: World, key: Key, fields: Form) -> tuple[str | None, dict[str, Any] | None]:
    """The error, or what came of the upsert."""
    try:
        done: dict[str, Any] = people.upsert(world, key, fields, "")["data"]
    except Refused as refusal:
        errors = refusal.body.get("errors", {"record": [refusal.body.get("error", "Not Found")]})
        return "; ".join(f"{name} {' '.join(told)}" for name, told in errors.items()), None
    return None, done


def _one(value: list[Any]) -> Any:
    """A column of one list, which numpy would otherwise spread."""
    column = np.empty(1, dtype=object)
    column[0] = value
    return column
