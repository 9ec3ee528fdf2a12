"""What the commands about cadences sit at: SalesLoft, warehouse, ledger and look-ups of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from dogpile.cache import CacheRegion

from salesloft_pipeline.reverse_sync import cost
from salesloft_pipeline.reverse_sync.actual import refreshed
from salesloft_pipeline.reverse_sync.desired import Desired, Source, read_desired
from salesloft_pipeline.reverse_sync.enrollment import (
    Enroller,
    Enrollment,
    last_added,
    plan_enrollment,
    target,
)
from salesloft_pipeline.reverse_sync.ledger import Ledger
from salesloft_pipeline.reverse_sync.lookup import Lookups
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.reverse_sync.push import forgotten, whoami
from salesloft_pipeline.reverse_sync.report import Report, Watch, unwatched
from salesloft_pipeline.reverse_sync.settle import settle
from salesloft_pipeline.reverse_sync.suppression import Target
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Whom:
    """The people meant: a file with the column `match`, or ids and addresses of single ones.

    consent: column of the file that says who, of the residents of the EU, may be contacted.
    """

    file: Path | None = None
    match: str = "email_address"
    consent: str | None = None
    ids: Sequence[int] = ()
    addresses: Sequence[str] = ()


@dataclass(frozen=True)
class How:
    """For which user and from which step on (None: the key's own, the first); whoever was added within `recent_days`
    is left out.
    """

    user: str | None = None
    step_id: int | None = None
    recent_days: int = 90


class Desk:
    """Enrollments from end to end. Contacts nothing before it is asked to."""

    def __init__(self, client: SalesloftClient, warehouse: Warehouse, cache: CacheRegion) -> None:
        self.client, self._warehouse = client, warehouse
        self.lookups = Lookups(lambda: client, cache, warehouse)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, in the name of the key's user."""
        return Ledger(self._warehouse, whoami(self.client, self._warehouse))

    def settle(self) -> int:
        """Look what became of writes that lost their answer; how many there were."""
        return len(settle(self.client, self.ledger))

    def enrollment(
        self,
        kind: Literal["enroll", "remove"],
        whom: Whom,
        named: str,
        how: How = How(),
        *,
        apply: bool = False,
        limit: int | None = None,
        watch: Watch = unwatched,
    ) -> Report:
        """Put these people on the cadence or take them off it. named: the cadence. limit: the first so many only.

        Raises ReverseSyncError and its kinds before anything is written; see Enroller.apply for the rest.
        """
        source, match = self._rows(whom)
        asked = self._asked(kind, named, how)
        settled = self.settle() if apply else 0
        added = last_added(self._warehouse, asked.target.cadence_id)
        people = refreshed(self.client, match, [row.key for row in source.rows], [])
        erased, now = forgotten(self._warehouse), datetime.now(UTC)
        plan = plan_enrollment(asked, source.rows, people, added=added, forgotten=erased, now=now)
        whole, plan.changes = len(plan.changes), plan.changes[:limit]
        # There are no bulk jobs for memberships.
        price = cost.cost_of(len(plan.changes), bulk_allowed=False, pace=self.client.budget.ours_per_minute)
        cost.check(price, "")
        within = {change.row for change in plan.changes} | {skip.row for skip in plan.skips}
        rows = [row for row in source.rows if row.row in within]
        left = whole - len(plan.changes)
        report = Report(plan, price, rows, apply, source.wrong, left, settled, self.lookups.tally)
        if apply:
            enroller = Enroller(self.client, self.ledger, asked, match, erased, added)
            with self._warehouse.kept_open():
                report.take(enroller.apply(rows), watch)
        return report

    def _asked(self, kind: Literal["enroll", "remove"], named: str, how: How) -> Enrollment:
        cadence_id = self.lookups.cadence(named)
        if kind == "remove":
            return Enrollment(kind, Target(cadence_id))
        user_id = self.lookups.user(how.user) if how.user else int(self.ledger.actor.removeprefix("user "))
        on = target(self.client, cadence_id, user_id, how.step_id, timedelta(days=how.recent_days))
        return Enrollment(kind, on, user_id, how.step_id)

    def _rows(self, whom: Whom) -> tuple[Source, str]:
        """The rows, and what their keys are."""
        if whom.file is None:
            ids = [*whom.ids, *map(self.lookups.person, whom.addresses)]
            return Source([Desired(row, each, {}) for row, each in enumerate(dict.fromkeys(ids), 1)]), "id"
        where, match = ("file", str(whom.file)), whom.match
        model = Model(whom.file.name, where, match, match, (), consent=whom.consent)
        return read_desired(model, self._warehouse), match
