"""Records change while they are read: once it is quiet again, no row is missing and none is stale."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from salesloft_pipeline.ingest.pipeline import reader_for
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline_tests.conftest import NOW, Scene, sized, staged
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

CHANGES = 20
RESOURCES = ("emails", "people")
Hook = Callable[[World, Request], None]


def restless(seed: int) -> Hook:
    """Before every page, some random records of the list change, and a little time passes."""
    dice = random.Random(seed)

    def change(world: World, request: Request) -> None:
        world.advance(dice.uniform(0, 0.01))
        ids = world.ids(request.resource)
        world.touch(request.resource, dice.sample(ids, min(CHANGES, len(ids))))

    return change


@settings(max_examples=sized(1, 5))
@given(seed=st.integers(0, 2**16), emails=st.integers(100, 500))
def test_syncs_of_changing_records_lose_nothing(seed: int, emails: int) -> None:
    """20 random records change between any two pages of ten syncs; after a quiet one the tables are right."""
    with (
        tempfile.TemporaryDirectory() as folder,
        staged(f"duckdb:///{folder}/warehouse.duckdb", emails=emails, seed=seed % 100) as stage,
    ):
        stage.world.before_request = restless(seed)
        for _ in range(sized(4, 10)):
            stage.sync(*RESOURCES)
        stage.world.before_request = None
        stage.sync(*RESOURCES)
        for resource in RESOURCES:
            assert_equals_truth(stage.warehouse, stage.world, resource)


def test_a_record_that_shows_up_late_is_found(scene: Callable[..., Scene]) -> None:
    """It bears an updated_at that the last sync has already passed, by less than the overlap."""
    stage = scene()
    stage.world.advance(3_600)
    stage.world.touch("emails", stage.world.ids("emails")[:3])
    stage.sync("emails")
    late = stage.world.add("emails", 2)
    stage.world.stamp("emails", late, stage.world.now - timedelta(minutes=4))
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")


@settings(max_examples=sized(12, 200))
@given(
    seed=st.integers(0, 2**16),
    resource=st.sampled_from([*RESOURCES, "meetings", "users"]),
    emails=st.integers(1, 600),
    tied=st.integers(0, 300),
)
def test_readers_of_changing_records_lose_nothing(seed: int, resource: str, emails: int, tied: int) -> None:
    """The same for the reading alone, in many more worlds, bulk edits included."""
    with (
        tempfile.TemporaryDirectory() as folder,
        staged(f"duckdb:///{folder}/warehouse.duckdb", people=150, emails=emails) as stage,
    ):
        stage.world.stamp(resource, stage.world.ids(resource)[:tied], NOW - timedelta(seconds=20))
        stage.world.before_request = restless(seed)
        table, state = dict[Any, Any](), dict[str, Any]()
        for _ in range(3):
            load(stage, resource, state, table)
        stage.world.before_request = None
        load(stage, resource, state, table)
        assert table == {record["id"]: record for record in stage.world.truth(resource)}


def load(stage: Scene, resource: str, state: dict[str, Any], table: dict[Any, Any]) -> None:
    """Read to the end and merge as the warehouse does: the newest of a load, whatever was there before."""
    newest: dict[Any, Any] = {}
    reader = reader_for(stage.client(), stage.warehouse, BY_NAME[resource])
    for page in reader.read(state, lambda _: False):
        for row in page:
            if row["id"] not in newest or changed(row) >= changed(newest[row["id"]]):
                newest[row["id"]] = row
    assert reader.failure is None
    table.update(newest)


def changed(row: Any) -> Any:
    return parse_instant(row["updated_at"])
