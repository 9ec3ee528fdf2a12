"""A sync brings every raw table to what SalesLoft holds, and a quiet one costs and changes next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from dlt.common.destination.exceptions import DestinationTerminalException
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.pipeline.exceptions import PipelineStepFailed

from salesloft_pipeline.ingest import memory, source
from salesloft_pipeline.ingest.merging import MergeFile
from salesloft_pipeline.ingest.pipeline import Limits
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

Scenes = Callable[..., Scene]


@both_engines
def test_every_resource_is_loaded_and_then_left_alone(scene: Scenes) -> None:
    """All tables equal SalesLoft; with nothing new, at most 2 requests a resource and no row is written again."""
    stage = scene(people=40, emails=120)
    stage.sync()
    with stage.warehouse.kept_open():
        for endpoint in ENDPOINTS:
            if endpoint.name != "team":
                assert_equals_truth(stage.warehouse, stage.world, endpoint.name)
    before, asked = contents(stage.warehouse), dict(stage.world.requests_by_resource)
    quiet = stage.sync()
    assert contents(stage.warehouse) == before
    assert quiet.rows == 0
    for endpoint in ENDPOINTS:
        name = endpoint.path.rsplit("/", 1)[-1]
        if endpoint.reading is Reading.KEYSET:
            assert stage.asked(name) - asked[name] <= 2, name


def contents(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every raw table, by table, its load and sync time included."""
    with warehouse.kept_open():
        return {
            table: sorted(warehouse.query(f"select * from raw_salesloft.{table}"), key=str)
            for table in warehouse.tables("raw_salesloft")
            if not table.startswith("_dlt")
        }


def count(stage: Scene, table: str) -> int:
    """Rows of a raw table."""
    ((rows,),) = stage.warehouse.query(f"select count(*) from raw_salesloft.{table}")
    return int(rows)


def test_no_time_is_one_round_and_later_syncs_finish(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """seconds_at_most=0 loads one round and says partial; the next sync goes on where it stopped."""
    monkeypatch.setattr(source, "ROUND_ROWS", 200)
    stage = scene(emails=650)
    report = stage.sync("emails", "users", limits=Limits(seconds=0))
    assert {r.resource: r.outcome for r in report.resources} == {"emails": "partial", "users": "done"}
    assert 200 <= count(stage, "emails") <= 300
    assert stage.warehouse.query("select outcome from ops.sync_log where resource = 'emails'") == [
        ("partial",)
    ]
    asked = stage.asked("emails")
    assert stage.sync("emails").resources[0].outcome == "done"
    assert stage.asked("emails") - asked <= 7
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_rounds_grow_up_to_a_bound(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reads twice what is safe: so a kill costs little of a short sync, and a long one is few loads."""
    monkeypatch.setattr(source, "ROUND_ROWS", 100)
    monkeypatch.setattr(source, "ROUND_ROWS_AT_MOST", 400)
    stage, safe = scene(emails=1_500), list[int]()
    stage.sync("emails", watch=lambda readers: safe.append(sum(reader.tally.rows for reader in readers)))
    # What was asked when a round had enough still comes.
    rounds = [after - before for before, after in pairwise(safe)]
    assert 100 <= rounds[0] < 300
    assert all(min(2 * before, 400) <= read for before, read in zip(safe[1:-2], rounds[1:-1], strict=True))
    assert max(rounds) < 400 + 100 * PARALLEL_AT_MOST


@pytest.mark.parametrize("seconds_apart", [0, 0.1])
def test_bounded_syncs_get_past_any_heap(
    scene: Scenes, monkeypatch: pytest.MonkeyPatch, seconds_apart: float
) -> None:
    """More records of one instant, or of five minutes, than one run reads: each run still gets further."""
    monkeypatch.setattr(source, "ROUND_ROWS", 200)
    monkeypatch.setattr(memory, "KNOWN_AT_MOST", 200)
    stage = scene(emails=700)
    for place, email in enumerate(stage.world.ids("emails")):
        stage.world.stamp("emails", [email], NOW + timedelta(seconds=place * seconds_apart - 600))
    runs = iter(range(9))
    while stage.sync("emails", limits=Limits(seconds=0)).resources[0].outcome != "done":
        assert next(runs, None) is not None, f"it stays at {count(stage, 'emails')} of 700 rows"
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_a_start_date_bounds_the_first_sync(scene: Scenes) -> None:
    """Nothing older is read, everything since is."""
    stage = scene()
    start = NOW - timedelta(days=10)
    stage.sync("emails", start=start)
    recent = sum(parse_instant(record["updated_at"]) >= start for record in stage.world.truth("emails"))
    assert 0 < count(stage, "emails") == recent < 300


@both_engines
@pytest.mark.parametrize("table", ["emails", "emails_versions"])
def test_a_failed_load_moves_no_position(scene: Scenes, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """Whichever table broke, the next sync reads the same rows again, and then holds them all."""
    stage = scene(emails=250)
    stage.sync("emails")
    stage.world.advance(60)
    touched = stage.world.ids("emails")[:150]
    stage.world.touch("emails", touched)
    with monkeypatch.context() as broken:
        for job in (SqlLoadJob, MergeFile):
            broken.setattr(job, "run", failing_for(table, job.run))
        with pytest.raises(PipelineStepFailed, match="the disk is full"):
            stage.sync("emails")
    assert stage.sync("emails").rows >= len(touched)
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    ((seen,),) = stage.warehouse.query("select count(distinct id) from raw_salesloft.emails_versions")
    assert seen == count(stage, "emails")


def failing_for(table: str, run: Callable[[Any], None]) -> Callable[[Any], None]:
    """dlt's merge, broken for one table."""

    def run_or_fail(job: Any) -> None:
        if job._parsed_file_name.table_name == table:
            raise DestinationTerminalException("the disk is full")
        run(job)

    return run_or_fail


@both_engines
def test_a_lost_table_and_its_state_are_restored_by_full(scene: Scenes) -> None:
    """Whoever emptied a table by hand gets it back by a full sync, and only by that."""
    stage = scene(emails=120)
    stage.sync("emails")
    stage.warehouse.execute("delete from raw_salesloft.emails")
    stage.sync("emails", full=True)
    assert_equals_truth(stage.warehouse, stage.world, "emails")


def test_unknown_working_folders_hold_no_memory(scene: Scenes, tmp_path: Any) -> None:
    """Position and rows live in the warehouse alone: a copy of the file goes on where the original stood."""
    stage = scene(emails=250)
    stage.sync("emails")
    assert stage.warehouse.path
    copy = tmp_path / "elsewhere.duckdb"
    stage.warehouse.path.rename(copy)
    stage.warehouse = Warehouse(f"duckdb:///{copy}")
    assert stage.sync("emails").rows == 0
    assert_equals_truth(stage.warehouse, stage.world, "emails")
