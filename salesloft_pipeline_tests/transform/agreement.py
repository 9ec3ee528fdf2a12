"""Do SQL and pandas agree about a team? What test_twin.py asks of any weeks, and the fault suite of the nights of changed clocks."""

from __future__ import annotations

import pandas as pd

from salesloft_pipeline.transform import MARTS, build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform import twin
from salesloft_pipeline_tests.transform.rows import RAW, fill
from salesloft_pipeline_tests.transform.teams import TABLES, raw_rows
from salesloft_pipeline_tests.transform.twin import KEY, Team

COLUMNS = next(mart.columns for mart in MARTS if mart.name == "daily_engagement")[len(KEY) :]


def assert_agree(warehouse: Warehouse, team: Team) -> None:
    """Every column of daily_engagement, built of what this team did, is as pandas has it, on the same day and key."""
    with warehouse.transaction() as sql:
        for table in TABLES:
            sql.execute(f"delete from {RAW}.{table}")
    fill(warehouse, *raw_rows(team))
    build(warehouse, twin.AS_OF, twin.ZONE)
    assert_built_of(warehouse, team)


def assert_built_of(warehouse: Warehouse, team: Team) -> None:
    """The same of a mart that stands already."""
    found = warehouse.frame("select * from mart.daily_engagement")
    found["engagement_date"] = pd.to_datetime(found["engagement_date"]).dt.date
    expected = twin.daily(team).reindex(columns=list(COLUMNS))
    rates = [name for name in COLUMNS if "_rate" in name or "_per_" in name]
    expected = expected.fillna({name: 0 for name in COLUMNS if name not in rates})
    # A unit of nothing is no row: nothing happened.
    expected = expected[expected.drop(columns=rates).any(axis=1)]
    pd.testing.assert_frame_equal(
        found.set_index(KEY).sort_index().astype(float),
        expected.sort_index().astype(float),
        check_index_type=False,
    )
