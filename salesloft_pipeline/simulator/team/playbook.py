"""Cadences, their steps, and the templates they send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import names
from .chance import Ints
from .hours import DAY, HOUR, NEVER
from .state import State

EMAIL, PHONE, INTEGRATION, OTHER = range(4)
STEP_TYPES = ("email", "phone", "integration", "other")
STATES = ("draft", "active", "archived")
FUNCTIONS = ("outbound", "inbound", "event", "other")
# (day, type) of the steps of each plan; steps of one day are a multi-touch.
PLANS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((1, EMAIL), (1, PHONE), (3, EMAIL), (5, OTHER), (8, EMAIL), (12, EMAIL)),
    ((1, EMAIL), (4, EMAIL), (8, EMAIL)),
    ((1, PHONE), (2, EMAIL), (4, PHONE), (7, EMAIL), (7, INTEGRATION)),
    ((1, EMAIL), (2, INTEGRATION), (5, EMAIL), (9, PHONE), (14, EMAIL), (21, EMAIL)),
    ((1, EMAIL), (3, PHONE), (6, EMAIL)),
)


def write_playbook(state: State) -> None:
    """One cadence per 900 emails (8 to 160). The first is always active; some are drafts, some archived."""
    count = int(np.clip(state.sizes.emails // 900, 8, 160))
    n = np.arange(count)
    _team_templates(state, max(3, count // 3))
    _cadences(state, n)
    _loose_templates(state, max(3, count // 4))
    for cadence in n.tolist():
        made = int(state["cadences"]["created_at"][cadence]) + 600_000_000
        add_steps(state, cadence, PLANS[cadence % len(PLANS)], made)


def _cadences(state: State, n: Ints) -> None:
    dice, count = state.dice, len(n)
    made = np.sort(state.start - (dice.uniform("cadences/made", n) * 200 * DAY).astype(np.int64) - HOUR)
    code = np.where(n == 0, 1, dice.choose("cadences/state", n, (0.06, 0.82, 0.12)))
    code[1], code[2] = 0, 2
    span = (dice.uniform("cadences/archived", n) * max(state.until - state.start, 1)).astype(np.int64)
    archived = np.where(code == 2, state.start + span, NEVER)
    values = np.empty(count, dtype=object)
    values[:] = [(int(g),) if g < 5 else () for g in dice.pick("cadences/group", n, 9)]
    state["cadences"].append(
        count,
        name=[
            f"{names.CADENCE_THEMES[i % len(names.CADENCE_THEMES)]} {i // len(names.CADENCE_THEMES) + 1}"
            for i in n.tolist()
        ],
        owner=dice.pick("cadences/owner", n, state["users"].size),
        function=dice.pick("cadences/function", n, len(FUNCTIONS)),
        state=code,
        archived_at=archived,
        team=dice.happens("cadences/team", n, 0.7),
        shared=True,
        stop_on_reply=dice.happens("cadences/reply", n, 0.8) | (n == 0),
        stop_on_bounce=dice.happens("cadences/bounce", n, 0.8),
        groups=values,
        priority=3_300 + dice.pick("cadences/priority", n, 3),
        popularity=np.where(code == 0, 0.0, 0.2 + dice.uniform("cadences/popularity", n) ** 3 * 4).astype(
            object
        ),
        created_at=made,
        updated_at=np.maximum(made, archived),
    )


def add_steps(state: State, cadence: int, plan: Sequence[tuple[int, int]], made: int, **columns: Any) -> Ints:
    """Steps by (day, type), in order; `columns` go before what is drawn. Returns their rows.

    The steps of one cadence are neighbouring rows; `steps` of the cadence says (first, count).
    """
    templates = [_template(state, cadence, made) if kind == EMAIL else -1 for _, kind in plan]
    days, n = [day for day, _ in plan], np.arange(len(plan))
    drawn = {
        "disabled": state.dice.happens("steps/disabled", cadence * 16 + n, 0.04) & (n > 0),
        "name": [f"{STEP_TYPES[kind].title()} {i + 1}" for i, (_, kind) in enumerate(plan)],
    }
    rows = state["steps"].append(
        len(plan), cadence=cadence, type=[kind for _, kind in plan], day=days,
        number=[1 + days[:i].count(day) for i, day in enumerate(days)], multitouch=[days.count(day) > 1 for day in days],
        template=templates, created_at=made, updated_at=made, **(drawn | columns),
    )  # fmt: skip
    state["cadences"]["steps"][cadence] = (int(rows[0]), len(plan))
    return rows


def _template(state: State, cadence: int, made: int) -> int:
    number = state["email_templates"].size
    row = state["email_templates"].append(
        1, title=f"Template {number + 1}", owner=state["cadences"]["owner"][cadence],
        team_template=number % state["team_templates"].size if number % 4 == 0 else -1,
        archived_at=made + 30 * DAY if number % 11 == 5 else NEVER, cadence_template=True, created_at=made, updated_at=made,
    )  # fmt: skip
    return int(row[0])


def _loose_templates(state: State, count: int) -> None:
    """Templates that belong to no cadence: the first rows, for emails written one by one."""
    made = state.start - 240 * DAY + np.arange(count) * DAY
    state["email_templates"].append(
        count, title=[f"Template {i + 1}" for i in range(count)], owner=0, created_at=made, updated_at=made
    )
    state.loose_templates = count


def _team_templates(state: State, count: int) -> None:
    n = np.arange(count)
    made = state.start - 250 * DAY + n * DAY
    state["team_templates"].append(
        count,
        title=[f"Team Template {i + 1}" for i in n.tolist()],
        user=0,
        archived_at=np.where(n % 7 == 2, made + 40 * DAY, NEVER),
        created_at=made,
        updated_at=np.where(n % 7 == 2, made + 40 * DAY, made),
    )
