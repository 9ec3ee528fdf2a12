"""A sync that is killed again and again still ends with every row, once, and pays little for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline_tests.conftest import FULL_SIZE, Scene, both_engines, sized
from salesloft_pipeline_tests.ingest.killed import moments, syncs_survive

EMAILS = sized(7_000, 100_000)
KILLS = sized(2, 5)
# A kill loses at most one round of reading: 5,000 rows, or up to 20,000 of a long sync, and a page or two to find the
# place again.
POINTS_A_KILL = sized(53, 203)


@both_engines
@pytest.mark.parametrize("seed", [20261123])
def test_killed_syncs_lose_and_double_nothing(scene: Callable[..., Scene], tmp_path: Path, seed: int) -> None:
    """kill -9 while reading and while loading: every row as SalesLoft has it, and at most a round paid twice."""
    stage = scene(people=sized(200, 2_000), emails=EMAILS, days=120)
    kills = syncs_survive(stage, tmp_path, moments(random.Random(seed), EMAILS // 100, KILLS))
    assert stage.world.points_spent <= EMAILS / 99 + 2 + POINTS_A_KILL * kills
    if FULL_SIZE:
        assert stage.world.points_spent < 1.5 * EMAILS / 100
