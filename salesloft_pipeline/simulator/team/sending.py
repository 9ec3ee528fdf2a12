"""Emails: from cadences, by hand, to many at once, from another mail program.

take_steps, write_one_offs ─► send ─► record, activity, contact ─► expect (see outcomes.py)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .chance import Ints
from .codes import FAILED, FROM_EXTERNAL, FROM_GMAIL, SCHEDULED, SENT
from .contact import contacted, log_in_crm
from .hours import DAY, MINUTE, SECOND
from .outcomes import expect, note_down
from .state import State, tally


def send(state: State, times: Ints, person: Ints, user: Ints, **columns: Any) -> Ints:
    """Send one email per instant: the record, the activity, the contact, and what will come of it."""
    emails, dice = state["emails"], state.dice
    n = np.arange(emails.size, emails.size + len(times))
    tracked = dice.happens("email/tracked", n, 0.93)
    rows = emails.append(
        len(times), person=person, user=user, sent_at=times, send_after=times - 30 * SECOND, view_tracking=tracked,
        created_at=times - dice.pick("email/written", n, 40 * MINUTE) - MINUTE, updated_at=_soon(state, times, n),
        click_tracking=tracked & dice.happens("email/clicks tracked", n, 0.8),
        **{"status": SENT, **columns},
    ).astype(np.int64)  # fmt: skip
    log_in_crm(state, times, rows, "email")
    contacted(state, times, "email", person, user)
    of = {name: emails[name][rows] for name in ("cadence", "step")}
    note_down(state, "sent_email", times, person=person, user=user, about=rows, **of)
    enrolment = emails["enrolment"][rows]
    known = enrolment >= 0
    tally(
        state["cadence_memberships"],
        state["enrolments"]["membership"][enrolment[known]],
        times[known],
        sent=1,
    )
    expect(state, rows, times)
    return rows


def _soon(state: State, times: Ints, n: Ints) -> Ints:
    """A few seconds later, when the mail server has answered, but not in the future."""
    answered = times + state.dice.pick("email/answered", n, 20 * SECOND) + 1
    return np.asarray(np.minimum(answered, np.maximum(state.until, times)))


def write_one_offs(state: State, times: Ints, numbers: Ints) -> None:
    """Emails outside cadences: to one person, to many at once, from another mail program; few fail or wait."""
    dice = state.dice
    known = np.searchsorted(state["people"]["created_at"], times, side="right")
    person = dice.pick("one-off/person", numbers, np.maximum(known, 1))
    user = state.sender("one-off", numbers, times)
    kind = dice.choose("one-off/kind", numbers, (0.45, 0.33, 0.1, 0.06, 0.04, 0.02))
    status = np.array([SENT, SENT, FROM_EXTERNAL, FROM_GMAIL, FAILED, SCHEDULED])[kind]
    mailing = np.where(kind == 1, 3_000_000 + times // DAY * 100 + user % 100, -1)
    person = np.where((kind == 2) & dice.happens("one-off/stranger", numbers, 0.5), -1, person)
    template = dice.pick("one-off/template", numbers, 2 * state.loose_templates)
    template = np.where((kind < 2) & (template < state.loose_templates), template, -1)
    columns = {"person": person, "user": user, "status": status, "mailing": mailing, "template": template}
    goes = status < SCHEDULED
    send(state, times[goes], **{name: value[goes] for name, value in columns.items()})
    _write_only(state, times[~goes], **{name: value[~goes] for name, value in columns.items()})


def _write_only(state: State, times: Ints, **columns: Any) -> None:
    """Emails that were not sent: failed for good, or scheduled for one of the next days."""
    later = times + (1 + np.arange(len(times)) % 6) * DAY
    rows = state["emails"].append(
        len(times), send_after=later, created_at=times, updated_at=times, view_tracking=True, click_tracking=True, **columns
    ).astype(np.int64)  # fmt: skip
    waiting = columns["status"] == SCHEDULED
    state.agenda.add("deliver", later[waiting], rows[waiting])
    of = {name: columns[name][waiting] for name in ("user", "person")}
    state["pending_emails"].append(
        int(waiting.sum()), id=state["emails"]["id"][rows[waiting]], email=rows[waiting], created_at=times[waiting],
        updated_at=times[waiting], **of,
    )  # fmt: skip


def deliver(state: State, times: Ints, emails: Ints) -> None:
    """A scheduled email is sent, and waits no longer."""
    table, waiting = state["emails"], state["pending_emails"]
    waiting.delete(np.nonzero(np.isin(waiting["email"], emails))[0])
    table.update(emails, status=SENT, sent_at=times, updated_at=times)
    of = {name: table[name][emails] for name in ("person", "user")}
    contacted(state, times, "email", **of)
    note_down(state, "sent_email", times, about=emails, **of)
    expect(state, emails, times)
