"""A push with its scene. What the first sync of such a world gives is read once, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline_tests.conftest import Scene, staged
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepare


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with what a sync reads of the world that `push` has."""
    path = tmp_path_factory.mktemp("filled") / "warehouse.duckdb"
    with staged(f"duckdb:///{path}") as scene:
        prepare(scene)
    return path


@pytest.fixture
def push(scene: Callable[..., Scene], tmp_path: Path, filled: Path) -> Push:
    """Sixty people on a simulated team, in the warehouse already."""
    stage = scene()
    if stage.warehouse.path:
        shutil.copy(filled, stage.warehouse.path)
    else:
        prepare(stage)
    return Push(stage, tmp_path)
