"""Tasks: given to somebody about somebody, mostly done within days."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .hours import DAY, next_working_day
from .outcomes import note_down
from .state import State


def assign(state: State, times: Ints, numbers: Ints) -> None:
    """A task for somebody about somebody; four in five are done within days."""
    dice, tasks = state.dice, state["tasks"]
    known = np.searchsorted(state["people"]["created_at"], times, side="right")
    user = state.sender("assign", numbers, times)
    wait = dice.spread("task/wait", numbers, 1.5 * DAY, 0.8, 20 * DAY).astype(np.int64)
    rows = tasks.append(
        len(times), user=user, creator=user, person=dice.pick("task/person", numbers, np.maximum(known, 1)),
        type=dice.pick("task/type", numbers, 3), due_on=next_working_day(times // DAY + 2), created_at=times, updated_at=times,
    )  # fmt: skip
    done = dice.happens("task/done", numbers, 0.8)
    state.agenda.add("task done", (times + wait)[done], rows[done])


def task_done(state: State, times: Ints, tasks: Ints) -> None:
    """Completed by whom it was given to."""
    table = state["tasks"]
    table.update(tasks, completed_at=times, updated_at=times)
    note_down(state, "task", times, person=table["person"][tasks], user=table["user"][tasks], about=tasks)
