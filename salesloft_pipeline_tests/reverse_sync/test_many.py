"""Very many people at once: wrong rows do not keep the others, bulk jobs cost next to nothing, single calls too much."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.reverse_sync import actual, bulk
from salesloft_pipeline.reverse_sync.errors import TooCostly
from salesloft_pipeline_tests.conftest import AMPLE, Scene, sized
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepare, writes

# A kind of wrong row: its field and reason, and what makes it so out of a right one and a number.
WRONG: tuple[tuple[str, str, Callable[[dict[str, Any], int], dict[str, Any]]], ...] = (
    ("id", "is empty", lambda row, _: {**row, "id": ""}),
    ("id", "must be a whole number", lambda row, _: {**row, "id": "ann"}),
    ("id", "is the same as in row", lambda row, _: {**row}),
    ("owner_id", "must be a whole number", lambda row, _: {**row, "owner": "x1"}),
    ("do_not_contact", "must be true or false", lambda row, _: {**row, "dnc": "perhaps"}),
    ("job_seniority", "must be one of", lambda row, _: {**row, "rank": "wizard"}),
    ("tags", "must be a list", lambda row, _: {**row, "tags": "a, b"}),
    ("contact_restrictions", "must be a list out of", lambda row, _: {**row, "channels": '["fax"]'}),
    ("secondary_email_address", "is no email address", lambda row, _: {**row, "second": "ann at home"}),
    ("owner_id", "does not exist", lambda row, number: {**row, "owner": str(10**9 + number)}),
)
FIELDS = {
    "title": "title",
    "owner": "owner_id",
    "dnc": "do_not_contact",
    "rank": "job_seniority",
    "tags": "tags",
    "channels": "contact_restrictions",
    "second": "secondary_email_address",
}


@pytest.fixture
def crowd(
    scene: Callable[..., Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], Push]:
    """A push on a team of so many people, all of them in the warehouse; many are more than ten here."""
    monkeypatch.setattr(actual, "FEW", 10)

    def made(people: int) -> Push:
        stage = scene(people=people, emails=10)
        prepare(stage)
        stage.time.sleep = stage.world.advance  # type: ignore[method-assign]
        push = Push(stage, tmp_path)
        push.model |= {"limit": people, "consent": "consent"}
        return push

    return made


def rows_of(push: Push, count: int) -> list[dict[str, Any]]:
    """A row for each of so many people who may be written to, with a new title and nothing else."""
    fine = [each for each in push.scene.world.truth("people") if not each["do_not_contact"]]
    empty = dict.fromkeys(FIELDS, "")
    return [
        {**empty, "id": each["id"], "title": f"Title {n}", "consent": "true"}
        for n, each in enumerate(fine[:count])
    ]


def test_wrong_rows_do_not_keep_the_others(crowd: Callable[[int], Push]) -> None:
    """Ten kinds of wrong rows, some told by us and some by SalesLoft: each is listed once with its number, field and
    reason, and every other row is done.
    """
    good, each_kind = sized(40, 9_700), sized(1, 30)
    push = crowd(round(good * 1.3))
    push.model["fields"] = FIELDS
    rows = rows_of(push, good + each_kind)
    right, spare = rows[:good], rows[good:]
    bad = [
        # Of the last kind each means somebody else: SalesLoft tells them, not we.
        (field, told, spoil(spare[n] if told == "does not exist" else right[n], n))
        for field, told, spoil in WRONG
        for n in range(each_kind)
    ]
    push.rows(right + [row for _, _, row in bad])
    report = push()
    listed = [(each.row, each.field, each.what) for each in report.wrong]
    listed += [(r.row, r.field or "", r.reason or "") for r in report.results if r.outcome == "failed"]
    assert Counter(each.outcome for each in report.results) == {"done": good, "failed": each_kind}
    assert [(row, field) for row, field, _ in sorted(listed)] == [
        (good + n, field) for n, (field, _, _) in enumerate(bad, 1)
    ]
    for (_, _, reason), (_, told, _) in zip(sorted(listed), bad, strict=True):
        assert told in reason
    titles = Counter(each["title"] for each in push.scene.world.truth("people"))
    assert all(titles[f"Title {n}"] == 1 for n in range(good))
    assert not report.well


def test_bulk_jobs_cost_next_to_nothing(
    crowd: Callable[[int], Push], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a hundred points, and one for each hundred rows that fail; by single calls the plan refuses the same,
    with its minutes.
    """
    monkeypatch.setattr(bulk, "BULK_FROM", sized(100, 500))
    count, failing = sized(150, 100_000), sized(3, 300)
    push = crowd(round(count * 1.05))
    push.model["fields"] = {name: FIELDS[name] for name in ("title", "owner")}
    rows = [{name: row[name] for name in ("id", "title", "owner", "consent")} for row in rows_of(push, count)]
    for row in rows[:failing]:
        row["owner"] = str(10**9)
    push.rows(rows)
    push.model["bulk"] = False
    pace = sized(1, 480)
    with pytest.raises(
        TooCostly, match=rf"{count:,} changes cost [\d,]+ points by single calls, [\d,.]+ min"
    ):
        push(apply=False, pace=pace)
    assert writes(push.scene) == []
    push.model["bulk"] = True
    before = push.scene.world.points_spent
    report = push(pace=pace)
    spent = push.scene.world.points_spent - before
    assert Counter(each.outcome for each in report.results) == {"done": count - failing, "failed": failing}
    assert spent < 100 + failing / 100
    results = [each for each in push.scene.world.log if each.path.endswith("/results")]
    assert len(results) == 1 + math.ceil(failing / 100)
    print(f"{count:,} upserts, {failing} of them refused: {spent} points")
    push.scene.sync("people")
    assert len(push(apply=False, pace=AMPLE).plan.changes) == failing
