"""What other systems know of the team: its CRM, other ids of its records, signals, webhooks, bulk jobs, requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .chance import Ints, scramble
from .codes import DONE, EXECUTING, OPEN
from .hours import DAY, HOUR, NEVER
from .office import TEAM_ID, spaced
from .order import Rows
from .state import State

# table: its columns, then one row per record.
LISTS: dict[str, tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]] = {
    "crm_activity_fields": (("name", "source", "field", "field_type"), (
        ("Call Outcome", "phone", "Call_Outcome__c", "picklist"), ("Campaign", "email", "Campaign__c", "string"),
        ("Due Date", "phone", "ActivityDate", "date"), ("Priority", "phone", "Priority", "picklist"),
        ("Status", "email", "Status", "picklist"), ("Type", "email", "Type", "picklist"), ("Type", "phone", "Type", "picklist"),
    )),
    "external_configurations": (("object_type", "external_type", "deleted"), (
        ("accounts", "billing", False), ("people", "support-desk", False), ("opportunities", "legacy-crm", True),
    )),
    "signal_registrations": (("name", "kind", "user"), (("Video Watched", "video_watched", 0), ("Contract Opened", "contract_opened", 0))),
    "signal_plays": (("name", "registration", "user"), (("Call the viewer", 0, 0), ("Send the next chapter", 0, 0), ("Answer questions", 1, 0))),
    "webhook_subscriptions": (("event_type", "enabled", "user"), (
        ("person_updated", True, 0), ("account_deleted", True, 0), ("email_updated", False, 1),
    )),
}  # fmt: skip
KINDS = ("person/upsert", "account/upsert", "person/set_crm_id")
REPORTS = ("Account", "Person", "Cadence", "User")


def connect(state: State) -> None:
    """Everything that other systems have left behind by the day the history begins, and jobs since then."""
    for table, (columns, rows) in LISTS.items():
        _list(state, table, columns, rows)
    plays = state["signal_plays"]
    plays["enabled_at"][:-1] = plays["created_at"][:-1] + DAY
    _map(state)
    _crm_team(state)
    _audit(state)
    _jobs(state)
    _earlier_requests(state)


def _list(state: State, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    made = spaced(state, table, len(rows))
    values = {name: list(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)}
    state[table].append(len(rows), created_at=made, updated_at=made, **values)


def _map(state: State) -> None:
    """Every third account and every tenth person is known elsewhere under another id."""
    for table, column, every in (("accounts", "account", 3), ("people", "person", 10)):
        rows = np.arange(0, state[table].size, every)
        made = np.minimum(state[table]["created_at"][rows] + HOUR, state.until)
        deleted = state.dice.happens(f"mapping/{table}", rows, 0.03)
        state["external_mappings"].append(
            len(rows), deleted=deleted, created_at=made, updated_at=made, **{column: rows}
        )


def _crm_team(state: State) -> None:
    """One or two users besides the owner work on every fourth account."""
    ids, users = state["accounts"]["id"].tolist(), state["crm_users"].size
    # Half of the accounts are known to the CRM: see records/crm.py.
    accounts = np.array([row for row, id_ in enumerate(ids) if scramble(id_) % 2], dtype=np.int64)[::2]
    account = np.concatenate([accounts, accounts[::2]])
    n = np.arange(len(account))
    made = state["accounts"]["created_at"][account] + HOUR
    state["crm_account_team_members"].append(
        len(n), account=account, user=state.dice.pick("crm team/user", n, users), created_at=made, updated_at=made,
        role=state.dice.pick("crm team/role", n, state["account_team_member_roles"].size),
    )  # fmt: skip


def _audit(state: State) -> None:
    count = 2 + state["users"].size // 10
    made = _since_start(state, "audit_reports", count)
    kinds = [REPORTS[i % len(REPORTS)] for i in range(count)]
    state["audit_reports"].append(
        count, user=0, name=[f"{kind} changes" for kind in kinds], record_type=kinds, days=30, created_at=made,
        status=["failed" if i % 5 == 4 else "completed" for i in range(count)], updated_at=made + HOUR,
    )  # fmt: skip


def _jobs(state: State) -> None:
    """Done ones, the latest two of them not yet: one runs, one is still being filled."""
    count = 4 + state.sizes.people // 2_000
    n, made = np.arange(count), _since_start(state, "bulk_jobs", count)
    code = np.where(n == count - 1, OPEN, np.where(n == count - 2, EXECUTING, DONE))
    ready = np.where(code == OPEN, NEVER, made + HOUR)
    done = np.where(code == DONE, made + 2 * HOUR, NEVER)
    state["bulk_jobs"].append(
        count, user=0, name=[f"Job {i + 1}" for i in range(count)], kind=[KINDS[i % len(KINDS)] for i in range(count)],
        state=code, total=20 + state.dice.pick("bulk_jobs/total", n, 300), ready_at=ready, done_at=done,
        created_at=made, updated_at=np.maximum(made, np.maximum(ready, done)),
    )  # fmt: skip


def jobs_done(state: State, times: Ints, jobs: Ints) -> None:
    """Jobs that were given to SalesLoft have been carried out."""
    state["bulk_jobs"].update(jobs, state=DONE, done_at=times, updated_at=times)


def _since_start(state: State, stream: str, count: int) -> Ints:
    span = max(state.until - state.start - 3 * HOUR, 0)
    return np.sort(state.start + (state.dice.uniform(stream, np.arange(count)) * span).astype(np.int64))


def _earlier_requests(state: State) -> None:
    """One that was carried out before the history begins, and a rehearsal, which erases nobody."""
    known = state["people"]["id"][:2].tolist()
    for days, people, dry_run in ((40, [11, 29], False), (35, known, True)):
        record_request(state, people, state.start - days * DAY, dry_run=dry_run)


def record_request(state: State, people: Sequence[int], at: int, *, dry_run: bool = False) -> Rows:
    """A request to be forgotten for the people with these ids, done at once; returns its row."""
    ids = np.empty(1, dtype=object)
    ids[0] = list(people)
    return state["data_control_requests"].append(
        1, user=0, request_type="right_to_be_forgotten", people=ids, dry_run=dry_run, state="completed", done_at=at,
        team=TEAM_ID, created_at=at, updated_at=at,
    )  # fmt: skip
