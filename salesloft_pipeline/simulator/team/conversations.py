"""Conversations: calls and meetings that were recorded, and the transcriptions made of them a little later."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .deals import deal_of
from .hours import MINUTE, SECOND
from .state import State

SHORTEST_SECONDS = 45


def record_calls(state: State, times: Ints, calls: Ints) -> None:
    """Six in ten of the longer connected calls were recorded; they are logged when they are over."""
    table = state["calls"]
    kept = table["connected"][calls] & (table["duration"][calls] >= SHORTEST_SECONDS)
    kept &= state.dice.happens("conversation/call", calls, 0.6)
    of = {name: table[name][calls[kept]] for name in ("user", "person")}
    record(state, times[kept], table["duration"][calls[kept]], call=calls[kept], **of)


def record_meetings(state: State, times: Ints, meetings: Ints) -> None:
    """Half of the meetings that were held."""
    table = state["meetings"]
    kept = state.dice.happens("conversation/meeting", meetings, 0.5)
    times, meetings = times[kept], meetings[kept]
    of = {"user": table["owner"][meetings], "person": table["person"][meetings]}
    record(state, times, table["minutes"][meetings].astype(np.int64) * 60, meeting=meetings, **of)


def record(state: State, times: Ints, seconds: Ints, user: Ints, person: Ints, **source: Ints) -> None:
    """One recorded conversation per instant at which it ended, with the call or meeting it was; its text follows."""
    account = np.where(person >= 0, state["people"]["account"][person], -1)
    rows = state["conversations"].append(
        len(times), user=user, person=person, account=account, opportunity=deal_of(state, account, times),
        started_at=times - seconds * SECOND, duration=seconds * 1_000, created_at=times, updated_at=times, **source,
    ).astype(np.int64)  # fmt: skip
    wait = 5 * MINUTE + state.dice.pick("conversation/wait", rows, 25 * MINUTE)
    state.agenda.add("transcribe", times + wait, rows)


def transcribe(state: State, times: Ints, conversations: Ints) -> None:
    """The text arrives, and with it the summary: the conversation changes."""
    table = state["conversations"]
    here = ~table["gone"][conversations]
    times, conversations = times[here], conversations[here]
    made = state["transcriptions"].append(
        len(times), conversation=conversations, person=table["person"][conversations], created_at=times, updated_at=times
    )  # fmt: skip
    table.update(conversations, transcription=made, updated_at=times)
