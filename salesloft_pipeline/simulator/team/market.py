"""Accounts and the people who work there."""

from __future__ import annotations

import numpy as np

from . import names
from .chance import Ints
from .hours import DAY, NEVER
from .state import State, tally


def open_market(state: State) -> None:
    """Everybody the team knows today: seven in ten were there before the history begins."""
    total = state.sizes.people
    arrivals = total * 3 // 10
    state.rates["people"] = arrivals
    state.keep_rate("people", arrivals)
    before = np.sort(
        state.start
        - (state.dice.uniform("people/before", np.arange(total - arrivals)) * 200 * DAY).astype(np.int64)
    )
    times, _ = state.past("people", arrivals)
    made = np.concatenate([before, times])
    add_accounts(state, np.sort(made[::3]) - 1_000_000)
    meet(state, made)
    _revise(state)


def add_accounts(state: State, times: Ints) -> Ints:
    """One account per instant."""
    start, count = state["accounts"].size, len(times)
    n = np.arange(start, start + count)
    dice = state.dice
    owner = dice.pick("accounts/owner", n, state["users"].size)
    archived = dice.happens("accounts/archived", n, 0.03) & (times < state.start)
    rows = state["accounts"].append(
        count,
        name=[names.company(i) for i in n.tolist()],
        owner=owner,
        creator=owner,
        stage=np.where(dice.happens("accounts/staged", n, 0.8), dice.pick("accounts/stage", n, 4), -1),
        tier=np.where(dice.happens("accounts/tiered", n, 0.6), dice.pick("accounts/tier", n, 3), -1),
        archived_at=np.where(archived, times + 5 * DAY, NEVER),
        do_not_contact=dice.happens("accounts/dnc", n, 0.01),
        created_at=times,
        updated_at=np.where(archived, times + 5 * DAY, times),
    )
    return np.asarray(rows, dtype=np.int64)


def meet(state: State, times: Ints, _numbers: Ints | None = None) -> Ints:
    """One new person per instant (ascending); one in twenty belongs to no account."""
    people, accounts, dice = state["people"], state["accounts"], state.dice
    n = np.arange(people.size, people.size + len(times))
    known = np.searchsorted(accounts["created_at"], times, side="right")
    account = np.where(
        dice.happens("people/alone", n, 0.05) | (known == 0),
        -1,
        dice.pick("people/account", n, np.maximum(known, 1)),
    )
    imported = dice.happens("people/imported", n, 0.5)
    rows = people.append(
        len(times),
        owner=np.where(dice.happens("people/unowned", n, 0.02), -1, state.sender("people", n, times)),
        account=account,
        stage=np.where(dice.happens("people/staged", n, 0.9), 0, -1),
        do_not_contact=dice.happens("people/dnc", n, 0.01),
        first=dice.pick("people/first", n, len(names.FIRST)),
        last=dice.pick("people/last", n, len(names.LAST)),
        seniority=dice.pick("people/seniority", n, len(names.SENIORITIES) + 1) - 1,
        created_at=times,
        updated_at=times,
        **{"import": np.where(imported, dice.pick("people/import", n, state["imports"].size), -1)},
    )
    tally(accounts, account, times, people=1)
    return np.asarray(rows, dtype=np.int64)


def _revise(state: State) -> None:
    """Somebody edits a fifth of the people now and then."""
    n = np.arange(state["people"].size)
    edited = n[state.dice.happens("people/edited", n, 0.2)]
    made = state["people"]["created_at"][edited]
    later = made + ((state.until - made) * state.dice.uniform("people/when", edited)).astype(np.int64)
    state["people"].update(edited, revision=1, updated_at=later)
