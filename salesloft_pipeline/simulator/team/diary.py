"""Calendars: an event for every meeting, and what a team has besides."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .hours import DAY, MINUTE
from .state import State

# Title, first local hour, minutes, whether it comes every week.
HABITS = (
    ("Pipeline review", 9.0, 30, True),
    ("One to one", 14.5, 45, True),
    ("Quarter planning", 11.0, 90, False),
)


def open_diaries(state: State) -> None:
    """The habits of every user; what comes every week began when the history did."""
    users, count = state["users"], state["users"].size
    user = np.repeat(np.arange(count), len(HABITS))
    title, hour, minutes, weekly = (np.array(list(column) * count) for column in zip(*HABITS, strict=True))
    days = state.start // DAY + 1 + user % 5
    start = state.offices.at(users["zone"][user], days, hour)
    state["calendar_events"].append(
        len(user), user=user, title=title.astype(object), recurring=weekly, start_at=start,
        end_at=start + minutes * MINUTE, created_at=start - 5 * DAY, updated_at=start - 5 * DAY,
    )  # fmt: skip


def put_down(state: State, times: Ints, meetings: Ints) -> None:
    """Meetings go into the calendar of their owner."""
    table = state["meetings"]
    start = table["start_at"][meetings]
    events = state["calendar_events"].append(
        len(times), user=table["owner"][meetings], person=table["person"][meetings], meeting=meetings, start_at=start,
        end_at=start + table["minutes"][meetings].astype(np.int64) * MINUTE, created_at=times, updated_at=times,
    )  # fmt: skip
    table.update(meetings, event=events)


def call_off(state: State, times: Ints, meetings: Ints) -> None:
    """The events of meetings that do not take place."""
    state["calendar_events"].update(state["meetings"]["event"][meetings], canceled_at=times, updated_at=times)
