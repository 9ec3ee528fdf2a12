"""What the commands about cadences sit at: SalesLoft, warehouse, ledger and look-ups of one run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from dogpile.cache import CacheRegion

from salesloft_pipeline.reverse_sync.actual import refreshed
from salesloft_pipeline.reverse_sync.desired import Desired, read_desired
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
from salesloft_pipeline.reverse_sync.push import Report, forgotten, whoami
from salesloft_pipeline.reverse_sync.settle import settle
from salesloft_pipeline.reverse_sync.suppression import Target
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.warehouse import Warehouse


class Desk:
    """Enrollments from end to end. Contacts nothing before it is asked to."""

    def __init__(self, client: SalesloftClient, warehouse: Warehouse, cache: CacheRegion) -> None:
        self.client, self._warehouse = client, warehouse
        self.lookups = Lookups(client, cache, warehouse)

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
        whom: Path | Sequence[int],
        *,
        named: str,
        match: str,
        apply: bool = False,
        user: str | None = None,
        step_id: int | None = None,
        consent: str | None = None,
        recent_days: int = 90,
    ) -> Report:
        """Put these people on the cadence or take them off it; whom: a file, or ids. named: the cadence.

        Raises ReverseSyncError and its kinds before anything is written; see Enroller.apply for the rest.
        """
        rows = self._rows(whom, match, consent)
        match = match if isinstance(whom, Path) else "id"
        asked = self._asked(kind, named, user, step_id, timedelta(days=recent_days))
        settled = self.settle() if apply else 0
        added = last_added(self._warehouse, asked.target.cadence_id)
        people = refreshed(self.client, match, [row.key for row in rows], [])
        erased = forgotten(self._warehouse)
        plan = plan_enrollment(asked, rows, people, added=added, forgotten=erased, now=datetime.now(UTC))
        report = Report(plan, apply, settled)
        if apply:
            enroller = Enroller(self.client, self.ledger, asked, match, erased, added)
            with self._warehouse.kept_open():
                report.results.extend(enroller.apply(rows))
        return report

    def _asked(
        self,
        kind: Literal["enroll", "remove"],
        named: str,
        user: str | None,
        step_id: int | None,
        recent: timedelta,
    ) -> Enrollment:
        cadence_id = self.lookups.cadence(named)
        if kind == "remove":
            return Enrollment(kind, Target(cadence_id))
        user_id = self.lookups.user(user) if user else int(self.ledger.actor.removeprefix("user "))
        return Enrollment(kind, target(self.client, cadence_id, user_id, step_id, recent), user_id, step_id)

    def _rows(self, whom: Path | Sequence[int], match: str, consent: str | None) -> list[Desired]:
        if not isinstance(whom, Path):
            return [Desired(number, person, {}) for number, person in enumerate(dict.fromkeys(whom), 1)]
        return read_desired(
            Model(whom.name, ("file", str(whom)), match, match, (), consent=consent), self._warehouse
        )
