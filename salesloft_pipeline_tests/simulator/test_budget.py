"""Points: vendor page "Rate limits"."""

from __future__ import annotations

from itertools import accumulate

import pytest

from salesloft_pipeline.simulator import World
from salesloft_pipeline.simulator.api.budget import cost_of

from .conftest import ask, make_world


@pytest.fixture
def poor() -> World:
    """A team with 40 points per minute and a wall clock that a test can set."""
    world = make_world(cost_per_minute=40)
    world.budget.clock = lambda: 1_000_000_010.0
    return world


@pytest.mark.parametrize(
    ("page", "cost"),
    [(1, 1), (100, 1), (101, 3), (150, 3), (151, 8), (250, 8), (251, 10), (500, 10), (501, 30), (9999, 30)],
)
def test_deep_pages_cost_more(poor: World, page: int, cost: int) -> None:
    """The table of the vendor, in the header and on the bill."""
    got = ask(poor, "/people", {"page": page})
    assert got.headers["x-ratelimit-endpoint-cost"] == str(cost)
    assert poor.points_spent == poor.log[-1].cost == cost


@pytest.mark.parametrize(
    ("pages", "total"), [(100, 100), (150, 250), (250, 1050), (500, 3550), (1000, 18550)]
)
def test_walking_by_page_costs_what_the_contract_says(pages: int, total: int) -> None:
    """A thousand pages are half an hour of the whole team's budget."""
    assert list(accumulate(cost_of(page) for page in range(1, pages + 1)))[-1] == total


def test_the_headers_count_down_one_shared_budget(poor: World) -> None:
    """Remaining points, the limit and the server's date come with every answer."""
    left = [
        ask(poor, path).headers["x-ratelimit-remaining-minute"]
        for path in ("/people", "/cadences", "/people/7")
    ]
    assert left == ["39", "38", "37"]
    headers = ask(poor, "/people").headers
    assert headers["x-ratelimit-limit-minute"] == "40"
    assert headers["date"] == "Sun, 09 Sep 2001 01:46:50 GMT"


def test_an_empty_budget_is_a_429_until_the_clock_minute_turns(poor: World) -> None:
    """No Retry-After, nothing charged, and the next minute is full again."""
    for _ in range(40):
        ask(poor, "/people")
    got = ask(poor, "/people")
    assert (got.status, got.body) == (429, {"error": "API rate limit exceeded"})
    assert "retry-after" not in got.headers
    assert poor.points_spent == 40
    poor.budget.clock = lambda: 1_000_000_019.0
    assert ask(poor, "/people").status == 429
    poor.budget.clock = lambda: 1_000_000_020.0
    assert ask(poor, "/people").headers["x-ratelimit-remaining-minute"] == "39"


def test_a_request_dearer_than_what_is_left_is_refused(poor: World) -> None:
    """A deep page needs all its points at once."""
    for _ in range(11):
        ask(poor, "/people")
    assert ask(poor, "/people", {"page": 501}).status == 429
    assert ask(poor, "/people").status == 200


def test_retry_after_can_be_switched_on(poor: World) -> None:
    """Seconds to the next clock minute."""
    poor.switch(retry_after=True, endpoint_cost=41)
    assert ask(poor, "/people").headers["retry-after"] == "10"
