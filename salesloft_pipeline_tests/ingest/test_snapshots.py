"""Lists that are read whole: what vanished is marked, what comes back is unmarked, and a shrunken list is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesloft_pipeline.ingest.lists import SuspiciousSnapshot
from salesloft_pipeline.ingest.report import SyncFailed
from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]


def deleted(stage: Scene, table: str) -> set[Any]:
    """Ids of the rows that are marked as gone."""
    found = stage.warehouse.query(f"select id from raw_salesloft.{table} where _deleted_at is not null")
    return {key for (key,) in found}


def reappear(stage: Scene, table: str) -> None:
    """Every deleted record of the world comes back, as after a restored permission."""
    records = stage.world.state[table]
    records["gone"][:] = False
    records._orders.clear()


@both_engines
def test_a_user_who_vanishes_is_marked_and_unmarked_on_return(scene: Scenes) -> None:
    """The row and its content stay; the mark keeps its instant; returning clears it."""
    stage = scene(people=400)
    gone = stage.world.ids("users")[0]
    stage.sync("users")
    stage.world.delete("users", [gone])
    stage.sync("users")
    assert deleted(stage, "users") == {gone}
    marked = stage.warehouse.query("select name, _deleted_at from raw_salesloft.users where id = $1", [gone])
    stage.sync("users")
    assert (
        stage.warehouse.query("select name, _deleted_at from raw_salesloft.users where id = $1", [gone])
        == marked
    )
    reappear(stage, "users")
    stage.sync("users")
    assert deleted(stage, "users") == set()
    assert_equals_truth(stage.warehouse, stage.world, "users")


def test_a_list_that_shrank_by_more_than_half_is_refused(scene: Scenes) -> None:
    """Lost visibility looks like that: the old rows are kept unmarked, the error says what to do, `full` accepts."""
    stage = scene(people=400)
    stage.sync("users")
    users = stage.world.ids("users")
    gone = users[: len(users) // 2 + 1]
    stage.world.delete("users", gone)
    for _ in range(2):
        with pytest.raises(SyncFailed, match=r"users has \d+ records and had \d+ .*--full") as caught:
            stage.sync("users", "groups")
        assert isinstance(caught.value.report.failures[0].error, SuspiciousSnapshot)
        assert deleted(stage, "users") == set()
    assert_equals_truth(stage.warehouse, stage.world, "groups")
    stage.sync("users", full=True)
    assert deleted(stage, "users") == set(gone)
    assert_equals_truth(stage.warehouse, stage.world, "users")


def test_half_of_a_list_may_go(scene: Scenes) -> None:
    """Exactly half is still believed."""
    stage = scene(people=400)
    stage.sync("users")
    users = stage.world.ids("users")
    stage.world.delete("users", users[: len(users) // 2])
    stage.sync("users")
    assert deleted(stage, "users") == set(users[: len(users) // 2])


@both_engines
def test_an_empty_first_answer_is_no_failure(scene: Scenes) -> None:
    """A team without groups has a list of none; records that come later are loaded."""
    stage = scene()
    stage.world.delete("groups", stage.world.ids("groups"))
    (report,) = stage.sync("groups").resources
    assert (report.outcome, report.tally.rows) == ("done", 0)
    reappear(stage, "groups")
    stage.sync("groups")
    assert_equals_truth(stage.warehouse, stage.world, "groups")


def test_a_vanished_record_of_a_walked_list_is_not_marked(scene: Scenes) -> None:
    """Only a list that was read whole can show that something is missing."""
    stage = scene()
    stage.sync("people")
    stage.world.delete("people", stage.world.ids("people")[:5])
    stage.sync("people")
    assert deleted(stage, "people") == set()
