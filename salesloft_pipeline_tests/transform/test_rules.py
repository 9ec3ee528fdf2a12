"""What a team decides about its words changes the marts, and nothing else does."""

from __future__ import annotations

from salesloft_pipeline.transform import Rules, build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import NEW_YORK, at, call, email, email_version, fill

ENGAGED = (
    "select (select sum(people_engaged) from mart.daily_user_engagement), "
    "(select sum(people_engaged) from mart.daily_cadence_engagement), "
    "(select count(last_engaged_at) from mart.person_engagement)"
)
DURATIONS = "select call_id, connected_by_duration, disposition_category from mart.fct_call order by 1"


def decided(warehouse: Warehouse, rules: Rules, question: str) -> list[tuple[object, ...]]:
    """The answer of a mart built by these rules."""
    build(warehouse, at("03-20 00:00"), NEW_YORK, rules=rules, whole_up_to_emails=0)
    return warehouse.query(question)


def test_opens_engage_where_the_team_says_so(warehouse: Warehouse) -> None:
    """An open makes nobody engaged, until the team decides otherwise; then in every mart alike, and back again."""
    fill(warehouse, email(1, views=2, updated_at="03-03 15:00"), email_version(1, "03-03 15:00", views=2))
    assert decided(warehouse, Rules(), ENGAGED) == [(0, 0, 0)]
    assert decided(warehouse, Rules(engaged_includes_opens=True), ENGAGED) == [(1, 1, 1)]
    assert decided(warehouse, Rules(), ENGAGED) == [(0, 0, 0)]


def test_long_calls_are_marked_where_the_team_set_a_length(warehouse: Warehouse) -> None:
    """Marked from the length on, unknown without one; connects still go by disposition."""
    fill(
        warehouse, call(1, "Connected", None, 119), call(2, "No Answer", None, 120), call(3, None, None, None)
    )
    assert decided(warehouse, Rules(), DURATIONS) == [
        (1, None, "connected"), (2, None, "no_answer"), (3, None, "not_set"),
    ]  # fmt: skip
    assert decided(warehouse, Rules(connected_by_duration_seconds=120), DURATIONS) == [
        (1, False, "connected"), (2, True, "no_answer"), (3, None, "not_set"),
    ]  # fmt: skip
