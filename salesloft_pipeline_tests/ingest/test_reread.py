"""A stretch of the past, read again: what changed without a word is found, and no position moves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest.reread import Window, reread
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.protocol import format_instant, parse_instant
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines, sized
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]


def again(stage: Scene, name: str, **options: Any) -> int:
    """Rows that a re-read of one collection gave."""
    return reread(stage.client(), stage.warehouse, endpoints=[BY_NAME[name]], **options).rows


@both_engines
def test_counters_that_moved_without_a_word_are_found(scene: Scenes) -> None:
    """updated_at stood still, so no poll can see it: the emails sent lately are read again."""
    stage = scene(people=200, emails=sized(1_500, 20_000), days=30)
    stage.sync("emails")
    since = NOW - timedelta(days=14)
    # What changed in the last minutes is looked at by every sync, so there a silent change is seen by itself.
    sent = [
        email["id"]
        for email in stage.world.truth("emails")
        if email["sent_at"]
        and parse_instant(email["sent_at"]) > since
        and parse_instant(email["updated_at"]) < NOW - timedelta(hours=1)
    ]
    changed = sent[: sized(200, 2_000)]
    stage.world.change_silently("emails", changed)
    assert stage.sync("emails").rows == 0
    assert again(stage, "emails", only={"sent_at[gte]": format_instant(since)}) >= len(changed)
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    seen = stage.warehouse.query(
        "select count(distinct id) from raw_salesloft.emails_versions where source = 'backfill'"
    )
    assert seen == [(len(changed),)]


def test_a_month_is_restored_and_nothing_beside_it(scene: Scenes) -> None:
    """Rows lost by hand come back for the window that is read again; the next sync goes on where it stood."""
    stage = scene(emails=600, days=90)
    stage.sync("emails")
    stage.warehouse.execute("delete from raw_salesloft.emails")
    october = Window(
        datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    )
    again(stage, "emails", window=october)
    instants = [parse_instant(record["updated_at"]) for record in stage.world.truth("emails")]
    wanted = sum(october.begin <= at <= october.end for at in instants)
    assert 0 < wanted < 600
    held = "select count(*) from raw_salesloft.emails where updated_at between $1 and $2"
    assert stage.warehouse.query(held, [october.begin, october.end]) == [(wanted,)]
    assert stage.sync("emails").rows == 0


@pytest.mark.parametrize("warehouse_url", ["postgres"], indirect=True)
def test_two_months_at_once(scene: Scenes) -> None:
    """Runs of different months share no state and no staging, so that two machines may work side by side."""
    stage = scene(people=100, emails=900, days=75)
    stage.sync("emails")
    stage.warehouse.execute("delete from raw_salesloft.emails")
    middle = NOW - timedelta(days=30)
    windows = [Window(end=middle - timedelta(microseconds=1)), Window(begin=middle)]
    with ThreadPoolExecutor() as pool:
        rows = list(pool.map(lambda window: again(stage, "emails", window=window), windows))
    assert min(rows) > 100
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_a_list_without_the_filter_is_read_by_the_other_one(scene: Scenes) -> None:
    """/meetings cannot be asked for a window of updated_at, but for what was booked since."""
    stage = scene(people=300, emails=900)
    stage.sync("meetings")
    stage.warehouse.execute("delete from raw_salesloft.meetings")
    assert again(stage, "meetings", only={"created_at[gte]": format_instant(NOW - timedelta(days=365))}) > 0
    assert_equals_truth(stage.warehouse, stage.world, "meetings")
