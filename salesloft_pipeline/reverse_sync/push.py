"""A push from end to end: source, our copy and ledger in; a plan out, and with `apply` what became of it.

read_desired ─► compare with our copy ─► plan, within the model's limit ─► (apply) settle, write batch by batch
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.reverse_sync.actual import as_written, from_warehouse
from salesloft_pipeline.reverse_sync.apply import Result, Writer
from salesloft_pipeline.reverse_sync.desired import read_desired
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError, TooManyChanges
from salesloft_pipeline.reverse_sync.ledger import Ledger, agreed, written
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.reverse_sync.plan import Plan, make_plan
from salesloft_pipeline.reverse_sync.settle import settle
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.warehouse import Warehouse


@dataclass
class Report:
    """The plan against our copy, and with `applied` what became of each row. settled: lost answers found again."""

    plan: Plan
    applied: bool = False
    settled: int = 0
    results: list[Result] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Did everything that was written get a good answer?"""
        return not any(result.outcome in ("failed", "unanswered") for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """Counts alone: what is planned and what was done, nobody's data."""
        outcomes = Counter(result.outcome for result in self.results)
        return {
            "applied": self.applied,
            "plan": self.plan.counts(),
            "settled": self.settled,
            "results": dict(outcomes),
        }


def push(
    connect: Callable[[], SalesloftClient], warehouse: Warehouse, model: Model, *, apply: bool = False
) -> Report:
    """Compare, and with `apply` write. connect: called only to write; a dry run asks SalesLoft nothing.

    Raises ModelError, DesiredError, TooManyChanges before anything is written; see Writer.apply for the rest.
    Run again after whatever failure: what was done is found done.
    """
    with warehouse.kept_open():
        desired = read_desired(model, warehouse)
        if not apply:
            return Report(_planned(model, warehouse, desired))
        client = connect()
        ledger = Ledger(warehouse, whoami(client, warehouse))
        settled = len(settle(client, ledger))
        report = Report(_planned(model, warehouse, desired), applied=True, settled=settled)
        rows = {change.row for change in report.plan.changes}
        writer = Writer(client, ledger, model, forgotten(warehouse))
        report.results.extend(writer.apply([row for row in desired if row.row in rows]))
    return report


def whoami(client: SalesloftClient, warehouse: Warehouse) -> str:
    """On whose behalf we write: `user 12`. Costs a point. Raises ReverseSyncError for another team's key."""
    me = client.get("/me").data
    known = (
        warehouse.query("select distinct team_id from ops.identity") if _has(warehouse, "identity") else []
    )
    if known and known != [(str(me["team"]["id"]),)]:
        raise ReverseSyncError(
            f"the warehouse holds the data of team {known[0][0]}, and the key belongs to team {me['team']['id']}: "
            "nothing was written; use the key of the team whose data it is"
        )
    return f"user {me['id']}"


def forgotten(warehouse: Warehouse) -> frozenset[int]:
    """The ids of the people who were erased here."""
    if not _has(warehouse, "erasures"):
        return frozenset()
    return frozenset(number for (number,) in warehouse.query("select person_id from ops.erasures"))


def _planned(model: Model, warehouse: Warehouse, desired: list[Any]) -> Plan:
    people = from_warehouse(warehouse, model.match, list(model.policies))
    if not people.by_key:
        raise ReverseSyncError(
            "there are no people here to compare with: run salesloft-pipeline sync --only people"
        )
    people = as_written(people, written(warehouse))
    plan = make_plan(
        model, desired, people, agreed(warehouse), forgotten=forgotten(warehouse), now=datetime.now(UTC)
    )
    if len(plan.changes) > model.limit:
        raise TooManyChanges(
            f"the plan has {len(plan.changes):,} changes, and model {model.name} allows {model.limit:,}: look whether "
            "the source is right, then raise `limit` in the model"
        )
    return plan


def _has(warehouse: Warehouse, table: str) -> bool:
    return table in warehouse.tables("ops")
