"""Meetings: booked out of replies and calls; held, missed or called off. Each is an event in a calendar."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .conversations import record_meetings
from .diary import call_off, put_down
from .hours import DAY, HOUR, MINUTE, NEVER, next_working_day
from .outcomes import note_down
from .state import State


def book(state: State, times: Ints, emails: Ints) -> None:
    """A meeting comes out of a reply: put into the calendar within two weeks of the sender."""
    source = {name: state["emails"][name][emails] for name in ("person", "user", "cadence", "step")}
    meet_later(state, times, **source)


def meet_later(state: State, times: Ints, person: Ints, user: Ints, cadence: Ints, step: Ints) -> None:
    """Book one meeting per instant, and plan how each will go."""
    dice, table = state.dice, state["meetings"]
    n = np.arange(table.size, table.size + len(times))
    days = next_working_day(times // DAY + 1 + dice.pick("meetings/day", n, 13))
    hour = 9.0 + dice.pick("meetings/hour", n, 16) / 2
    start = state.offices.at(state["users"]["zone"][user], days, hour)
    rows = table.append(
        len(times), person=person, account=state["people"]["account"][person], cadence=cadence, step=step, booker=user,
        owner=user, start_at=start, minutes=dice.pick("meetings/minutes", n, 2) * 30 + 30, created_at=times, updated_at=times,
    )  # fmt: skip
    put_down(state, times, rows)
    note_down(state, "meeting", times, person=person, user=user, about=rows, cadence=cadence, step=step)
    state.agenda.add("meeting over", start + HOUR, rows)
    cancelled = dice.happens("meetings/cancelled", n, 0.1)
    state.agenda.add("meeting cancelled", (start - 5 * HOUR)[cancelled], rows[cancelled])


def meeting_over(state: State, times: Ints, meetings: Ints) -> None:
    """Held, or nobody came, or it had been cancelled."""
    table = state["meetings"]
    due = table["canceled_at"][meetings] == NEVER
    times, meetings = times[due], meetings[due]
    missed = state.dice.happens("meetings/no show", meetings, 0.08)
    table.update(meetings, no_show=missed, updated_at=times)
    held = meetings[~missed]
    columns = {"person": table["person"][held], "user": table["owner"][held], "about": held}
    note_down(state, "meeting_held", times[~missed], **columns)
    record_meetings(state, times[~missed], held)


def meeting_cancelled(state: State, times: Ints, meetings: Ints) -> None:
    """Called off; a third of these also vanish from the ordinary list."""
    times = np.maximum(times, state["meetings"]["created_at"][meetings] + MINUTE)
    gone = state.dice.happens("meetings/deleted", meetings, 0.33)
    state["meetings"].update(meetings, canceled_at=times, updated_at=times, deleted=gone)
    call_off(state, times, meetings)
