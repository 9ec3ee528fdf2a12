"""A push from end to end: source, our copy and ledger in; a plan out, and with `apply` what became of it.

read_desired ─► compare with our copy ─► plan, within its limits ─► (apply) settle, write batch by batch
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache as once

from dogpile.cache import CacheRegion

from salesloft_pipeline.reverse_sync import cost
from salesloft_pipeline.reverse_sync.actual import People, as_written, from_warehouse, refreshed
from salesloft_pipeline.reverse_sync.apply import Writer
from salesloft_pipeline.reverse_sync.desired import Desired, read_desired
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError, TooManyChanges
from salesloft_pipeline.reverse_sync.ledger import Ledger, agreed, written
from salesloft_pipeline.reverse_sync.lookup import Lookups
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.reverse_sync.plan import Plan, make_plan
from salesloft_pipeline.reverse_sync.report import Report, Watch, unwatched
from salesloft_pipeline.reverse_sync.settle import settle
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.tracing import span
from salesloft_pipeline.warehouse import Warehouse

LOOKED_AT = 1_000
_BULK_ADVICE = "leave out `bulk: false` in the model, or "


@dataclass(frozen=True)
class Push:
    """People written by one model.

    connect: called only to write, or to look up owners who are given by address; otherwise a dry run asks SalesLoft
    nothing. pace: points a minute that are ours. limit: the first so many changes only.
    """

    connect: Callable[[], SalesloftClient]
    warehouse: Warehouse
    model: Model
    cache: CacheRegion
    pace: int
    limit: int | None = None

    def __call__(self, *, apply: bool = False, watch: Watch = unwatched) -> Report:
        """Compare, and with `apply` write. Run again after whatever failure: what was done is found done.

        Raises ModelError, DesiredError, TooManyChanges, TooCostly before anything is written; see Writer.apply for
        the rest.
        """
        connect = once(self.connect)
        with span("push people", apply=apply) as trace, self.warehouse.kept_open():
            lookups = Lookups(connect, self.cache, self.warehouse)
            source = read_desired(self.model, self.warehouse, lookups.user)
            settled, ledger = 0, None
            if apply:
                ledger = Ledger(self.warehouse, whoami(connect(), self.warehouse))
                settled = len(settle(connect(), ledger))
            people = self._people(source.rows)
            report = self._planned(source.rows, people)
            report.wrong, report.settled = source.wrong, settled
            if ledger:
                report.applied = True
                writer = self._writer(connect(), ledger, report.plan, people, lookups)
                report.take(writer.apply(report.rows), watch)
            report.lookups = lookups.tally
            trace.tell(changes=len(report.plan.changes), results=len(report.results), left=report.left)
        return report

    def differing(self, report: Report) -> int:
        """How many of the rows that were to be written differ in SalesLoft still; looks at the first `LOOKED_AT`.

        Raises what requests raise. Costs a point for a hundred rows.
        """
        rows, fields = report.rows[:LOOKED_AT], list(self.model.policies)
        people = refreshed(self.connect(), self.model.match, [row.key for row in rows], fields)
        ids = [person.id for person in people.by_key.values()]
        people = as_written(people, written(self.warehouse, ids))
        both, erased = agreed(self.warehouse, ids), forgotten(self.warehouse)
        return len(make_plan(self.model, rows, people, both, forgotten=erased, now=datetime.now(UTC)).changes)

    def _people(self, rows: Sequence[Desired]) -> People:
        if not self.warehouse.columns("raw_salesloft", "people"):
            raise ReverseSyncError(
                "there are no people here to compare with: run salesloft-pipeline sync --only people"
            )
        keys = {row.key for row in rows}
        people = from_warehouse(self.warehouse, self.model.match, list(self.model.policies), keys)
        return as_written(people, written(self.warehouse))

    def _planned(self, rows: Sequence[Desired], people: People) -> Report:
        both, erased = agreed(self.warehouse), forgotten(self.warehouse)
        plan = make_plan(self.model, rows, people, both, forgotten=erased, now=datetime.now(UTC))
        whole = len(plan.changes)
        plan.changes = plan.changes[: self.limit]
        if len(plan.changes) > self.model.limit:
            raise TooManyChanges(
                f"the plan has {whole:,} changes, and model {self.model.name} allows {self.model.limit:,}: look "
                "whether the source is right, then raise `limit` in the model"
            )
        price = cost.cost_of(len(plan.changes), bulk_allowed=self.model.bulk, pace=self.pace)
        cost.check(price, "" if self.model.bulk else _BULK_ADVICE)
        planned = {change.row for change in plan.changes}
        return Report(
            plan, price, [row for row in rows if row.row in planned], left=whole - len(plan.changes)
        )

    def _writer(
        self, client: SalesloftClient, ledger: Ledger, plan: Plan, people: People, lookups: Lookups
    ) -> Writer:
        seen = {change.row: {each.field: each.old for each in change.fields} for change in plan.changes}
        erased = forgotten(self.warehouse)
        return Writer(client, ledger, self.model, erased, people, seen, lookups.forget_person)


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


def _has(warehouse: Warehouse, table: str) -> bool:
    return table in warehouse.tables("ops")
