"""A run that is killed with -9 again and again, at random moments, ends with each change done once."""

from __future__ import annotations

import pytest

from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.reverse_sync.killed import enrollment_survives, push_survives
from salesloft_pipeline_tests.reverse_sync.pushing import Push

PEOPLE, KILLS = sized(24, 200), sized(3, 20)


@pytest.mark.parametrize("warehouse_url", ["duckdb", "postgres"], indirect=True)
def test_a_push_survives_kills(push: Push) -> None:
    """Nobody saw the answer, and the next run looks for it: every person has the value, written once."""
    push_survives(push, PEOPLE, KILLS, seed=7)


@pytest.mark.parametrize("warehouse_url", ["postgres"], indirect=True)
def test_an_enrollment_survives_kills(push: Push) -> None:
    """Everybody is on the cadence, by one POST each."""
    enrollment_survives(push, PEOPLE, KILLS, seed=7)
