"""The plan, a pure function: it comes to rest, leaves suppressed people alone and does what its policies say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.reverse_sync.actual import Actual, People
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.model import Mapped, Model, Policy
from salesloft_pipeline.reverse_sync.plan import Agreed, Agreement, Change, Plan, agreement, make_plan

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIELDS = ("title", "city", "phone")
VALUES = st.sampled_from(["a", "b", "c"])
PERSON = st.builds(
    lambda number, values, *flags: Actual(number, values, NOW, *flags),
    st.integers(1, 6),
    st.fixed_dictionaries(dict.fromkeys(FIELDS, st.none() | VALUES)),
    st.booleans(),
    st.just(frozenset()),
    st.booleans(),
)
PEOPLE = st.lists(PERSON, unique_by=lambda person: person.id).map(
    lambda found: {each.id: each for each in found}
)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.dictionaries(st.sampled_from(FIELDS), VALUES),
        st.integers(-1, 1),
        st.none() | st.booleans(),
    ),
    unique_by=lambda row: row[0],
).map(
    lambda rows: [
        Desired(number, key, values, NOW + timedelta(days=days), consent)
        for number, (key, values, days, consent) in enumerate(rows, 1)
    ]
)
AGREED = st.dictionaries(
    st.integers(1, 6),
    st.dictionaries(st.sampled_from(FIELDS), st.builds(Agreement, VALUES, VALUES)),
)
POLICIES = st.lists(st.sampled_from(list(Policy)), min_size=3, max_size=3)


def model(policies: list[Policy], **more: Any) -> Model:
    fields = tuple(map(Mapped, FIELDS, FIELDS, policies))
    return Model("test", ("file", "rows.csv"), "id", "id", fields, changed_at="at", **more)


def planned(
    policies: list[Policy],
    rows: list[Desired],
    people: dict[int, Actual],
    agreed: Agreed,
    forgotten: frozenset[int] = frozenset(),
) -> Plan:
    return make_plan(model(policies), rows, People(people), agreed, forgotten=forgotten, now=NOW)


def written(
    changes: list[Change], rows: list[Desired], people: dict[int, Actual], agreed: Agreed
) -> tuple[Any, Any]:
    """People and agreements after the changes, on a SalesLoft that shows every value in capitals."""
    by_row, people, history = {row.row: row for row in rows}, dict(people), dict(agreed)
    for change in changes:
        person = people[change.person_id or 0]
        shown = {name: value.upper() for name, value in change.wanted.items()}
        after = people[person.id] = replace(
            person, values={**person.values, **shown}, updated_at=NOW + timedelta(days=9)
        )
        history[person.id] = agreement(by_row[change.row], change.wanted, after, history.get(person.id, {}))
    return people, history


@given(POLICIES, ROWS, PEOPLE, AGREED)
def test_what_is_written_is_not_written_again(
    policies: list[Policy], rows: list[Desired], people: dict[int, Actual], agreed: Agreed
) -> None:
    """After its changes a plan is empty, though SalesLoft spells every value its own way."""
    plan = planned(policies, rows, people, agreed)
    people, agreed = written(plan.changes, rows, people, agreed)
    assert planned(policies, rows, people, agreed).changes == []


@given(POLICIES, ROWS, PEOPLE, AGREED, st.frozensets(st.integers(1, 6)))
def test_suppressed_people_are_left_alone(
    policies: list[Policy],
    rows: list[Desired],
    people: dict[int, Actual],
    agreed: Agreed,
    forgotten: frozenset[int],
) -> None:
    """No change names a person who must not be contacted, is erased, or lives in the EU without consent."""
    consents = {row.row: row.consent for row in rows}
    for change in planned(policies, rows, people, agreed, forgotten).changes:
        person = people[change.person_id or 0]
        assert not person.do_not_contact
        assert person.id not in forgotten
        assert consents[change.row] is True or not (person.eu_resident or consents[change.row] is False)


@given(POLICIES, ROWS, PEOPLE, AGREED)
def test_every_row_is_accounted_for(
    policies: list[Policy], rows: list[Desired], people: dict[int, Actual], agreed: Agreed
) -> None:
    """A row is changed, skipped or unchanged; a change has the true old value and a new one that differs."""
    plan = planned(policies, rows, people, agreed)
    touched = {change.row for change in plan.changes} | {skip.row for skip in plan.skips}
    assert len(touched) + plan.unchanged == len(rows)
    for change in plan.changes:
        for each in change.fields:
            assert each.old == people[change.person_id or 0].values[each.field] != each.new


W, S, N, F = Policy.WAREHOUSE_WINS, Policy.SALESLOFT_WINS, Policy.NEWEST_WINS, Policy.FILL_IF_EMPTY
LAST = Agreement("a", "A")


@pytest.mark.parametrize(
    ("policy", "ours", "theirs", "last", "days", "write", "conflict"),
    [
        (W, "a", "A", LAST, 0, False, False), (S, "a", "A", LAST, 0, False, False), (N, "a", "A", LAST, 1, False, False),
        (W, "b", "A", LAST, 0, True, False), (S, "b", "A", LAST, 0, True, False), (N, "b", "A", LAST, -1, True, False),
        (W, "a", "c", LAST, 0, True, False), (S, "a", "c", LAST, 0, False, False), (N, "a", "c", LAST, 1, False, False),
        (W, "b", "c", LAST, 0, True, True), (S, "b", "c", LAST, 0, False, True),
        (N, "b", "c", LAST, 1, True, True), (N, "b", "c", LAST, -1, False, True),
        (W, "b", "c", None, 0, True, False), (S, "b", "c", None, 0, False, False), (S, "b", None, None, 0, True, False),
        (N, "b", "c", None, 1, True, False), (N, "b", "c", None, -1, False, False),
        (F, "b", "c", None, 1, False, False), (F, "b", None, None, 0, True, False), (F, "b", "A", LAST, 0, False, False),
        (W, "b", "b", LAST, 0, False, False),
    ],
)  # fmt: skip
def test_whose_value_stands(
    policy: Policy,
    ours: str,
    theirs: str | None,
    last: Agreement | None,
    days: int,
    write: bool,
    conflict: bool,
) -> None:
    """The table of the plan, case by case. days: how much later our row changed than SalesLoft's record."""
    person = Actual(1, {"title": theirs}, NOW)
    row = Desired(1, 1, {"title": ours}, NOW + timedelta(days=days))
    plan = planned([policy] * 3, [row], {1: person}, {1: {"title": last}} if last else {})
    assert [change.wanted for change in plan.changes] == ([{"title": ours}] if write else [])
    assert [each.written for each in plan.conflicts] == ([write] if conflict else [])


