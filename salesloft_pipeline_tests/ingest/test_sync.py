"""A sync brings every raw table to what SalesLoft holds, and a quiet one costs and changes next to nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

Scenes = Callable[..., Scene]


def test_every_resource_is_loaded_and_then_left_alone(scene: Scenes) -> None:
    """All tables equal SalesLoft; with nothing new, at most 2 requests a resource and no row is written again."""
    stage = scene()
    stage.sync()
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
    return {
        table: warehouse.query(f"select * from raw_salesloft.{table} order by all")
        for table in warehouse.tables("raw_salesloft")
        if not table.startswith("_dlt")
    }
