"""Many records of one instant, as a bulk edit leaves them: read completely, and deep pages only among them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from salesloft_pipeline.simulator import Request
from salesloft_pipeline_tests.conftest import NOW, Scene, sized
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

EMAILS = sized(4_000, 100_000)
TIED = sized(400, 5_000)
MOMENT = NOW - timedelta(days=20)


def test_a_tie_costs_its_pages_and_no_more(scene: Callable[..., Scene]) -> None:
    """100,000 emails of which 5,000 share an instant: at most 1,030 points, deep pages only inside the instant."""
    stage = scene(people=sized(100, 2_000), emails=EMAILS, days=120)
    stage.world.stamp("emails", stage.world.ids("emails")[:TIED], MOMENT)
    stage.sync("emails")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert stage.world.points_spent <= EMAILS / 99 + 1_030 - 100_000 / 99
    for request in stage.world.log:
        assert request.page == 1 or _inside_the_tie(request), request


def _inside_the_tie(request: Request) -> bool:
    asked = dict(request.params)
    moment = MOMENT.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return asked["updated_at[gte]"] == asked["updated_at[lte]"] == moment


def test_an_unreadable_record_before_a_tie_is_refused_and_not_passed_over(
    scene: Callable[..., Scene],
) -> None:
    """It comes on the page whose other records share one instant, so it belongs to no instant that is asked for."""
    stage = scene(emails=200)
    first, *others = stage.world.ids("emails")
    stage.world.stamp("emails", [first], MOMENT - timedelta(days=40))
    stage.world.stamp("emails", others, MOMENT)
    stage.world.malform("emails", first, updated_at="the other day")
    stage.sync("emails")
    assert stage.warehouse.query("select record_id from ops.quarantine") == [(str(first),)]
