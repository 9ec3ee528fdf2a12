"""What comes back: opens, clicks, replies, bounces, opt-outs, successes. For weeks after the send.

send ─► expect ─► agenda ─► views, clicks, replies, bounces ─► counters of email, person, membership
                                 │
                                 └► email_reply activity ─► the cadence stops ─► meeting, success, opt-out
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .chance import Ints
from .codes import ACTIVITIES, REMOVED
from .hours import DAY, HOUR, MINUTE, NEVER, SECOND
from .state import State, latest, tally

OPENED, CLICKED, REPLIED, BOUNCED = 0.46, 0.05, 0.042, 0.02


def note_down(state: State, kind: str, times: Ints, **columns: Any) -> None:
    """Write activities; `about` is the row of the email, call, meeting ... that this kind is about."""
    number = ACTIVITIES.index(kind)
    state["activity_histories"].append(
        len(times), type=number, occurred_at=times, created_at=times, updated_at=times, **columns
    )


def expect(state: State, emails: Ints, sent: Ints) -> None:
    """Decide now what will happen to each sent email, and when."""
    dice, table = state.dice, state["emails"]
    bounced = dice.happens("bounce", emails, BOUNCED)
    wait = dice.spread("bounce/wait", emails, 8 * MINUTE, 1.0, 5 * HOUR).astype(np.int64)
    state.agenda.add("bounce", (sent + wait)[bounced], emails[bounced])
    arrived = ~bounced | dice.happens("bounce/read first", emails, 0.03)
    _expect_views(state, emails[arrived & table["view_tracking"][emails]])
    clicks = arrived & table["click_tracking"][emails] & dice.happens("click", emails, CLICKED)
    wait = dice.spread("click/wait", emails, 7 * HOUR, 1.4, 20 * DAY).astype(np.int64)
    state.agenda.add("click", (sent + wait)[clicks], emails[clicks])
    _expect_replies(state, emails, sent, ~bounced & dice.happens("reply", emails, REPLIED))


def _expect_views(state: State, emails: Ints) -> None:
    """A reader opens again and again, a mail scanner within seconds: opens are not readers."""
    dice = state.dice
    emails = emails[dice.happens("view", emails, OPENED)]
    for again in range(8):
        if not len(emails):
            return
        sent = state["emails"]["sent_at"][emails]
        wait = dice.spread(f"view/wait/{again}", emails, 4 * HOUR * (1 + 6 * again), 1.5, 32 * DAY).astype(
            np.int64
        )
        scanner = dice.happens("view/scanner", emails, 0.15) & (again == 0)
        state.agenda.add("view", sent + np.where(scanner, 3 * SECOND, wait + 20 * SECOND), emails)
        emails = emails[dice.happens(f"view/again/{again}", emails, 0.45)]


def _expect_replies(state: State, emails: Ints, sent: Ints, replied: Any) -> None:
    sent, emails = sent[replied], emails[replied]
    for again in range(2):
        wait = state.dice.spread(f"reply/wait/{again}", emails, 20 * HOUR, 1.2, 25 * DAY).astype(np.int64)
        state.agenda.add("reply", sent + wait * (1 + again), emails)
        more = state.dice.happens("reply/again", emails, 0.2)
        sent, emails = sent[more], emails[more]


def viewed(state: State, times: Ints, emails: Ints) -> None:
    """A tracking pixel was loaded."""
    _count(state, times, emails, "views", "viewed", "views")


def clicked(state: State, times: Ints, emails: Ints) -> None:
    """A tracked link was followed."""
    _count(state, times, emails, "clicks", "clicked", "clicks")


def replied(state: State, times: Ints, emails: Ints) -> None:
    """The hourly look into the inbox found a reply that had come a little earlier."""
    table, dice = state["emails"], state.dice
    _count(state, times, emails, "replies", "replied", "replies")
    earlier = times - dice.pick("reply/sweep", emails + times // DAY, 55 * MINUTE)
    person = table["person"][emails]
    latest(state["people"], "replied_at", person, np.maximum(earlier, table["sent_at"][emails] + 1))
    note_down(state, "email_reply", times, **_of_email(state, emails))
    activities = state["activity_histories"]
    new = np.arange(activities.size - len(times), activities.size)
    activities.update(
        new, occurred_at=np.maximum(earlier, table["sent_at"][emails] + 1), number=times // 1_000
    )
    cadence = table["cadence"][emails]
    stops = (cadence >= 0) & state["cadences"]["stop_on_reply"][cadence]
    stop(state, times[stops], table["enrolment"][emails][stops])
    _follow(state, times, emails)


def _follow(state: State, times: Ints, emails: Ints) -> None:
    """Some replies lead to a meeting, a success, or to being left alone."""
    known = state["emails"]["person"][emails] >= 0
    for kind, share, wait in (
        ("book", 0.16, 3 * HOUR),
        ("succeed", 0.09, 2 * DAY),
        ("opt out", 0.03, MINUTE),
    ):
        happens = known & state.dice.happens(f"reply/{kind}", emails, share)
        state.agenda.add(kind, times[happens] + wait, emails[happens])


def bounced(state: State, times: Ints, emails: Ints) -> None:
    """The address does not exist."""
    table = state["emails"]
    table.update(np.unique(emails), bounced=True)
    tally(table, emails, times)
    person = table["person"][emails]
    tally(state["people"], person, times, bounced=1)
    latest(state["people"], None, person, times, bouncing=True)
    tally(state["cadence_memberships"], _membership(state, emails), times, bounces=1)
    cadence = table["cadence"][emails]
    stops = (cadence >= 0) & state["cadences"]["stop_on_bounce"][cadence]
    stop(state, times[stops], table["enrolment"][emails][stops])


def opted_out(state: State, times: Ints, emails: Ints) -> None:
    """Somebody asked not to be contacted again: no cadence may keep them."""
    _, first = np.unique(state["emails"]["person"][emails], return_index=True)
    times, emails = times[first], emails[first]
    fresh = ~state["people"]["do_not_contact"][state["emails"]["person"][emails]]
    times, emails = times[fresh], emails[fresh]
    person, user = state["emails"]["person"][emails], state["emails"]["user"][emails]
    latest(state["people"], None, person, times, do_not_contact=True)
    note_down(state, "dnc_event", times, person=person, user=user, about=emails)
    enrolments = state["enrolments"]
    when = dict(zip(person.tolist(), times.tolist(), strict=True))
    hit = np.nonzero(np.isin(enrolments["person"], person) & (enrolments["ended_at"] == NEVER))[0]
    at = np.array([when[p] for p in enrolments["person"][hit].tolist()], dtype=np.int64)
    # Whoever was put on another cadence afterwards stays on it: nobody looked.
    running = enrolments["added_at"][hit] <= at
    stop(state, at[running], hit[running])


def stop(state: State, times: Ints, enrolments: Ints, outcome: int = REMOVED) -> None:
    """End each enrolment at its instant unless it has ended before; its pending action disappears."""
    turn = np.argsort(times, kind="stable")
    times, enrolments = times[turn], enrolments[turn]
    rows, first = np.unique(enrolments, return_index=True)
    times = times[first]
    ended = state["enrolments"]["ended_at"][rows]
    earlier = (ended == NEVER) | (times < ended)
    rows, times = rows[earlier], times[earlier]
    if not len(rows):
        return
    table = state["enrolments"]
    table.update(rows, ended_at=times)
    done(state, rows)
    latest(
        state["cadence_memberships"], "moved_at", table["membership"][rows], times, state=outcome, on=False
    )
    tally(state["people"], table["person"][rows], times)


def done(state: State, enrolments: Ints) -> None:
    """SalesLoft lists only actions in progress: a finished one is gone."""
    rows = state["enrolments"]["action_row"][enrolments]
    state["actions"].delete(rows[rows >= 0])


def succeeded(state: State, times: Ints, emails: Ints) -> None:
    """A person was converted; the record sums up what was done until then."""
    source = {name: state["emails"][name][emails] for name in ("person", "user", "cadence", "step")}
    person = source["person"]
    people = state["people"]
    rows = state["successes"].append(
        len(times), **source, email=emails, succeeded_at=times, created_at=times, updated_at=times,
        action=state["emails"]["action"][emails], emails=people["sent"][person], calls=people["calls"][person],
        window_started_at=np.minimum(state["emails"]["created_at"][emails] - DAY, times),
    )  # fmt: skip
    tally(people, person, times, successes=1)
    note_down(state, "success", times, about=rows, **source)


def _count(state: State, times: Ints, emails: Ints, column: str, of_person: str, of_membership: str) -> None:
    """Move a counter of emails; the person counts an email once, the membership every time."""
    table, bump = state["emails"], state.switches.counts_bump_updated_at
    unique, first = np.unique(emails, return_index=True)
    fresh = unique[table[column][unique] == 0]
    at = times[first][table[column][unique] == 0]
    tally(table, emails, times, bump, **{column: 1})
    tally(state["people"], table["person"][fresh], at, bump, **{of_person: 1})
    tally(state["cadence_memberships"], _membership(state, emails), times, bump, **{of_membership: 1})


def _membership(state: State, emails: Ints) -> Any:
    enrolment = state["emails"]["enrolment"][emails]
    if not state["enrolments"].size:
        return enrolment
    return np.where(enrolment >= 0, state["enrolments"]["membership"][enrolment], -1)


def _of_email(state: State, emails: Ints) -> dict[str, Any]:
    columns = {name: state["emails"][name][emails] for name in ("person", "user", "cadence", "step")}
    return {**columns, "about": emails}
