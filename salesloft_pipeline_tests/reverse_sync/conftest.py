"""A push with its scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepared


@pytest.fixture
def push(scene: Callable[..., Scene], tmp_path: Path) -> Push:
    """Sixty people on a simulated team, synced."""
    return prepared(scene(), tmp_path)
