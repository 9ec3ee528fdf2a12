"""A landing on each store in turn, for a receiver to fill."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def landing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty landing of the test's own."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/landing.sqlite"
