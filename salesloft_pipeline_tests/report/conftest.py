"""What the tests of the report share: serving copies of the dashboard's tests, and frames read from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from salesloft_pipeline.report import Health, Name, Report, edition_of, make
from salesloft_pipeline.report.frames import Frames, read
from salesloft_pipeline.transform.serving import serving_copy
from salesloft_pipeline_tests.dashboard.conftest import served, served_empty
from salesloft_pipeline_tests.transform.conftest import built_file, empty_file
from salesloft_pipeline_tests.transform.world import AS_OF

__all__ = ["built_file", "empty_file", "served", "served_empty"]

EAST, WEST = 1, 2
WELL = Health((), ("Q19 of fct_call",), 100)


@pytest.fixture(scope="session")
def frames(served: Path) -> Frames:
    """What reports of the team with three months of work are made of."""
    return read(serving_copy(served))


def made(
    frames: Frames, name: Name, team: int | None = None, today: date = AS_OF, health: Health = WELL
) -> Report:
    """A report as of the day of the load."""
    return make(frames, edition_of(name, today), team, health)
