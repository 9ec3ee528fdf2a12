"""A plan says beforehand what a sync then costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from salesloft_pipeline.ingest import source
from salesloft_pipeline.ingest.pipeline import Limits
from salesloft_pipeline.ingest.plan import Plan, plan
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import Scene, both_engines, sized

Scenes = Callable[..., Scene]
EMAILS = sized(15_000, 1_000_000)


def planned(stage: Scene, *names: str, full: bool = False) -> Plan:
    endpoints = [BY_NAME[name] for name in names] or ENDPOINTS
    return plan(stage.client(), stage.warehouse, endpoints, full=full)


def test_a_first_sync_costs_what_was_planned(scene: Scenes) -> None:
    """Points within 3 %, records exactly; planning itself costs a point or two, and writes nothing."""
    stage = scene(people=sized(500, 20_000), emails=EMAILS, days=400)
    expected = planned(stage, "emails")
    assert expected.asked <= 2
    assert stage.warehouse.path
    assert not stage.warehouse.path.exists()
    spent = stage.sync("emails")
    assert abs(expected.points - spent.points) <= 0.03 * spent.points
    assert expected.forecasts[0].rows == EMAILS
    assert expected.minutes == expected.points / expected.points_per_minute


def test_the_whole_account_costs_what_was_planned(scene: Scenes) -> None:
    """All lists together. What hangs on a parent record may take further pages, so there the plan says at least."""
    stage = scene(people=200, emails=700)
    expected, spent = planned(stage), stage.sync()
    points = {each.resource: each.tally.points for each in spent.resources}
    assert points.keys() == {each.resource for each in expected.forecasts}
    for forecast in expected.forecasts:
        if "at least" in forecast.note:
            assert 0 < forecast.points <= points[forecast.resource]
        else:
            assert abs(forecast.points - points[forecast.resource]) <= 1, forecast


@both_engines
def test_the_rest_of_a_backlog_is_planned(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded run, only what is left counts; after the last one, next to nothing. `full` starts anew."""
    monkeypatch.setattr(source, "ROUND_ROWS", 2_000)
    stage = scene(emails=6_000, days=200)
    whole = planned(stage, "emails").points
    stage.sync("emails", limits=Limits(seconds=0))
    rest = planned(stage, "emails")
    spent = stage.sync("emails").points
    assert abs(rest.points - spent) <= max(0.05 * spent, 4)
    assert "of the past are left" in rest.forecasts[0].note
    quiet = planned(stage, "emails")
    assert quiet.points <= 4
    assert planned(stage, "emails", full=True).points == whole


def test_a_list_that_the_key_may_not_read_is_named(scene: Scenes) -> None:
    """It costs the sync a point and the plan says which scope is missing."""
    stage = scene()
    stage.world.keys[DEMO_KEY] = stage.world.keys[DEMO_KEY].without("emails:read")
    (forecast,) = planned(stage, "emails").forecasts
    assert forecast.points == 1
    assert "emails:read" in forecast.note
