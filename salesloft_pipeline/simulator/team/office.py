"""The team itself: groups, users, stages, dispositions and the other lists an administrator keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np

from . import names
from .chance import scramble
from .deals import STAGES as DEAL_STAGES
from .hours import DAY, HOUR, NEVER, SECOND, ZONES
from .state import State

TEAM_ID = 104_779
GROUPS = (("Sales", -1), ("Outbound East", 0), ("Outbound West", 0), ("Europe", 0), ("Customer Success", -1))


def guid(kind: str, number: int) -> str:
    """A stable UUID for the n-th record of a kind."""
    high = scramble(number * 31 + sum(kind.encode()))
    return str(UUID(int=(high << 64) | scramble(high), version=4))


def event_id(row: int) -> str:
    """The id a calendar gives to the event in this row."""
    return f"evt{scramble(row * 131 + 7):016x}"


def open_office(state: State) -> None:
    """Fill the small tables. The first user is an administrator in New York who never leaves."""
    _groups(state)
    _users(state)
    for table, words in (
        ("person_stages", names.STAGES),
        ("account_stages", ("Prospect", "Working", "Customer", "Disqualified")),
    ):
        _words(state, table, words, order=np.arange(len(words)), active=True)
    _words(state, "account_tiers", ("Tier 1", "Tier 2", "Tier 3"), order=np.arange(3), active=True)
    _words(state, "call_dispositions", names.DISPOSITIONS)
    _words(state, "call_sentiments", names.SENTIMENTS)
    _words(state, "tags", names.TAGS)
    _words(state, "custom_roles", ("Coach", "Operations"))
    _words(state, "account_types", ("Corporation", "Partner", "Non-profit", "Government"))
    _words(state, "account_team_member_roles", ("Account Manager", "Sales Engineer", "Executive Sponsor"))
    _words(state, "opportunity_stages", DEAL_STAGES, order=np.arange(len(DEAL_STAGES)), active=True)
    _custom_fields(state)
    _imports(state)
    _assignments(state)


def spaced(state: State, stream: str, count: int) -> Any:
    """Creation times of `count` small things: over the year before the history begins, ascending."""
    return np.sort(
        state.start - (state.dice.uniform(stream, np.arange(count)) * 300 * DAY).astype(np.int64) - 9 * HOUR
    )


def _words(state: State, table: str, words: tuple[str, ...], **columns: Any) -> None:
    made = spaced(state, table, len(words))
    state[table].append(len(words), name=list(words), created_at=made, updated_at=made, **columns)


def _groups(state: State) -> None:
    made = spaced(state, "groups", len(GROUPS))
    members = [
        tuple(i for i, (_, parent) in enumerate(GROUPS) if parent == n or i == n) for n in range(len(GROUPS))
    ]
    values = np.empty(len(GROUPS), dtype=object)
    values[:] = members
    state["groups"].append(
        len(GROUPS),
        name=[name for name, _ in GROUPS],
        parent=[parent for _, parent in GROUPS],
        members=values,
        created_at=made,
        updated_at=made,
    )


def _users(state: State) -> None:
    """One user per 120 people (6 to 60); some left, some have no group, some record no zone we would choose."""
    count = int(np.clip(state.sizes.people // 120, 6, 60))
    n = np.arange(count)
    dice = state.dice
    started = spaced(state, "users", count)
    left = dice.happens("users/left", n, 0.18) & (n > 0)
    left[3] = True
    span = max(state.until - state.start, DAY)
    ended = np.where(
        left, state.start + (dice.uniform("users/ended", n) * 0.9 * span).astype(np.int64), NEVER
    )
    zone = np.where(n < len(ZONES), n, dice.choose("users/zone", n, (5, 3, 3, 3, 2, 0)))
    first = [names.FIRST[i] for i in dice.pick("users/first", n, len(names.FIRST))]
    last = [names.LAST[i % len(names.LAST)] for i in dice.pick("users/last", n, 999)]
    state["users"].append(
        count,
        name=[f"{a} {b}" for a, b in zip(first, last, strict=True)],
        first_name=first,
        last_name=last,
        zone=zone,
        group=np.where(
            dice.happens("users/no group", n, 0.12) | (n == 4), -1, dice.pick("users/group", n, len(GROUPS))
        ),
        role=np.where(n == 0, 0, np.where(dice.happens("users/manager", n, 0.15), 1, 2)),
        active=~left,
        admin=n == 0,
        started=started,
        ended=ended,
        share=(0.3 + dice.uniform("users/share", n)).astype(object),
        job_role=[names.JOBS[i] for i in dice.pick("users/job", n, len(names.JOBS))],
        created_at=started,
        updated_at=np.where(left, ended, started + 3 * DAY + n * SECOND),
    )


def _custom_fields(state: State) -> None:
    rows = (
        ("Lead Source", "person", "text"),
        ("Signed On", "company", "date"),
        ("Favourite Biscuit", "person", "text"),
        ("Region", "opportunity", "text"),
    )
    made = spaced(state, "custom_fields", len(rows))
    label, kind, value = zip(*rows, strict=True)
    state["custom_fields"].append(
        len(rows),
        name=list(label),
        field_type=list(kind),
        value_type=list(value),
        created_at=made,
        updated_at=made,
    )


def _imports(state: State) -> None:
    count = max(2, state.sizes.people // 400)
    made = spaced(state, "imports", count)
    each = state.sizes.people // (2 * count)
    state["imports"].append(
        count,
        user=0,
        name=[f"people_{i + 1}.csv" for i in range(count)],
        people=each,
        imported=each,
        created_at=made,
        updated_at=made,
    )


def _assignments(state: State) -> None:
    """Most users are known to the CRM and have a telephone number."""
    for table in ("crm_users", "phone_number_assignments"):
        users = np.arange(state["users"].size)[: -1 if table == "crm_users" else None]
        made = state["users"]["created_at"][users] + int(timedelta(hours=2).total_seconds()) * SECOND
        state[table].append(len(users), user=users, created_at=made, updated_at=made)
