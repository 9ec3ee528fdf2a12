"""An independent second opinion: every column of daily_engagement computed in pandas, for any team's weeks."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, given, settings

from salesloft_pipeline.transform import MARTS, build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.transform.rows import RAW, fill
from salesloft_pipeline_tests.transform.teams import TABLES, raw_rows, teams
from salesloft_pipeline_tests.transform.twin import AS_OF, KEY, ZONE, Team, daily

COLUMNS = next(mart.columns for mart in MARTS if mart.name == "daily_engagement")[len(KEY) :]


@given(teams)
@settings(
    max_examples=sized(4, 200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_and_pandas_agree(warehouse: Warehouse, team: Team) -> None:
    """For any team, every column of both families is the same in SQL and in pandas, on the same day and key."""
    with warehouse.transaction() as sql:
        for table in TABLES:
            sql.execute(f"delete from {RAW}.{table}")
    fill(warehouse, *raw_rows(team))
    build(warehouse, AS_OF, ZONE)
    found = warehouse.frame("select * from mart.daily_engagement")
    found["engagement_date"] = pd.to_datetime(found["engagement_date"]).dt.date
    expected = daily(team).reindex(columns=list(COLUMNS))
    rates = [name for name in COLUMNS if "_rate" in name or "_per_" in name]
    expected = expected.fillna({name: 0 for name in COLUMNS if name not in rates})
    # A unit of nothing is no row: nothing happened.
    expected = expected[expected.drop(columns=rates).any(axis=1)]
    pd.testing.assert_frame_equal(
        found.set_index(KEY).sort_index().astype(float),
        expected.sort_index().astype(float),
        check_index_type=False,
    )
