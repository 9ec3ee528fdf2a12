"""The past is read newest first, in slices that leave nothing out, and what is read stays read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.ingest import source
from salesloft_pipeline.ingest.pipeline import Limits
from salesloft_pipeline.ingest.slices import Slice, cut
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.salesloft.walk import ONE_MICROSECOND, Position
from salesloft_pipeline_tests.conftest import NOW, Scene, sized
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]
EMAILS = sized(40_000, 1_000_000)
INSTANTS = st.integers(0, 15 * 365 * 86_400).map(
    lambda seconds: datetime(2012, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def assert_seamless(parts: list[Slice], oldest: datetime, newest: datetime) -> None:
    """Newest first, each ends one microsecond before the next begins, and together they are the whole stretch."""
    assert parts[0].end == newest
    assert parts[-1].begin.instant == oldest
    for newer, older in pairwise(parts):
        assert older.end + ONE_MICROSECOND == newer.begin.instant
    assert all(part.begin.instant <= part.end for part in parts)


@given(INSTANTS, st.integers(0, 10**15), st.none() | st.integers(0, 5_000_000))
def test_slices_leave_no_gap(oldest: datetime, microseconds: int, rows: int | None) -> None:
    """Whatever the stretch and the number of records, down to a single instant."""
    newest = min(oldest + timedelta(microseconds=microseconds), datetime(2030, 1, 1, tzinfo=UTC))
    parts = cut(oldest, newest, rows)
    assert_seamless(parts, oldest, newest)
    for part in parts:
        assert_seamless(part.halves(), part.begin.instant, part.end)
        assert Slice.from_state(part.as_state()) == part


@given(INSTANTS, st.integers(1, 9))
def test_a_slice_that_stands_in_a_tie_is_whole(begin: datetime, page: int) -> None:
    """Its pages belong to one instant, and are not to be cut."""
    part = Slice(Position(begin, page), begin + timedelta(days=1))
    assert part.halves() == [part]


def test_the_newest_month_comes_first(scene: Scenes) -> None:
    """Within the first twentieth of the points, all of the last 30 days is in the warehouse."""
    stage = scene(people=sized(500, 20_000), emails=EMAILS, days=2_000)
    points = EMAILS // 100 // 20
    report = stage.sync("emails", limits=Limits(points=points))
    assert report.resources[0].outcome == "partial"
    # Whatever was under way when the points were spent still comes.
    assert report.points <= points + 20
    month = NOW - timedelta(days=30)
    recent = {e["id"] for e in stage.world.truth("emails") if parse_instant(e["updated_at"]) >= month}
    held = stage.warehouse.query("select id from raw_salesloft.emails where updated_at >= $1", [month])
    assert len(recent) > 100
    assert recent <= {key for (key,) in held}


def test_bounded_runs_add_up_to_the_whole(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on where the last one stopped, tells what is left, and asks for no page twice."""
    monkeypatch.setattr(source, "ROUND_ROWS", 1_000)
    stage = scene(people=100, emails=6_000, days=200)
    left, runs = [], 0
    while not left or left[-1]:
        report = stage.sync("emails", limits=Limits(seconds=0))
        left.append(report.resources[0].rows_left)
        runs += 1
        assert runs < 12
    assert left == sorted(left, reverse=True)
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    # A page and the identity for each run, half a page for each slice.
    assert stage.world.points_spent <= 6_000 / 99 + 4 * runs + 5


def test_records_that_change_behind_the_reader_are_not_lost(scene: Scenes, tmp_path: Path) -> None:
    """What leaves the past while it is read is ahead of the cursor, and followed before the sync ends."""
    stage = scene(people=100, emails=3_000, days=200)
    touched = iter(stage.world.ids("emails"))
    stage.world.before_request = lambda world, _: (world.advance(1), world.touch("emails", [next(touched)]))
    stage.sync("emails")
    stage.world.before_request = None
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
