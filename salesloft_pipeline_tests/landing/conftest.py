"""A landing on each store in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesloft_pipeline.landing import Landing


@pytest.fixture(params=["sqlite", "postgres"])
def landing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty landing of the test's own."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/below/landing.sqlite"


@pytest.fixture
def landing(landing_url: str) -> Landing:
    """The same, opened by whoever uses it first."""
    return Landing(landing_url)
