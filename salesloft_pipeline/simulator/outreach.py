"""What the team does: puts people on cadences, takes their steps, writes emails, makes calls.

Every function takes a batch: instants, ascending, and rows or numbers beside them. The history of a world is
one very long batch and its future is many short ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import names
from .chance import Ints
from .codes import ACTIVE, COMPLETED, FAILED, FROM_EXTERNAL, FROM_GMAIL, SCHEDULED, SENT
from .hours import DAY, HOUR, MINUTE, NEVER, SECOND, next_working_day
from .outcomes import done, expect, meet_later, note_down, stop
from .playbook import EMAIL, PHONE
from .state import State, latest, tally

AGAIN = 30 * DAY
ODD_DISPOSITIONS = (*names.DISPOSITIONS, None, " connected ", "left voicemail")
DISPOSITION_SHARES = (0.16, 0.27, 0.26, 0.04, 0.03, 0.03, 0.05, 0.13, 0.015, 0.015)
SENTIMENT_SHARES = (0.25, 0.12, 0.3, 0.23, 0.1)


def enrol(state: State, times: Ints, numbers: Ints) -> None:
    """Put one person on one cadence per number. Whoever was on it within a month is left alone."""
    known = np.searchsorted(state["people"]["created_at"], times, side="right")
    person = state.dice.pick("enrol/person", numbers, np.maximum(known, 1))
    cadence = _cadence(state, times, numbers)
    user = state.sender("enrol", numbers, times)
    add_to_cadence(state, times, person, cadence, user)


def add_to_cadence(state: State, times: Ints, person: Ints, cadence: Ints, user: Ints) -> Ints:
    """Enrol; the membership of a pair that was there before is changed, not added. Returns enrolments."""
    members = state["cadence_memberships"]
    membership, new, keep = _memberships(state, times, person, cadence)
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
        ended_at=NEVER, created_at=times, updated_at=times,
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
    latest(state["people"], "updated_at", person, times, recent_cadence=cadence)
    _next_step(state, times, rows.astype(np.int64))
    return rows.astype(np.int64)


def _memberships(state: State, times: Ints, person: Ints, cadence: Ints) -> tuple[Ints, Any, Any]:
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
            keep[i] = time - (last[row] if row in last else int(added[row])) >= AGAIN
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
    still = due > state.until
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
    latest(state["people"], "updated_at", what["person"], times, last_step=what["step"])


def _cadence_email(state: State, times: Ints, **what: Any) -> None:
    send(state, times, template=state["steps"]["template"][what["step"]], **what)


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
    _log_in_crm(state, times, rows, "email")
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
    return np.minimum(
        times + state.dice.pick("email/answered", n, 20 * SECOND) + 1, np.maximum(state.until, times)
    )


def contacted(state: State, times: Ints, how: str, person: Ints, user: Ints) -> None:
    """Remember on the person and the account who was last in touch, and count."""
    count = "sent" if how == "email" else "calls"
    tally(state["people"], person, times, **{count: 1})
    code = ("email", "call").index(how)
    latest(state["people"], "contacted_at", person, times, contacted_by=user, contacted_type=code, stage=2)
    account = np.where(person >= 0, state["people"]["account"][person], -1)
    latest(
        state["accounts"],
        "contacted_at",
        account,
        times,
        contacted_by=user,
        contacted_person=person,
        contacted_type=code,
    )


def call(state: State, times: Ints, person: Ints, user: Ints, **columns: Any) -> Ints:
    """Log one call per instant: what was said is often left out or spelt freely."""
    calls, dice = state["calls"], state.dice
    n = np.arange(calls.size, calls.size + len(times))
    code = dice.choose("call/disposition", n, DISPOSITION_SHARES)
    connected = (code == 0) | (code == 8)
    mood = dice.choose("call/sentiment", n, SENTIMENT_SHARES)
    said = (connected & dice.happens("call/said", n, 0.9)) | dice.happens("call/said anyway", n, 0.04)
    seconds = np.where(
        connected, dice.spread("call/long", n, 210, 0.8, 3600), dice.spread("call/short", n, 22, 0.6, 90)
    )
    rows = calls.append(
        len(times), person=person, user=user, connected=connected, created_at=times, updated_at=times,
        duration=np.where(dice.happens("call/untimed", n, 0.12), -1, seconds.astype(np.int64)),
        disposition=np.array(ODD_DISPOSITIONS, dtype=object)[code], positive=said & (mood < 2),
        sentiment=np.where(said, np.array(names.SENTIMENTS, dtype=object)[mood], None),
        recordings=np.where(connected, dice.pick("call/recordings", n, 3), 0), **columns,
    ).astype(np.int64)  # fmt: skip
    _after_call(state, times, rows)
    return rows


def _after_call(state: State, times: Ints, rows: Ints) -> None:
    """The dial records, the note, the CRM entry, the activity, the counters, and perhaps a meeting."""
    calls, dice = state["calls"], state.dice
    of = {name: calls[name][rows] for name in ("person", "user")}
    on = {name: calls[name][rows] for name in ("cadence", "step")}
    _dial(state, times, rows)
    noted = dice.happens("call/noted", rows, 0.2)
    notes = state["notes"].append(
        int(noted.sum()),
        user=of["user"][noted],
        person=of["person"][noted],
        call=rows[noted],
        created_at=times[noted],
        updated_at=times[noted],
    )
    calls.update(rows[noted], note=notes)
    _log_in_crm(state, times, rows, "call")
    contacted(state, times, "call", of["person"], of["user"])
    note_down(state, "call", times, about=rows, **of, **on)
    enrolment = calls["enrolment"][rows]
    known = enrolment >= 0
    tally(
        state["cadence_memberships"],
        state["enrolments"]["membership"][enrolment[known]],
        times[known],
        calls=1,
    )
    meets = calls["positive"][rows] & dice.happens("call/meeting", rows, 0.3)
    meet_later(state, times[meets], **{name: value[meets] for name, value in (of | on).items()})


def _dial(state: State, times: Ints, calls: Ints) -> None:
    """Most logged calls have a dial record; some dials come to nothing and are never logged."""
    dice, table = state.dice, state["calls"]
    for logged, share in ((True, 0.87), (False, 0.35)):
        mine = dice.happens(f"dial/{logged}", calls, share)
        rows, when = calls[mine], times[mine] - (0 if logged else 150 * SECOND)
        seconds = np.maximum(table["duration"][rows], 0) if logged else 0
        state["call_data_records"].append(
            len(rows), user=table["user"][rows], person=table["person"][rows], call=rows if logged else -1,
            duration=seconds, status=0 if logged else 1, inbound=dice.happens("dial/inbound", rows, 0.04) & logged,
            uuid=rows, created_at=when, updated_at=when,
        )  # fmt: skip


def _log_in_crm(state: State, times: Ints, rows: Ints, kind: str) -> None:
    """A third of what is done is also written to the CRM."""
    table = state["emails" if kind == "email" else "calls"]
    mine = state.dice.happens(f"crm/{kind}", rows, 0.33)
    logged = state["crm_activities"].append(
        int(mine.sum()), user=table["user"][rows[mine]], person=table["person"][rows[mine]], created_at=times[mine],
        updated_at=times[mine], **{kind: rows[mine]},
    )  # fmt: skip
    table.update(rows[mine], crm_activity=logged)


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
    """Emails that were not sent: failed for good, or scheduled for tomorrow."""
    later = times + DAY
    rows = state["emails"].append(
        len(times), send_after=later, created_at=times, updated_at=times, view_tracking=True, click_tracking=True, **columns
    ).astype(np.int64)  # fmt: skip
    waiting = columns["status"] == SCHEDULED
    state.agenda.add("deliver", later[waiting], rows[waiting])


def deliver(state: State, times: Ints, emails: Ints) -> None:
    """A scheduled email is sent."""
    table = state["emails"]
    table.update(emails, status=SENT, sent_at=times, updated_at=times)
    of = {name: table[name][emails] for name in ("person", "user")}
    contacted(state, times, "email", **of)
    note_down(state, "sent_email", times, about=emails, **of)
    expect(state, emails, times)


def assign(state: State, times: Ints, numbers: Ints) -> None:
    """A task for somebody about somebody; four in five are done within days."""
    dice, tasks = state.dice, state["tasks"]
    known = np.searchsorted(state["people"]["created_at"], times, side="right")
    user = state.sender("task", numbers, times)
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
