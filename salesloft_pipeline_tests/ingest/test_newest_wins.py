"""Which content of a record ends in its row, and which versions of it are kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest import source
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

Scenes = Callable[..., Scene]
Version = tuple[datetime, int, datetime]


def once(change: Callable[[World], None], before: int) -> Callable[[World, Request], None]:
    """A hook that changes the world before the request of this number."""
    left = iter(range(1, before + 1))

    def hook(world: World, _request: Request) -> None:
        if next(left, None) == before:
            change(world)

    return hook


def versions(stage: Scene, email: Any) -> list[Version]:
    """The kept versions of an email, oldest observation first."""
    found = stage.warehouse.query(
        "select updated_at, counts_views, observed_at from raw_salesloft.emails_versions "
        "where id = $1 order by observed_at, counts_views",
        [email],
    )
    return [(changed, views, observed) for changed, views, observed in found]


@pytest.fixture(params=[(5_000, 5_000), (100, 5_000), (100, 100)], ids="batches and tables of {}".format)
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One load in one batch, in several that make one table, and in several tables."""
    for name, rows in zip(("BATCH_ROWS", "TABLE_ROWS"), request.param, strict=True):
        monkeypatch.setattr(source, name, rows)


@both_engines
@pytest.mark.usefixtures("batches")
def test_a_record_that_changes_during_the_walk_is_one_row_with_its_newest_content(scene: Scenes) -> None:
    """It is delivered twice in one load, old and new; both versions are kept."""
    stage = scene(emails=250)
    email = min(stage.world.truth("emails"), key=lambda row: datetime.fromisoformat(row["updated_at"]))["id"]
    stage.world.advance(1)
    stage.world.before_request = once(lambda world: world.touch("emails", [email]), before=4)
    stage.sync("emails")
    assert stage.world.rows_by_resource["emails"] > len(stage.world.ids("emails"))
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    old, new = sorted(versions(stage, email))
    assert (old[0], old[1]) < (new[0], new[1])


@pytest.mark.usefixtures("batches")
def test_the_last_delivery_wins_where_updated_at_does_not_tell(scene: Scenes) -> None:
    """New meetings push others to the next page, where they come again, changed without a new updated_at."""
    stage = scene()
    stage.world.add("meetings", 250)
    stage.world.before_request = once(add_and_change_meetings, before=2)
    stage.sync("meetings")
    stage.sync("meetings")
    assert_equals_truth(stage.warehouse, stage.world, "meetings")


def add_and_change_meetings(world: World) -> None:
    world.change_silently("meetings", world.ids("meetings"))
    world.add("meetings", 30)


def test_a_tie_that_changes_silently_is_right_in_the_end(scene: Scenes) -> None:
    """Counters move without updated_at while 250 records of one instant are read."""
    stage = scene(emails=400)
    tied = sorted(stage.world.ids("emails"))[:250]
    stage.world.stamp("emails", tied, NOW - timedelta(seconds=1))
    dice = random.Random(1)
    stage.world.before_request = lambda world, _: world.change_silently("emails", dice.sample(tied, 60))
    stage.sync("emails")
    stage.world.before_request = None
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")


@both_engines
def test_a_silent_change_is_a_new_version_of_the_same_updated_at(scene: Scenes) -> None:
    """Within the overlap a moved counter is noticed; the version seen before keeps when it was first seen."""
    stage = scene()
    (email,) = stage.world.add("emails", 1)
    stage.sync("emails")
    ((changed, views, observed),) = versions(stage, email)
    stage.world.change_silently("emails", [email])
    stage.sync("emails")
    first, second = versions(stage, email)
    assert first == (changed, views, observed)
    assert second[:2] == (changed, views + 1)
    assert second[2] > observed
    assert_equals_truth(stage.warehouse, stage.world, "emails")


@both_engines
def test_a_version_seen_twice_keeps_when_it_was_first_seen(scene: Scenes) -> None:
    """Reading everything again writes the rows anew and no version."""
    stage = scene(emails=120)
    stage.sync("emails")
    before = sorted(stage.warehouse.query("select * from raw_salesloft.emails_versions"))
    stage.sync("emails", full=True)
    assert sorted(stage.warehouse.query("select * from raw_salesloft.emails_versions")) == before
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    assert_equals_truth(stage.warehouse, stage.world, "emails")


@both_engines
@pytest.mark.usefixtures("batches")
def test_a_version_delivered_twice_in_one_load_is_one_row(scene: Scenes) -> None:
    """What new meetings push to the next page comes again unchanged."""
    stage = scene()
    stage.world.add("meetings", 250)
    stage.world.before_request = once(lambda world: world.add("meetings", 30), before=2)
    stage.sync("meetings")
    assert stage.world.rows_by_resource["meetings"] > len(stage.world.ids("meetings")) - 30
    assert_unique(stage.warehouse, "meetings_versions", "version_id")


def test_a_change_of_no_kept_field_is_a_new_row_content_and_a_version_by_its_time(scene: Scenes) -> None:
    """Every updated_at is a version of its own, and touching again and again doubles none."""
    stage = scene(emails=50)
    (email,) = stage.world.ids("emails")[:1]
    for _ in range(2):
        stage.world.advance(1)
        stage.world.touch("emails", [email])
        stage.sync("emails")
    assert len({changed for changed, _, _ in versions(stage, email)}) == 2
    assert_unique(stage.warehouse, "emails", "id")
