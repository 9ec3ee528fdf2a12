"""What has to be written. Pure: what should be, what is and what was agreed on in; changes, skips and conflicts out.

Each field is compared three ways, with what both sides had after our last write of it:

    ours moved   theirs moved
    no           no             nothing to do, also where SalesLoft spells our value its own way: no echo
    yes          no             written
    no           yes            written back under warehouse_wins, else left
    yes          yes            a conflict; the policy says whose value stands
    nothing agreed yet          the policy says it
    fill_if_empty writes only where SalesLoft has nothing, whoever moved.

A plan that is made again right before the write also knows what SalesLoft had when it was made first. What somebody
changed between the two is a conflict as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from salesloft_pipeline.reverse_sync.actual import Actual, People
from salesloft_pipeline.reverse_sync.desired import Desired, Key
from salesloft_pipeline.reverse_sync.fields import same
from salesloft_pipeline.reverse_sync.model import Model, Policy
from salesloft_pipeline.reverse_sync.suppression import Case, Kind, protections, suppressed


class FieldChange(NamedTuple):
    """One field: what SalesLoft has, and what it is to have."""

    field: str
    old: Any
    new: Any


class Agreement(NamedTuple):
    """A field after our last write of it: what we wanted, and what SalesLoft showed."""

    wanted: Any
    shown: Any


# By id of the person, then by field.
Agreed = Mapping[int, Mapping[str, Agreement]]
# By row, the fields that an earlier plan was to change, with what SalesLoft had then.
Seen = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One write. row: of the source, from 1. person_id: None for somebody who is to be made. cadence_id: None but
    for what is about a cadence.
    """

    kind: Kind
    row: int
    key: Key
    person_id: int | None
    fields: tuple[FieldChange, ...] = ()
    cadence_id: int | None = None

    @property
    def wanted(self) -> dict[str, Any]:
        """The new values by field."""
        return {each.field: each.new for each in self.fields}


@dataclass(frozen=True, slots=True)
class Skip:
    """Something of a row that is not written. reason: a word of the report. field: None where it is the whole row."""

    row: int
    person_id: int | None
    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both sides changed since they last agreed, or SalesLoft since the plan. written: did ours win?"""

    row: int
    person_id: int
    field: str
    wanted: Any
    shown: Any
    written: bool


@dataclass
class Plan:
    """Everything that came of one comparison. unchanged: rows in which nothing differs."""

    changes: list[Change] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        """How many rows of each kind: changes by kind, conflicts, skips by reason, unchanged."""
        kinds = Counter(change.kind for change in self.changes)
        reasons = Counter(skip.reason for skip in self.skips)
        return {
            **{str(kind): number for kind, number in kinds.items()},
            **{f"skip: {reason}": number for reason, number in sorted(reasons.items())},
            "conflict": len(self.conflicts),
            "unchanged": self.unchanged,
        }


class _Verdict(NamedTuple):
    write: bool
    conflict: bool = False


_NOTHING_SEEN: Seen = {}


def make_plan(
    model: Model,
    desired: Iterable[Desired],
    people: People,
    agreed: Agreed,
    *,
    forgotten: frozenset[int],
    now: datetime,
    seen: Seen = _NOTHING_SEEN,
) -> Plan:
    """What to write so that SalesLoft shows what the rows say. forgotten: ids of erased people. now: in UTC."""
    plan, policies = Plan(), model.policies
    for row in desired:
        if row.key in people.shared:
            plan.skips.append(Skip(row.row, None, "several_people"))
            continue
        person = people.by_key.get(row.key)
        gone = (person.id if person else row.key) in forgotten
        case = Case(person, gone, row.consent, row.eu_resident)
        if person is None:
            _make(plan, model, row, suppressed("create", case, now))
        else:
            history = agreed.get(person.id, {})
            changes = _compare(plan, policies, row, person, history, seen.get(row.row, {}))
            _change(plan, row, person, changes, suppressed("update", case, now) if changes else None)
    return plan


def _make(plan: Plan, model: Model, row: Desired, reason: str | None) -> None:
    wanted = {model.match: row.key, **row.values}
    if reason is None and (model.match == "id" or not model.create):
        reason = "not_in_salesloft"
    if (
        reason is None
        and not wanted.get("email_address")
        and not (wanted.get("phone") and wanted.get("last_name"))
    ):
        reason = "nothing_to_know_by"  # SalesLoft makes nobody without an address, or a telephone and a name
    if reason:
        plan.skips.append(Skip(row.row, None, reason))
        return
    fields = tuple(FieldChange(name, None, value) for name, value in wanted.items())
    plan.changes.append(Change("create", row.row, row.key, None, fields))


def _change(plan: Plan, row: Desired, person: Actual, changes: list[FieldChange], reason: str | None) -> None:
    if not changes:
        plan.unchanged += 1
        return
    if reason:
        plan.skips.append(Skip(row.row, person.id, reason))
        allowed = set(protections({each.field: each.new for each in changes}, person))
        changes = [] if reason == "forgotten" else [each for each in changes if each.field in allowed]
    if changes:
        plan.changes.append(Change("update", row.row, row.key, person.id, tuple(changes)))


def _compare(
    plan: Plan,
    policies: Mapping[str, Policy],
    row: Desired,
    person: Actual,
    history: Mapping[str, Agreement],
    seen: Mapping[str, Any],
) -> list[FieldChange]:
    changes = []
    for name, wanted in row.values.items():
        have = person.values[name]
        if same(wanted, have):
            continue
        newer = (
            row.changed_at is not None
            and person.updated_at is not None
            and row.changed_at > person.updated_at
        )
        meanwhile = name in seen and not same(have, seen[name])
        verdict = _judged(policies[name], wanted, have, history.get(name), newer, meanwhile)
        if verdict.conflict:
            plan.conflicts.append(Conflict(row.row, person.id, name, wanted, have, verdict.write))
        if verdict.write:
            changes.append(FieldChange(name, have, wanted))
    return changes


def _judged(
    policy: Policy, wanted: Any, have: Any, last: Agreement | None, newer: bool, meanwhile: bool
) -> _Verdict:
    """Is a field that differs to be written? newer: our row changed after SalesLoft's record. meanwhile: theirs
    changed after the first plan.
    """
    if policy is Policy.FILL_IF_EMPTY:
        return _Verdict(have is None, meanwhile)
    wins = {
        Policy.WAREHOUSE_WINS: True,
        Policy.SALESLOFT_WINS: have is None,
        Policy.NEWEST_WINS: newer,
    }[policy]
    if last is None:
        return _Verdict(wins, meanwhile)
    ours_moved, theirs_moved = not same(wanted, last.wanted), not same(have, last.shown)
    if ours_moved and theirs_moved:
        return _Verdict(wins, conflict=True)
    if theirs_moved:
        return _Verdict(policy is Policy.WAREHOUSE_WINS, meanwhile)
    return _Verdict(ours_moved, meanwhile)


def agreement(
    row: Desired, sent: Mapping[str, Any], after: Actual, before: Mapping[str, Agreement]
) -> dict[str, Agreement]:
    """What both sides agree on once `sent` was written and SalesLoft shows `after`. before: what they agreed on."""
    new = {
        name: Agreement(wanted, after.values[name])
        for name, wanted in row.values.items()
        if name in sent or same(wanted, after.values[name])
    }
    return {**before, **new}
