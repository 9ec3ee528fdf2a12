"""From DuckDB to Postgres by settings and a sync; the runbook's own lines carry over what SalesLoft does not tell twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline import transform
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import Scene

RUNBOOK = Path(__file__).parent.parent / "docs/runbook.md"
# What daily_engagement is made of.
READ = (
    *("users", "people", "cadences", "steps", "cadence_memberships", "emails", "calls"),
    *("call_data_records", "activity_histories", "meetings", "successes"),
)
DAILY = "select * from mart.daily_engagement order by engagement_date, user_id, cadence_id, step_id"
VERSIONS = "select version_id, observed_at from raw_salesloft.emails_versions order by 1"


@pytest.fixture
def moved(
    scene: Callable[..., Scene], postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Scene, Scene]:
    """The same SalesLoft before and after: a DuckDB file that has watched it for a while, and an empty Postgres."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAREHOUSE_URL", postgres_url)
    old = scene()
    old.warehouse = Warehouse("duckdb:///data/warehouse.duckdb")
    old.sync(*READ)
    return old, Scene(old.world, old.url, Warehouse(postgres_url), old.time)


def daily(scene: Scene) -> list[tuple[Any, ...]]:
    """mart.daily_engagement, built as of the same later instant whichever the warehouse."""
    as_of = datetime.fromtimestamp(scene.time.clock(), UTC) + timedelta(days=7)
    transform.build(scene.warehouse, as_of, "America/New_York")
    return scene.warehouse.query(DAILY)


def carried_over() -> None:
    """Run the lines that the runbook shows, as they stand."""
    (lines,) = re.findall(
        r"^```python\n(.*?)^```", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    exec(compile(lines, str(RUNBOOK), "exec"), {})


def test_the_same_days_on_either_engine(moved: tuple[Scene, Scene]) -> None:
    """Settings switched and SalesLoft read again, the days are the same. Those of later replies rest on versions that
    it does not show twice: gone without the runbook's lines, the same with them, however often they run; and who was
    erased stays erased."""
    old, new = moved
    new.sync(*READ)
    before = daily(old)
    assert len(before) > 300
    assert daily(new) == before
    for _ in range(2):
        old.world.advance(86_400)
        old.sync(*READ)
    old.warehouse.execute("insert into ops.erasures values (424242, now())")
    before = daily(old)
    new.sync(*READ)
    assert daily(new) != before
    for _ in range(2):
        carried_over()
    assert daily(new) == before
    theirs, ours = old.warehouse.query(VERSIONS), new.warehouse.query(VERSIONS)
    assert {version for version, _ in theirs} <= {version for version, _ in ours}
    assert new.warehouse.query("select person_id from ops.erasures") == [(424242,)]
