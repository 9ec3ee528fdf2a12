"""Writing /cadence_imports: a new cadence, or steps for one that has none. There is no other way to write either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..api.exchange import Form, Refused
from ..records.voice import href
from ..team.desk import instruct
from ..team.playbook import FUNCTIONS, STEP_TYPES, add_steps

if TYPE_CHECKING:
    from ..api.keys import Key
    from ..world import World

ACTIVE = 1


def import_(world: World, key: Key, form: Form, _id: str) -> dict[str, Any]:
    """POST /cadence_imports: answers the id of the cadence, and none of its steps."""
    settings, sharing, content = (
        _object(form, n) for n in ("settings", "sharing_settings", "cadence_content")
    )
    steps = _steps(content)
    if "cadence_id" in content:
        row = _without_steps(world, content["cadence_id"])
    else:
        row = _new(world, key, settings, sharing)
    now = world.clock.now()
    if steps:
        made = add_steps(
            world.state, row, [(day, STEP_TYPES.index(step["type"].lower())) for day, step in steps], now,
            name=[step["name"] for _, step in steps], content=_each([step.get("type_settings") or {} for _, step in steps]),
            disabled=[not step.get("enabled", True) for _, step in steps],
        )  # fmt: skip
        instruct(world.state, made)
    return {"data": {"cadence": href("cadences", int(world.state["cadences"]["id"][row]))}}


def _new(world: World, key: Key, settings: Form, sharing: Form) -> int:
    if not isinstance(settings.get("name"), str) or not settings["name"]:
        raise Refused.invalid(settings="must have a name")
    function = settings.get("cadence_function", "other")
    if function not in FUNCTIONS:
        raise Refused.invalid(settings=f"must have a cadence_function of {', '.join(FUNCTIONS)}")
    now = world.clock.now()
    rows = world.state["cadences"].append(
        1, name=settings["name"], owner=int(world.state["users"].alive[key.user]), function=FUNCTIONS.index(function),
        state=ACTIVE, team=bool(sharing.get("team_cadence")), shared=bool(sharing.get("shared")),
        stop_on_reply=bool(settings.get("remove_replied")), stop_on_bounce=bool(settings.get("remove_bounced")),
        # Nobody but its importer puts people on it.
        popularity=0.0, groups=_each([()]), steps=_each([(0, 0)]), created_at=now, updated_at=now,
    )  # fmt: skip
    return int(rows[0])


def _without_steps(world: World, id_: Any) -> int:
    cadences = world.state["cadences"]
    row = cadences.row_of(int(id_)) if str(id_).isdecimal() else None
    if row is None:
        raise Refused.invalid(cadence_content="names a cadence that does not exist")
    if cadences["steps"][row][1]:
        raise Refused.invalid(cadence_content="names a cadence that has steps already")
    cadences.update([row], updated_at=world.clock.now())
    return row


def _steps(content: Form) -> list[tuple[int, Form]]:
    """Every step with its day, in order. Raises Refused (422) for a group or step that cannot be."""
    groups, found = content.get("step_groups", []), []
    for group in groups if isinstance(groups, list) else [{}]:
        day, steps = (group.get(name) if isinstance(group, dict) else None for name in ("day", "steps"))
        if not isinstance(day, int) or day < 1 or not isinstance(steps, list):
            raise Refused.invalid(cadence_content="must have step_groups with a day from 1 and steps")
        for step in steps:
            known = isinstance(step, dict) and isinstance(step.get("type_settings") or {}, dict)
            known = known and str(step.get("type")).lower() in STEP_TYPES
            if not known or not isinstance(step.get("name"), str):
                raise Refused.invalid(cadence_content="must have steps with a name and a known type")
            found.append((day, step))
    return sorted(found, key=lambda each: each[0])


def _object(form: Form, name: str) -> Form:
    value = form.get(name, {})
    if not isinstance(value, dict):
        raise Refused.invalid(**{name: "must be an object"})
    return value


def _each(values: list[Any]) -> Any:
    """A column of objects, which numpy would otherwise look into."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
