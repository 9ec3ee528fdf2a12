"""Cadences at work: people are put on them and led from step to step.

    enrol ─► membership, enrolment ─► step (action in progress) ─► email, call or other ─► next step ─► completed

Every function takes a batch: instants, ascending, and rows or numbers beside them. The history of a world is
one very long batch and its future is many short ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .calling import call
from .chance import Ints
from .codes import ACTIVE, COMPLETED
from .hours import DAY, HOUR, MINUTE, NEVER, next_working_day
from .outcomes import done, note_down, stop
from .playbook import EMAIL, PHONE
from .sending import send
from .state import State, latest

# A person who was on a cadence is not put on it again before this has passed.
AGAIN = 30 * DAY


def enrol(state: State, times: Ints, numbers: Ints) -> None:
    """Put one person on one cadence per number. Whoever was on it within a month is left alone."""
    known = np.searchsorted(state["people"]["created_at"], times, side="right")
    person = state.dice.pick("enrol/person", numbers, np.maximum(known, 1))
    cadence = _cadence(state, times, numbers)
    user = state.sender("enrol", numbers, times)
    add_to_cadence(state, times, person, cadence, user)


def add_to_cadence(
    state: State, times: Ints, person: Ints, cadence: Ints, user: Ints, *, again: int = AGAIN, stage: int = 0
) -> Ints:
    """Enrol; the membership of a pair that was there before is changed, not added. Returns enrolments.

    A pair that was added less than `again` before is left alone; `stage` counts the steps that are skipped.
    """
    members = state["cadence_memberships"]
    membership, new, keep = _memberships(state, times, person, cadence, again)
    times, person, cadence, user, membership = (
        each[keep] for each in (times, person, cadence, user, membership)
    )
    first = keep[keep] & new[keep]
    columns = {"user": user, "added_at": times, "moved_at": times}
    members.append(
        int(first.sum()), person=person[first], cadence=cadence[first], state=ACTIVE, on=True, created_at=times[first],
        updated_at=times[first], **{name: value[first] for name, value in columns.items()},
    )  # fmt: skip
    latest(members, "added_at", membership, times, user=user, moved_at=times, state=ACTIVE, on=True)
    rows = state["enrolments"].append(
        len(times), person=person, cadence=cadence, user=user, membership=membership, added_at=times,
        ended_at=NEVER, stage=stage, created_at=times, updated_at=times,
    )  # fmt: skip
    note_down(
        state,
        "added_to_cadence",
        times,
        person=person,
        user=user,
        about=membership,
        cadence=cadence,
        number=rows,
    )
    latest(state["people"], None, person, times, recent_cadence=cadence)
    _next_step(state, times, rows.astype(np.int64))
    return rows.astype(np.int64)


def _memberships(state: State, times: Ints, person: Ints, cadence: Ints, again: int) -> tuple[Ints, Any, Any]:
    """For each pair: its membership row, whether that row is new, and whether to go on with it."""
    added, next_row = state["cadence_memberships"]["added_at"], state["cadence_memberships"].size
    last: dict[int, int] = {}
    rows, new, keep = np.empty_like(times), np.zeros(len(times), bool), np.ones(len(times), bool)
    for i, (time, pair) in enumerate(
        zip(times.tolist(), zip(person.tolist(), cadence.tolist(), strict=True), strict=True)
    ):
        row = state.pairs.get(pair)
        if row is None:
            row = state.pairs[pair] = next_row
            next_row += 1
            new[i] = True
        else:
            keep[i] = time - (last[row] if row in last else int(added[row])) >= again
        rows[i] = row
        if keep[i]:
            last[row] = time
    return rows, new, keep


def _cadence(state: State, times: Ints, numbers: Ints) -> Ints:
    """By popularity; whoever picks a cadence that is already archived takes the first one instead."""
    cadences = state["cadences"]
    picked = state.dice.choose("enrol/cadence", numbers, cadences["popularity"].astype(float))
    archived = cadences["archived_at"][picked]
    return np.where((archived != NEVER) & (archived <= times), 0, picked)


def _next_step(state: State, times: Ints, enrolments: Ints) -> None:
    """Plan the step each enrolment is at, on its day, in working hours; where none is left, complete."""
    table = state["enrolments"]
    cadence, stage = table["cadence"][enrolments], table["stage"][enrolments]
    first, count = np.array(state["cadences"]["steps"][cadence].tolist(), dtype=np.int64).reshape(-1, 2).T
    more = stage < count
    stop(state, times[~more], enrolments[~more], outcome=COMPLETED)
    times, enrolments, step = times[more], enrolments[more], (first + stage)[more]
    day = table["added_at"][enrolments] // DAY + state["steps"]["day"][step] - 1
    zone = state["users"]["zone"][table["user"][enrolments]]
    planned = state.offices.work(
        zone, next_working_day(day), state.dice.uniform("step/hour", enrolments * 16 + stage[more])
    )
    wait = 10 * MINUTE + state.dice.pick("step/wait", enrolments * 16 + stage[more], 2 * HOUR)
    due = np.maximum(planned, times + wait)
    state.agenda.add("step", due, enrolments)
    _act_later(state, times, enrolments, step, due)


def _act_later(state: State, times: Ints, enrolments: Ints, step: Ints, due: Ints) -> None:
    """The next step is an action in progress until it is taken; only those still open need a record."""
    table, actions = state["enrolments"], state["actions"]
    ids = actions.new_ids(len(times))
    # In a long batch an enrolment may have ended by a reply that is later than this step.
    still = (due > state.until) & (table["ended_at"][enrolments] == NEVER)
    rows = enrolments[still]
    membership = table["membership"][enrolments]
    latest(state["cadence_memberships"], "moved_at", membership, times, step=step, action=ids)
    opened = actions.append(
        len(rows), id=ids[still], person=table["person"][rows], user=table["user"][rows], cadence=table["cadence"][rows],
        step=step[still], due_on=due[still] // DAY, created_at=times[still], updated_at=times[still],
    )  # fmt: skip
    table.update(enrolments, action=ids, action_row=-1)
    table.update(rows, action_row=opened)


def take_steps(state: State, times: Ints, enrolments: Ints) -> None:
    """Do the step that is due for each enrolment that is still running, and plan the next."""
    table = state["enrolments"]
    ended = table["ended_at"][enrolments]
    left = state["users"]["ended"][table["user"][enrolments]]
    running = ((ended == NEVER) | (times < ended)) & ((left == NEVER) | (times < left))
    running &= ~state["people"]["gone"][table["person"][enrolments]]
    stop(state, times[~running], enrolments[~running])
    times, enrolments = times[running], enrolments[running]
    what = {name: table[name][enrolments] for name in ("person", "user", "cadence")}
    first = np.array(state["cadences"]["steps"][what["cadence"]].tolist(), dtype=np.int64).reshape(-1, 2)[
        :, 0
    ]
    what |= {
        "step": first + table["stage"][enrolments],
        "action": table["action"][enrolments],
        "enrolment": enrolments,
    }
    done(state, enrolments)
    enabled = ~state["steps"]["disabled"][what["step"]]
    _do(state, times[enabled], {name: value[enabled] for name, value in what.items()})
    table.update(enrolments, stage=table["stage"][enrolments] + 1)
    _next_step(state, times, enrolments)


def _do(state: State, times: Ints, what: dict[str, Any]) -> None:
    """Email, call, or something outside SalesLoft: by the type of the step."""
    kind = state["steps"]["type"][what["step"]]
    for code, act in ((EMAIL, _cadence_email), (PHONE, call)):
        mine = kind == code
        act(state, times[mine], **{name: value[mine] for name, value in what.items()})
    done = {name: what[name] for name in ("person", "user", "cadence", "step")}
    note_down(state, "completed_action", times, about=what["enrolment"], number=what["action"], **done)
    latest(state["people"], None, what["person"], times, last_step=what["step"])


def _cadence_email(state: State, times: Ints, **what: Any) -> None:
    send(state, times, template=state["steps"]["template"][what["step"]], **what)
