"""An independent second opinion: every column of daily_engagement computed in pandas, for any team's weeks."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.transform.agreement import assert_agree
from salesloft_pipeline_tests.transform.teams import teams
from salesloft_pipeline_tests.transform.twin import Team


@given(teams)
@settings(max_examples=sized(4, 200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_pandas_agree(warehouse: Warehouse, team: Team) -> None:
    """For any team, every column of both families is the same in SQL and in pandas, on the same day and key."""
    assert_agree(warehouse, team)
