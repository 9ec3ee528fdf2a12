"""The questions that the mart is there to answer, asked in SQL of a small world whose answers are known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import NEW_YORK
from salesloft_pipeline_tests.transform.world import AS_OF

CHARTS = Path(__file__).parent / "charts"
WEEK_1, WEEK_2 = date(2026, 11, 9), date(2026, 11, 16)
THIRD = pytest.approx(1 / 3)

ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    # Three emails, two calls and a visit; ten working days, since the calendar begins with the first activity.
    "c01_touches_per_working_day": [("Bob", 61, 10, 6.1), ("Ann", 6, 10, 0.6)],
    "c02_rates_by_week": [(WEEK_1, 3, THIRD, 0.0, True), (WEEK_2, 54, 0.0, 0.1, True)],
    "c03_cadences": [("Outbound", 3, 3, 1, 3, 1, THIRD, THIRD)],
    "c04_steps": [
        (10, 1, "First mail", 3, 1, THIRD, 0, None),
        (10, 2, "Call", 0, 0, None, 3, THIRD),
        (10, 3, "Visit", 0, 0, None, 0, None),
    ],
    "c05_leaderboard": [("Ann", 3, THIRD, 2, 0.5, 3, 1), ("Bob", 60, 0.0, 1, 0.0, 0, 0)],
    "c06_bounce_alarm": [("Bob", 60, 6, 0.1)],
    # The reply of Tuesday 14:00 UTC and the connect of Thursday 16:00 UTC, in New York.
    "c07_answering_hours": [(2, 9, 1, 0), (4, 11, 0, 1)],
    "c08_dispositions": [
        ("connected", 1, THIRD, 120.0),
        ("no_answer", 1, THIRD, None),
        ("not_set", 1, THIRD, 30.0),
    ],
    "c09_hours_to_reply": [("cadence", 1, 23.0, 23.0)],
    "c10_touches_per_meeting": [("Ann", 6, 3, 1, 2.0, 6.0), ("Bob", 61, 0, 0, None, None)],
    "c11_meetings_held": [(date(2026, 11, 1), 3, 1, 1, 1, 0.5)],
    "c12_teams_over_time": [("East", WEEK_1, 2, 0.5), ("East", WEEK_2, 60, 0.0), ("West", WEEK_1, 1, 0.0)],
    "c13_backlog": [(AS_OF, 2, 1)],
    "c14_account_coverage": [("Tier 1", 1, 1, 1.0), ("Tier 2", 1, 0, 0.0)],
}


def test_every_chart_has_an_answer() -> None:
    """No query goes untested."""
    assert set(ANSWERS) == {path.stem for path in CHARTS.glob("*.sql")}


def test_charts_answer(built_warehouse: Warehouse) -> None:
    """Each query gives the known answer, on either engine."""
    for name, expected in ANSWERS.items():
        text = (CHARTS / f"{name}.sql").read_text(encoding="utf-8")
        text = text.replace(":as_of", f"date '{AS_OF}'").replace(":time_zone", f"'{NEW_YORK}'")
        assert built_warehouse.query(text) == expected, name
