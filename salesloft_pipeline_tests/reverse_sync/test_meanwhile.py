"""Somebody edits in SalesLoft between plan and apply: told as a conflict, and overwritten only where the policy says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesloft_pipeline.reverse_sync import bulk
from salesloft_pipeline.reverse_sync.words import words_for
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline_tests.reverse_sync.pushing import Push


def editing(push: Push, edits: dict[int, dict[str, Any]]) -> Callable[[], SalesloftClient]:
    """Connects as a run does right after its first look; then somebody has typed these."""

    def connect() -> SalesloftClient:
        push.scene.world.advance(60)
        for number, fields in edits.items():
            push.scene.client().update(f"/people/{number}", fields)
        push.scene.world.log.clear()
        return push.scene.client()

    return connect


@pytest.mark.parametrize("in_bulk", [False, True])
@pytest.mark.parametrize(
    ("policy", "has", "written"),
    [
        ("warehouse_wins", True, True),
        ("salesloft_wins", False, False),
        ("newest_wins", True, False),
        ("fill_if_empty", False, False),
    ],
)
def test_an_edit_after_the_plan_is_a_conflict(
    push: Push, policy: str, has: bool, written: bool, in_bulk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one and in bulk. has: did SalesLoft have a value when it was planned? The other people are written."""
    monkeypatch.setattr(bulk, "BULK_FROM", 2 if in_bulk else 500)
    push.scene.time.sleep = push.scene.world.advance  # type: ignore[method-assign]
    ann, bob, cleo = push.people(3)
    for each in (ann, bob, cleo):
        push.scene.client().update(f"/people/{each['id']}", {"title": "Before" if has else None})
    push.scene.sync("people")
    push.scene.world.advance(30)
    at = push.scene.world.now.isoformat()
    push.model |= {"policy": policy, "changed_at": "at"}
    push.rows([{"id": each["id"], "title": "Ours", "at": at} for each in (ann, bob, cleo)])
    report = push(connect=editing(push, {ann["id"]: {"title": "Theirs"}}))
    assert push.person(ann["id"])["title"] == ("Ours" if written else "Theirs")
    (conflict,) = report.conflicts
    assert (conflict.row, conflict.field, conflict.shown, conflict.written) == (1, "title", "Theirs", written)
    assert {each.row: each.outcome for each in report.results}[1] == ("done" if written else "conflict")
    told = "\n".join(words_for(report))
    assert f"row 1      conflict person {ann['id']}: title: both changed, SalesLoft to 'Theirs'" in told
    assert [push.person(each["id"])["title"] for each in (bob, cleo)] == ["Ours"] * 2
    assert report.well
