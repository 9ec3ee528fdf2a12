"""The plan by example: who is made, what is agreed on, how it is counted, and every rule against a write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.reverse_sync.actual import Actual, People
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.model import Mapped, Model, Policy
from salesloft_pipeline.reverse_sync.plan import (
    Agreement,
    Change,
    Conflict,
    FieldChange,
    Plan,
    Skip,
    agreement,
    make_plan,
)
from salesloft_pipeline.reverse_sync.suppression import RECENT, Case, Kind, Target, protections, suppressed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIELDS = tuple(Mapped(name, name, Policy.WAREHOUSE_WINS) for name in ("title", "phone", "last_name", "city"))
ANN = Actual(1, {"title": "a", "phone": None, "last_name": None, "city": None}, NOW)


def model(match: str = "id", *, create: bool = False, policy: Policy | None = None) -> Model:
    fields = tuple(replace(each, policy=policy) if policy else each for each in FIELDS)
    return Model("test", ("file", "rows.csv"), match, "key", fields, create=create)


def planned(ours: Model, row: Desired, *people: Actual, **more: Any) -> Plan:
    known = People({each.id: each for each in people})
    return make_plan(
        ours, [row], known, more.pop("agreed", {}), **{"forgotten": frozenset(), "now": NOW, **more}
    )


@pytest.mark.parametrize(
    ("match", "key", "values", "made"),
    [
        ("email_address", "ann@example.com", {"title": "x"}, True),
        ("crm_id", "C1", {"phone": "1", "last_name": "x"}, True),
        ("crm_id", "C1", {"phone": "1"}, False),
        ("crm_id", "C1", {"last_name": "x"}, False),
        ("crm_id", "C1", {"phone": "1", "last_name": None}, False),
        ("crm_id", "C1", {"email_address": "ann@example.com"}, True),
    ],
)
def test_nobody_is_made_without_something_to_know_them_by(
    match: str, key: str, values: dict[str, Any], made: bool
) -> None:
    """An address, or a telephone and a name; the key is written with the rest."""
    plan = planned(model(match, create=True), Desired(3, key, values))
    fields = tuple(FieldChange(name, None, value) for name, value in {match: key, **values}.items())
    assert plan.changes == ([Change("create", 3, key, None, fields)] if made else [])
    assert plan.skips == ([] if made else [Skip(3, None, "nothing_to_know_by")])


@pytest.mark.parametrize(
    ("row", "forgotten", "reason"),
    [
        (Desired(3, 9, {"email_address": "a@example.com"}), frozenset[int](), "not_in_salesloft"),
        (Desired(3, 9, {"email_address": "a@example.com"}), frozenset({9}), "forgotten"),
        (Desired(3, 9, {}, consent=False), frozenset[int](), "consent_refused"),
        (Desired(3, 9, {}, eu_resident=True), frozenset[int](), "eu_without_consent"),
    ],
)
def test_why_somebody_is_not_made(row: Desired, forgotten: frozenset[int], reason: str) -> None:
    """Nobody is made under an id, and rules come before what the model says."""
    assert planned(model(create=True), row, forgotten=forgotten).skips == [Skip(3, None, reason)]


def test_who_is_forgotten_is_not_even_protected() -> None:
    """Nothing of an erased person is written, and the row tells why."""
    row = Desired(3, 1, {"title": "b"})
    plan = planned(model(), row, ANN, forgotten=frozenset({1}))
    assert (plan.changes, plan.skips) == ([], [Skip(3, 1, "forgotten")])
    opt_out = Desired(3, 1, {"do_not_contact": True})
    person = replace(ANN, values={"do_not_contact": False})
    ours = replace(model(), fields=(Mapped("out", "do_not_contact", Policy.WAREHOUSE_WINS),))
    assert planned(ours, opt_out, person, forgotten=frozenset({1})).changes == []
    assert len(planned(ours, opt_out, person).changes) == 1
    assert planned(model(), row, ANN).changes == [
        Change("update", 3, 1, 1, (FieldChange("title", "a", "b"),))
    ]


@pytest.mark.parametrize(
    ("changed_at", "updated_at", "write"),
    [
        (NOW + timedelta(days=1), NOW, True),
        (NOW, NOW, False),
        (None, NOW, False),
        (NOW, None, False),
    ],
)
def test_the_newest_wins_only_where_both_tell_when(
    changed_at: datetime | None, updated_at: datetime | None, write: bool
) -> None:
    """Later, not at the same instant."""
    row, person = Desired(3, 1, {"title": "b"}, changed_at), replace(ANN, updated_at=updated_at)
    assert bool(planned(model(policy=Policy.NEWEST_WINS), row, person).changes) == write


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("agreed", [None, Agreement("b", "c"), Agreement("z", "a")])
def test_what_changed_since_the_first_plan_is_a_conflict(policy: Policy, agreed: Agreement | None) -> None:
    """Whatever is then written; a field that stands as it was seen is none."""
    row, known = Desired(3, 1, {"title": "b"}), {1: {"title": agreed}} if agreed else {}
    plan = planned(model(policy=policy), row, ANN, agreed=known, seen={3: {"title": "other"}})
    assert plan.conflicts == [Conflict(3, 1, "title", "b", "a", bool(plan.changes))]
    for seen in ({3: {"title": "a"}}, {4: {"title": "other"}}):
        assert planned(model(policy=policy), row, ANN, agreed=known, seen=seen).conflicts == []


def test_a_plan_counts_its_rows() -> None:
    """By kind of change and by reason, whichever come."""
    change = Change("update", 1, 1, 1)
    plan = Plan([change, change], [Skip(2, None, "b"), Skip(3, None, "a"), Skip(4, 5, "b")], [], 7)
    plan.conflicts.append(Conflict(1, 1, "title", "a", "b", True))
    told = {"update": 2, "skip: a": 1, "skip: b": 2, "conflict": 1, "unchanged": 7}
    assert plan.counts() == told
    assert list(plan.counts()) == list(told)


def test_a_row_in_which_nothing_differs_is_unchanged() -> None:
    """The others are counted on, not anew."""
    plan = make_plan(
        model(),
        [Desired(1, 1, {"title": "a"}), Desired(2, 1, {"city": None}), Desired(3, 1, {"title": "b"})],
        People({1: ANN}),
        {},
        forgotten=frozenset(),
        now=NOW,
    )
    assert (plan.unchanged, len(plan.changes)) == (2, 1)


def test_what_is_agreed_on_is_what_was_sent_or_is_the_same_already() -> None:
    """With what SalesLoft shows of it; what differs and was not sent keeps its old agreement."""
    after = replace(ANN, values={"title": "B", "phone": "1", "last_name": "y", "city": None})
    row = Desired(3, 1, {"title": "b", "phone": "1", "last_name": "x"})
    before = {"last_name": Agreement("w", "W"), "city": Agreement("c", "C"), "phone": Agreement("0", "0")}
    assert agreement(row, {"title": "b"}, after, before) == {
        "title": Agreement("b", "B"),
        "phone": Agreement("1", "1"),
        "last_name": Agreement("w", "W"),
        "city": Agreement("c", "C"),
    }


TARGET = Target(10, frozenset({"email"}))
RULED: list[tuple[Kind, Case, str | None]] = [
    ("enroll", Case(ANN, target=TARGET), None),
    ("enroll", Case(ANN, target=replace(TARGET, user_allowed=False)), "user_not_allowed"),
    ("update", Case(ANN, target=replace(TARGET, user_allowed=False)), None),
    ("enroll", Case(replace(ANN, restrictions=frozenset({"email"})), target=TARGET), "contact_restricted"),
    ("enroll", Case(replace(ANN, restrictions=frozenset({"call"})), target=TARGET), None),
    ("enroll", Case(replace(ANN, bouncing=True), target=TARGET), "bounced"),
    ("enroll", Case(replace(ANN, bouncing=True), target=Target(10)), None),
    ("enroll", Case(replace(ANN, cadences=frozenset({10})), target=TARGET), "already_on_cadence"),
    ("enroll", Case(replace(ANN, cadences=frozenset({11})), target=TARGET), None),
    ("enroll", Case(replace(ANN, cadences=frozenset({10}))), None),
    ("enroll", Case(ANN, target=TARGET, added_at=NOW - RECENT), None),
    ("enroll", Case(ANN, target=TARGET, added_at=NOW - RECENT + timedelta(seconds=1)), "recently_on_cadence"),
    ("enroll", Case(ANN, added_at=NOW), None),
    ("remove", Case(replace(ANN, do_not_contact=True), forgotten=True, consent=False), None),
    ("create", Case(consent=None, eu_resident=None), None),
    ("create", Case(consent=True, eu_resident=True), None),
]


@pytest.mark.parametrize(("kind", "case", "reason"), RULED)
def test_a_rule_speaks_only_of_its_case(kind: Kind, case: Case, reason: str | None) -> None:
    """The first that holds gives the reason."""
    assert suppressed(kind, case, NOW) == reason


@pytest.mark.parametrize("wanted", [{"do_not_contact": False}, {"contact_restrictions": []}, {}])
def test_what_changes_nothing_protects_nobody(wanted: dict[str, Any]) -> None:
    """Only a new opt-out or a further restriction is a protection."""
    assert list(protections(wanted, ANN)) == []
