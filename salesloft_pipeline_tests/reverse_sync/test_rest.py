"""Seed, sync, plan, apply, sync: the plan is empty, whatever the rows, the policies and the people in between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesloft_pipeline.reverse_sync import ledger
from salesloft_pipeline.reverse_sync.model import Policy
from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.reverse_sync.pushing import Push

FIELDS = ("title", "city", "phone", "custom")
VALUES = st.sampled_from(["", "a", "b", "c d"])
# Whom a row means: so many of the team's people, and two whom SalesLoft does not know.
PEOPLE, NEW = 5, 2
ROWS = st.dictionaries(
    st.integers(0, PEOPLE + NEW - 1),
    st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES)),
    min_size=1,
)
EDITS = st.dictionaries(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(FIELDS[:3])), VALUES, max_size=3
)


@given(
    desired=ROWS,
    policies=st.fixed_dictionaries(dict.fromkeys(FIELDS, st.sampled_from(list(Policy)))),
    create=st.booleans(),
    later=st.booleans(),
    before=EDITS,
    between=EDITS,
)
@settings(max_examples=sized(3, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_apply_and_sync_the_plan_is_empty(
    push: Push,
    desired: dict[int, dict[str, str]],
    policies: dict[str, Policy],
    create: bool,
    later: bool,
    before: dict[tuple[int, str], str],
    between: dict[tuple[int, str], str],
) -> None:
    """Users of SalesLoft type before the plan and before the apply; what a policy gives to the warehouse is as it
    says, nobody is made twice, and one more apply sends nothing.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "WRITES_AN_HOUR", 10_000)
        world, known = push.scene.world, push.people(PEOPLE)
        addresses = [each["email_address"] for each in known] + [f"new{n}@example.com" for n in range(NEW)]
        (custom, *_) = (e["name"] for e in world.truth("custom_fields") if e["field_type"] == "person")
        targets = {**dict(zip(FIELDS, FIELDS, strict=True)), "custom": f"custom_fields.{custom}"}
        push.model |= {
            "match": {"column": "email", "field": "email_address"},
            "create": create,
            "changed_at": "at",
            "fields": {name: {"field": targets[name], "policy": str(policies[name])} for name in FIELDS},
        }
        at = "2030-01-01T00:00:00Z" if later else "2020-01-01T00:00:00Z"
        push.rows([{"email": addresses[who], "at": at, **row} for who, row in desired.items()])
        edited(push, known, before)
        push.scene.sync("people")
        push(apply=False)
        edited(push, known, between)
        assert push().well
        push.scene.sync("people")
        # A row that did not differ was not looked at again, so an edit of it is news to the next plan, and only that.
        news = {known[who]["id"] for who, _ in between}
        assert {change.person_id for change in push(apply=False).plan.changes} <= news
        assert push().well
        push.scene.sync("people")
        assert push(apply=False).plan.changes == []
        asked = world.requests
        assert push().results == []
        assert world.requests == asked + 1  # who we are
        by_address: dict[str, list[dict[str, Any]]] = {}
        for each in world.truth("people"):
            by_address.setdefault(each["email_address"], []).append(each)
        for who, row in desired.items():
            people = by_address.get(addresses[who], [])
            assert len(people) == 1 or (not people and who >= PEOPLE and not create)
            for name, value in row.items():
                if value and people and policies[name] is Policy.WAREHOUSE_WINS:
                    shown = people[0]["custom_fields"].get(custom) if name == "custom" else people[0][name]
                    assert shown == value


def edited(push: Push, known: list[dict[str, Any]], edits: dict[tuple[int, str], str]) -> None:
    """Somebody types in SalesLoft."""
    push.scene.world.advance(60)
    for (who, name), value in edits.items():
        push.scene.client().update(f"/people/{known[who]['id']}", {name: value or None})
