"""Opportunities: opened with somebody at an account, moved from stage to stage, mostly won or lost within months."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .hours import DAY
from .state import State, latest

STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
WON, LOST = 4, 5
MOST_MOVES = 4
# A planned move is one number: the row of the deal times this, plus which move it is.
MOVES = 8


def open_deals(state: State, times: Ints, numbers: Ints) -> None:
    """One new deal per instant with somebody known by then, and the plan of its moves."""
    dice, people = state.dice, state["people"]
    known = np.searchsorted(people["created_at"], times, side="right")
    person = dice.pick("deal/person", numbers, np.maximum(known, 1))
    owner = people["owner"][person]
    rows = state["opportunities"].append(
        len(times), person=person, account=people["account"][person], owner=owner, creator=np.where(owner < 0, 0, owner),
        stage=0, amount=500 * (4 + dice.pick("deal/amount", numbers, 150)), cadence=people["recent_cadence"][person], step=people["last_step"][person],
        close_on=times // DAY + 90, created_at=times, updated_at=times,
    ).astype(np.int64)  # fmt: skip
    _invite(state, times, rows)
    moves, at = 1 + dice.pick("deal/moves", rows, MOST_MOVES), times
    for move in range(1, MOST_MOVES + 1):
        at = at + dice.spread(f"deal/wait/{move}", rows, 12 * DAY, 0.8, 60 * DAY).astype(np.int64)
        planned = moves >= move
        state.agenda.add("deal moves", at[planned], rows[planned] * MOVES + move)


def move_deals(state: State, times: Ints, planned: Ints) -> None:
    """Each deal takes its next stage; the last move closes three deals in four, a third of them won."""
    dice, deals, people = state.dice, state["opportunities"], state["people"]
    rows, move = np.divmod(planned, MOVES)
    person = deals["person"][rows]
    last = move == 1 + dice.pick("deal/moves", rows, MOST_MOVES)
    closes = last & dice.happens("deal/closes", rows, 0.75)
    stage = np.where(
        closes, np.where(dice.happens("deal/won", rows, 0.33), WON, LOST), np.minimum(move, WON - 1)
    )
    latest(
        deals, "moved_at", rows, times, stage=stage, close_on=times // DAY + 30,
        cadence=people["recent_cadence"][person], step=people["last_step"][person],
    )  # fmt: skip


def deal_of(state: State, accounts: Ints, times: Ints) -> Ints:
    """The oldest deal with each account that was open to see at that time; -1 where there is none."""
    deals = state["opportunities"]
    if not deals.size:
        return np.full(len(accounts), -1)
    turn = np.lexsort((deals["created_at"], deals["account"]))
    at = np.minimum(np.searchsorted(deals["account"][turn], accounts), deals.size - 1)
    row = turn[at]
    known = (accounts >= 0) & (deals["account"][row] == accounts) & (deals["created_at"][row] <= times)
    return np.where(known, row, -1)


def _invite(state: State, times: Ints, deals: Ints) -> None:
    """The person the deal began with, and at most two colleagues."""
    dice, table, people = state.dice, state["opportunities"], state["people"]
    person, account = table["person"][deals], table["account"][deals]
    turn = np.argsort(people["account"], kind="stable")
    first, end = (np.searchsorted(people["account"][turn], account, side=side) for side in ("left", "right"))
    who = [person]
    for seat in range(2):
        colleague = turn[np.minimum(first + dice.pick(f"deal/seat/{seat}", deals, end - first), end - 1)]
        comes = (account >= 0) & (people["created_at"][colleague] <= times)
        who.append(np.where(comes & ~np.isin(colleague, person), colleague, -1))
    who[2] = np.where(who[2] == who[1], -1, who[2])
    everybody = np.concatenate(who)
    here = everybody >= 0
    state["opportunity_people"].append(
        int(here.sum()), person=everybody[here], opportunity=np.tile(deals, 3)[here],
        created_at=np.tile(times, 3)[here], updated_at=np.tile(times, 3)[here],
    )  # fmt: skip