def test_protections_pass_and_are_never_lifted() -> None:
    """An opt-out reaches even whom we must not write to otherwise; nothing takes one back."""
    fields = tuple(Mapped(name, name, W) for name in ("title", "do_not_contact", "contact_restrictions"))
    ours = Model("test", ("file", "rows.csv"), "id", "id", fields)
    values = {"title": "old", "do_not_contact": False, "contact_restrictions": ["call"]}
    person = Actual(1, values, NOW, False, frozenset({"call"}), eu_resident=True)

    def change(wanted: dict[str, Any], who: Actual) -> dict[str, Any]:
        plan = make_plan(ours, [Desired(1, 1, wanted)], People({1: who}), {}, forgotten=frozenset(), now=NOW)
        return {name: value for each in plan.changes for name, value in each.wanted.items()}

    more = {"title": "new", "do_not_contact": True, "contact_restrictions": ["call", "email"]}
    assert change(more, person) == {"do_not_contact": True, "contact_restrictions": ["call", "email"]}
    assert change({"contact_restrictions": []}, person) == {}
    out = replace(person, do_not_contact=True, values={**values, "do_not_contact": True})
    assert change({"do_not_contact": False, "title": "new"}, out) == {}


@pytest.mark.parametrize(
    ("rows", "create", "reason"),
    [
        ({"email_address": "new@example.com"}, True, None),
        ({"email_address": "new@example.com"}, False, "not_in_salesloft"),
        ({"email_address": "twice@example.com"}, True, "several_people"),
    ],
)
def test_who_is_made(rows: dict[str, str], create: bool, reason: str | None) -> None:
    """Only where the model says so, and never where an address is borne by several."""
    ours = Model(
        "test", ("file", "rows.csv"), "email_address", "email", (Mapped("t", "title", W),), create=create
    )
    people = People({}, frozenset({"twice@example.com"}))
    row = Desired(1, rows["email_address"], {"title": "x"})
    plan = make_plan(ours, [row], people, {}, forgotten=frozenset(), now=NOW)
    assert [skip.reason for skip in plan.skips] == ([reason] if reason else [])
    assert [change.kind for change in plan.changes] == ([] if reason else ["create"])
