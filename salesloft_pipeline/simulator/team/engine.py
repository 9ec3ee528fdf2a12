"""Time: takes what is due from the agenda, batch by batch, until a given instant.

    day ─► meet, enrol, one-off, assign          planned every evening for the next local day
    enrol ─► step ─► step ─► ...                 every step plans the next
    send ─► view, click, reply, bounce ─► ...    see outcomes.py
    night ─► counts of cadences and templates

Building a world is one batch over its whole history; living on is many batches of a few minutes each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..switches import Switches
from . import chores, conversations, deals, meetings, outcomes, sending, stepping
from .chance import Ints
from .desk import fill_desks
from .diary import open_diaries
from .hours import DAY, HOUR, MINUTE, WEEK, weekday
from .integrations import connect, jobs_done
from .market import add_accounts, meet, open_market
from .office import open_office
from .playbook import write_playbook
from .state import Handler, Sizes, State

SLICE = 15 * MINUTE
# The history makes these in batches; their ids are to ascend with time all the same.
DATED = (
    *("emails", "calls", "call_data_records", "notes", "meetings", "successes", "tasks", "crm_activities"),
    "opportunity_people",
)
# The numbers of future things start here, so that they are drawn differently from those of the past.
FUTURE = 1 << 40


def build(sizes: Sizes, now: int, switches: Switches) -> State:
    """A team with `sizes.days` of history that ends at the instant `now`."""
    state = State(sizes, start=now - sizes.days * DAY, until=now, switches=switches)
    open_office(state)
    write_playbook(state)
    open_market(state)
    fill_desks(state)
    open_diaries(state)
    connect(state)
    # No plan has more than four emails, so cadences can never send more than the emails asked for.
    _happen(state, "enrol", sizes.emails // 5)
    _happen(state, "assign", sizes.people // 4)
    _happen(state, "deal", max(1, sizes.people // 12))
    run(state, now)
    _happen(state, "one-off", sizes.emails - state["emails"].size)
    run(state, now)
    sum_up(state, now)
    _number(state)
    today = now // DAY
    plan_day(state, np.array([now]), np.array([today]))
    state.agenda.add(
        "day", np.array([(today + 1) * DAY - 14 * HOUR]).clip(min=now + 1), np.array([today + 1])
    )
    state.agenda.add("night", np.array([(today + 1) * DAY + 3 * HOUR]), np.array([today + 1]))
    return state


def run(state: State, until: int, after_slice: Callable[[], None] = lambda: None) -> None:
    """Let everything happen that is due up to and including `until`, at most a quarter of an hour at a time."""
    while (first := state.agenda.first()) is not None and first <= until:
        state.until = max(state.until, min(until, (first // SLICE + 1) * SLICE))
        for kind, handler in HANDLERS.items():
            if state.agenda.due(kind, state.until):
                handler(state, *state.agenda.take(kind, state.until))
        after_slice()
    state.until = max(state.until, until)


def plan_day(state: State, times: Ints, days: Ints) -> None:
    """What the team will do on a local day that has not begun (or on the rest of one that has)."""
    for kind, rate in state.rates.items():
        for time, day in zip(times.tolist(), days.tolist(), strict=True):
            share = rate * WEEK[weekday(day)]
            extra = state.dice.uniform(f"day/{kind}", np.array([day]))[0]
            numbers = FUTURE + day * 1_000_000 + np.arange(int(share + extra))
            moments = state.moments(kind, numbers, np.full(len(numbers), day))
            state.agenda.add(kind, moments[moments > time], numbers[moments > time])


def next_day(state: State, times: Ints, days: Ints) -> None:
    """Plan the coming day, and the planning of the one after."""
    plan_day(state, times, days)
    state.agenda.add("day", (days + 1) * DAY - 14 * HOUR, days + 1)


def arrive(state: State, times: Ints, numbers: Ints) -> None:
    """New people; every third comes with a new account."""
    add_accounts(state, times[numbers % 3 == 0])
    meet(state, times)


def night(state: State, times: Ints, days: Ints) -> None:
    """Once a day: sum up, and come again."""
    sum_up(state, int(times[-1]))
    state.agenda.add("night", times[-1:] + DAY, days[-1:] + 1)


def sum_up(state: State, at: int) -> None:
    """Count anew for cadences and templates; only those whose sums changed are updated."""
    members, emails = state["cadence_memberships"], state["emails"]
    acted = (members["sent"] > 0) | (members["calls"] > 0)
    people = _sums(state, "cadences", members["cadence"], members["on"])
    acted_on = _sums(state, "cadences", members["cadence"], acted)
    booked = _sums(state, "cadences", state["meetings"]["cadence"], np.ones(state["meetings"].size))
    _refresh(state, "cadences", at, people=people, acted=acted_on, meetings=booked)
    amounts = {"views": emails["views"], "clicks": emails["clicks"], "replies": emails["replies"]}
    amounts |= {"sent": emails["template"] >= 0, "bounces": emails["bounced"]}
    sums = {
        name: _sums(state, "email_templates", emails["template"], value) for name, value in amounts.items()
    }
    used = state["email_templates"]["used_at"].copy()
    known = emails["template"] >= 0
    np.maximum.at(used, emails["template"][known], emails["sent_at"][known])
    _refresh(state, "email_templates", at, used_at=used, **sums)


def _sums(state: State, table: str, rows: Ints, amounts: Ints) -> Ints:
    known = rows >= 0
    return np.bincount(rows[known], amounts[known], minlength=state[table].size).astype(np.int64)


def _refresh(state: State, table: str, at: int, **sums: Ints) -> None:
    changed = np.zeros(state[table].size, dtype=bool)
    for column, value in sums.items():
        changed |= state[table][column] != value
    rows = np.nonzero(changed)[0]
    state[table].update(rows, updated_at=at, **{column: value[rows] for column, value in sums.items()})


def _happen(state: State, kind: str, count: int) -> None:
    """Spread `count` events of a kind over the history; the future goes on at the same rate."""
    times, numbers = state.past(kind, count)
    state.agenda.add(kind, times, numbers)
    state.keep_rate(kind, count)


def _number(state: State) -> None:
    for name in DATED:
        state[name].number_by("created_at")
    # What waits to be sent goes by the id of its email.
    waiting = state["pending_emails"]
    known = waiting["email"] >= 0
    waiting["id"][known] = state["emails"]["id"][waiting["email"][known]]


HANDLERS: dict[str, Handler] = {
    "day": next_day,
    "people": arrive,
    "deal": deals.open_deals,
    "enrol": stepping.enrol,
    "one-off": sending.write_one_offs,
    "assign": chores.assign,
    "deliver": sending.deliver,
    "view": outcomes.viewed,
    "click": outcomes.clicked,
    "bounce": outcomes.bounced,
    "reply": outcomes.replied,
    "opt out": outcomes.opted_out,
    "step": stepping.take_steps,
    "book": meetings.book,
    "succeed": outcomes.succeeded,
    "meeting cancelled": meetings.meeting_cancelled,
    "meeting over": meetings.meeting_over,
    "task done": chores.task_done,
    "deal moves": deals.move_deals,
    "transcribe": conversations.transcribe,
    "job done": jobs_done,
    "night": night,
}
