"""Totals: true with every filter, and quick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from salesloft_pipeline.simulator import World

from .conftest import NOW, ask, when

LOW, HIGH = NOW - timedelta(days=45), NOW - timedelta(days=12)
COUNTED = {"include_paging_counts": "true", "limit_paging_counts": "false", "per_page": 1}
Kept = Callable[[dict[str, Any]], bool]


def within(name: str) -> Kept:
    """Is that time of a record within the range?"""
    return lambda record: record[name] is not None and LOW <= when(record[name]) < HIGH


def between(name: str) -> dict[str, str]:
    """The range as a query."""
    return {f"{name}[gte]": LOW.isoformat(), f"{name}[lt]": HIGH.isoformat()}


CASES: dict[str, tuple[str, dict[str, str], Kept]] = {
    "sent": ("activities/emails", between("sent_at"), within("sent_at")),
    "sent and bounced": (
        "activities/emails", between("sent_at") | {"bounced": "true"}, lambda r: r["bounced"] and within("sent_at")(r),
    ),
    "sent and changed": (
        "activities/emails", between("sent_at") | between("updated_at"),
        lambda r: within("sent_at")(r) and within("updated_at")(r),
    ),
    "changed, other order": ("activities/emails", between("updated_at") | {"sort_by": "send_time"}, within("updated_at")),
    "people made": ("people", between("created_at") | {"sort_by": "updated_at"}, within("created_at")),
    "calls made": ("activities/calls", between("created_at"), within("created_at")),
    "happened": ("activity_histories", between("occurred_at") | {"sort_by": "updated_at"}, within("occurred_at")),
    "deals made": ("opportunities", between("created_date"), within("created_date")),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_total_counts_exactly_what_the_filters_keep(world: World, name: str) -> None:
    """Whatever is filtered and however it is sorted; one record per page is enough to ask."""
    path, query, keeps = CASES[name]
    expected = sum(map(keeps, world.truth(path)))
    paging = ask(world, f"/{path}", COUNTED | query).paging
    assert (paging["total_count"], paging["total_pages"]) == (expected, expected)
    assert expected > 0


def test_many_counters_can_move_in_silence(own_world: World) -> None:
    """Two thousand emails change what they show; no updated_at moves, so no cursor finds them."""
    own_world.add("emails", 1_000)
    chosen = own_world.ids("emails")[:2_000]
    before = {email["id"]: email for email in own_world.truth("emails")}
    own_world.advance(1)
    own_world.change_silently("emails", chosen)
    after = {email["id"]: email for email in own_world.truth("emails")}
    moved = [id_ for id_ in before if after[id_]["counts"]["views"] == before[id_]["counts"]["views"] + 1]
    assert moved == chosen
    assert all(after[id_]["updated_at"] == before[id_]["updated_at"] for id_ in chosen)
    since = {"updated_at[gt]": own_world.now.isoformat()}
    assert ask(own_world, "/activities/emails", COUNTED | since).paging["total_count"] == 0
