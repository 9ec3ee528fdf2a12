"""Putting people on a cadence and taking them off it, by the same steps as a push: plan, then batch by batch.

rows (ids, addresses or CRM ids) + people + cadence  ->  enroll | remove | skip with its reason
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from salesloft_pipeline.reverse_sync.actual import A_PAGE, People, refreshed
from salesloft_pipeline.reverse_sync.apply import Result, write_each
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.reverse_sync.ledger import Answer, Intent, Ledger
from salesloft_pipeline.reverse_sync.plan import Change, FieldChange, Plan, Skip
from salesloft_pipeline.reverse_sync.settle import membership_on
from salesloft_pipeline.reverse_sync.suppression import CHANNELS, RECENT, Case, Target, suppressed
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Enrollment:
    """What is asked for: onto which cadence or off it, for which user, from which step on (None: the first)."""

    kind: Literal["enroll", "remove"]
    target: Target
    user_id: int | None = None
    step_id: int | None = None


def target(
    client: SalesloftClient, cadence_id: int, user_id: int, step_id: int | None, recent: timedelta = RECENT
) -> Target:
    """The cadence people are to be put on, as SalesLoft has it now: three points.

    Raises ReverseSyncError for one that is archived or has no steps, and for a step that is not its own; NotFound.
    """
    cadence = client.get(f"/cadences/{cadence_id}").data
    steps = client.get("/steps", {"cadence_id": str(cadence_id), "per_page": "100"}).data
    kinds = {step["id"]: step["type"] for step in steps if step["cadence"]["id"] == cadence_id}
    if cadence["archived_at"] or not kinds:
        state = "is archived" if cadence["archived_at"] else "has no steps"
        raise ReverseSyncError(f"cadence {cadence_id} {state}, so nobody can be put on it")
    if step_id is not None and step_id not in kinds:
        raise ReverseSyncError(f"step {step_id} is none of cadence {cadence_id}; it has {sorted(kinds)}")
    user = client.get(f"/users/{user_id}").data
    may = cadence["team_cadence"] or (cadence["owner"] or {}).get("id") == user_id
    channels = frozenset(CHANNELS[kind] for kind in kinds.values() if kind in CHANNELS)
    return Target(cadence_id, channels, bool(may and user["active"]), recent)


def last_added(warehouse: Warehouse, cadence_id: int) -> dict[int, datetime]:
    """When each person was last put on the cadence (UTC), as far as our copy knows."""
    if "cadence_memberships" not in warehouse.tables("raw_salesloft"):
        return {}
    found = warehouse.query(
        "select person_id, max(added_at) from raw_salesloft.cadence_memberships where cadence_id = $1 "
        "and person_id is not null and added_at is not null group by person_id",
        [cadence_id],
    )
    return {person: added.astimezone(UTC) for person, added in found}


def plan_enrollment(
    asked: Enrollment,
    rows: Sequence[Desired],
    people: People,
    *,
    added: Mapping[int, datetime],
    forgotten: frozenset[int],
    now: datetime,
) -> Plan:
    """Who is put on the cadence, or taken off it, and who is not, and why. Pure; now: in UTC."""
    plan, cadence_id = Plan(), asked.target.cadence_id
    for row in rows:
        person = people.by_key.get(row.key)
        if person is None or row.key in people.shared:
            reason: str | None = "several_people" if row.key in people.shared else "not_in_salesloft"
        elif asked.kind == "remove":
            reason = None if cadence_id in person.cadences else "not_on_cadence"
        else:
            case = Case(
                person,
                person.id in forgotten,
                row.consent,
                row.eu_resident,
                asked.target,
                added.get(person.id),
            )
            reason = suppressed("enroll", case, now)
        if reason or person is None:
            plan.skips.append(Skip(row.row, person.id if person else None, reason or ""))
            continue
        old, new = (None, cadence_id) if asked.kind == "enroll" else (cadence_id, None)
        fields = (FieldChange("cadence_id", old, new),)
        plan.changes.append(Change(asked.kind, row.row, row.key, person.id, fields, cadence_id))
    return plan


@dataclass(frozen=True)
class Enroller:
    """Does it: a hundred people at a time, each looked at once more before. match: what the rows' keys are."""

    client: SalesloftClient
    ledger: Ledger
    asked: Enrollment
    match: str
    forgotten: frozenset[int] = frozenset()
    added: Mapping[int, datetime] = field(default_factory=dict)

    def apply(self, rows: Sequence[Desired]) -> Iterator[Result]:
        """What became of each row, as it happens. Raises as Writer.apply."""
        for begin in range(0, len(rows), A_PAGE):
            batch = rows[begin : begin + A_PAGE]
            people = refreshed(self.client, self.match, [row.key for row in batch], [])
            plan = plan_enrollment(
                self.asked, batch, people, added=self.added, forgotten=self.forgotten, now=datetime.now(UTC)
            )
            yield from (Result(skip.row, skip.person_id, "skipped", skip.reason) for skip in plan.skips)
            if plan.changes:
                self.ledger.check_breaker([change.person_id for change in plan.changes if change.person_id])
                yield from write_each(self.ledger, plan.changes, self._send)

    def _send(self, change: Change, intent: Intent) -> Answer:
        person, cadence = change.person_id or 0, self.asked.target.cadence_id
        done = Answer(intent.change_id, "done", person, cadence)
        try:
            if change.kind == "enroll":
                self.client.create("/cadence_memberships", self._body(person))
            elif membership := membership_on(self.client, person, cadence):
                self.client.delete(f"/cadence_memberships/{membership}")
        except SalesloftError as error:
            if not error.transient:
                raise
            # A second POST would be refused if the first came through, so it is looked up instead.
            if (membership_on(self.client, person, cadence) is not None) == (change.kind == "enroll"):
                return Answer(intent.change_id, "found", person, cadence)
            return Answer(intent.change_id, "undone", person, cadence, error=f"had not happened: {error}")
        return done

    def _body(self, person_id: int) -> dict[str, int]:
        given = {"user_id": self.asked.user_id, "step_id": self.asked.step_id}
        known = {name: value for name, value in given.items() if value is not None}
        return {"person_id": person_id, "cadence_id": self.asked.target.cadence_id, **known}
