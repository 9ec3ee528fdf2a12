"""Calls: what was said is often left out or spelt freely; most dials come to nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import names
from .chance import Ints
from .contact import contacted, log_in_crm
from .conversations import record_calls
from .hours import SECOND
from .meetings import meet_later
from .outcomes import note_down
from .state import State, tally

ODD_DISPOSITIONS = (*names.DISPOSITIONS, None, " connected ", "left voicemail")
DISPOSITION_SHARES = (0.16, 0.27, 0.26, 0.04, 0.03, 0.03, 0.05, 0.13, 0.015, 0.015)
SENTIMENT_SHARES = (0.25, 0.12, 0.3, 0.23, 0.1)


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
        sentiment=np.array((*names.SENTIMENTS, None), dtype=object)[np.where(said, mood, -1)],
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
    record_calls(state, times, rows)
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
    log_in_crm(state, times, rows, "call")
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
        dials = state["call_data_records"].append(
            len(rows), user=table["user"][rows], person=table["person"][rows], call=rows if logged else -1,
            duration=seconds, status=0 if logged else 1, inbound=dice.happens("dial/inbound", rows, 0.04) & logged,
            uuid=rows, created_at=when, updated_at=when,
        )  # fmt: skip
        if logged:
            table.update(rows, dial=dials)
