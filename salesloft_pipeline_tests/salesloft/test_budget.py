"""The budget: never more than our share, never a lost minute, never a deadlock."""

from __future__ import annotations

import threading

import pytest

from salesloft_pipeline.salesloft.budget import (
    AFTER_THE_MINUTE_SECONDS,
    JITTER_SECONDS,
    PARALLEL_AT_MOST,
    Budget,
    Spending,
)
from salesloft_pipeline.salesloft.protocol import RateLimit


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


class Team:
    """SalesLoft's side: points per clock minute, shared with a third party that spends `greed` per request."""

    def __init__(self, clock: Clock, allowance: int, greed: int = 0) -> None:
        self.clock, self.allowance, self.greed = clock, allowance, greed
        self.spent: dict[int, int] = {}

    def serve(self, cost: int = 1) -> RateLimit:
        minute = int(self.clock.now // 60)
        self.spent[minute] = self.spent.get(minute, 0) + cost + self.greed
        return RateLimit(cost, max(0, self.allowance - self.spent[minute]), float(int(self.clock.now)))


def spend(budget: Budget, team: Team, requests: int, cost: int = 1) -> None:
    for _ in range(requests):
        budget.take(cost)
        budget.settle(cost, team.serve(cost))


def test_our_share_is_spent_and_the_rest_is_left_to_others() -> None:
    """80 of 100 points in a minute, then the next minute."""
    clock = Clock()
    team = Team(clock, 100)
    spend(Budget(100, 0.8, clock=clock, sleep=clock.sleep), team, 200)
    assert list(team.spent.values()) == [80, 80, 40]


def test_what_others_spend_slows_us_down() -> None:
    """A third party that takes as much as we do leaves us half of our share, and nothing fails."""
    clock = Clock()
    team = Team(clock, 100, greed=1)
    budget = Budget(100, 0.8, clock=clock, sleep=clock.sleep)
    spend(budget, team, 100)
    assert list(team.spent.values()) == [80, 80, 40]
    assert budget.spending.points == 100


def test_two_processes_share_by_watching_the_same_count() -> None:
    """Neither knows of the other; together they keep to the share."""
    clock = Clock()
    team = Team(clock, 100)
    first, second = (Budget(100, 0.5, clock=clock, sleep=clock.sleep) for _ in range(2))
    for _ in range(60):
        spend(first, team, 1)
        spend(second, team, 1)
    assert max(team.spent.values()) <= 51


def test_a_wait_ends_just_after_the_next_minute_begins() -> None:
    """Not before, because that is still the old minute, and not much later."""
    clock = Clock(now=1_800_000_000.0 + 45)
    spend(Budget(10, 1.0, clock=clock, sleep=clock.sleep), Team(clock, 10), 11)
    (nap,) = clock.naps
    assert 15 + AFTER_THE_MINUTE_SECONDS <= nap <= 15 + AFTER_THE_MINUTE_SECONDS + JITTER_SECONDS


def test_the_minute_is_the_servers_minute() -> None:
    """Our clock is 20 s behind: by the server's Date, the new minute begins 20 s earlier for us."""
    clock = Clock(now=1_800_000_000.0 + 30)
    budget = Budget(10, 1.0, clock=clock, sleep=clock.sleep)
    budget.take()
    budget.settle(1, RateLimit(1, 0, clock.now + 20))
    assert budget.seconds_to_next_minute() <= 10 + AFTER_THE_MINUTE_SECONDS + JITTER_SECONDS


def test_an_answer_from_the_last_minute_does_not_empty_this_one() -> None:
    """It was sent at 59.9 s and read at 60.1 s: its count is history."""
    clock = Clock(now=1_800_000_000.0 + 59.9)
    budget = Budget(10, 1.0, clock=clock, sleep=clock.sleep)
    budget.take()
    clock.now += 0.2
    budget.settle(1, RateLimit(1, 0, 1_800_000_000.0 + 59))
    assert budget.left_this_minute >= 9


def test_points_in_flight_are_held() -> None:
    """Two threads may not both see the same last point."""
    clock = Clock()
    budget = Budget(10, 1.0, clock=clock, sleep=clock.sleep)
    for points in (7, 3):
        budget.take(points)
    assert budget.left_this_minute == 0


@pytest.mark.parametrize(("answer_seconds", "parallel"), [(0.005, 2), (0.25, 8), (1.0, PARALLEL_AT_MOST)])
def test_as_many_requests_at_once_as_the_budget_is_worth(answer_seconds: float, parallel: int) -> None:
    """600 points a minute are 10 a second: slow answers need more of them under way, quick ones few."""
    clock = Clock()
    budget = Budget(600, 1.0, clock=clock, sleep=clock.sleep)
    for _ in range(40):
        budget.take()
        budget.settle(1, None, answer_seconds)
    assert budget.parallel == parallel


def test_one_more_than_that_waits_for_an_answer() -> None:
    """The third thread goes on when the first has its answer."""
    budget = Budget()
    budget.take()
    budget.take()
    third = threading.Thread(target=budget.take, daemon=True)
    third.start()
    third.join(0.05)
    assert third.is_alive()
    budget.settle(1, None, 0.01)
    third.join(5)
    assert not third.is_alive()


def test_a_429_ends_the_minute() -> None:
    """Whatever we counted, SalesLoft's word stands."""
    clock = Clock()
    budget = Budget(10, 1.0, clock=clock, sleep=clock.sleep)
    budget.exhausted()
    budget.take()
    assert len(clock.naps) == 1


def test_a_request_dearer_than_the_share_is_still_sent() -> None:
    """A page that costs 30 with a share of 10 may not wait for ever."""
    clock = Clock()
    budget = Budget(100, 0.1, clock=clock, sleep=clock.sleep)
    budget.take(30)
    assert clock.naps == []


@pytest.mark.parametrize(
    ("points", "share", "setting"), [(0, 0.5, "COST_PER_MINUTE"), (600, 0.0, "SHARE"), (600, 1.1, "SHARE")]
)
def test_a_budget_of_nothing_is_refused(points: int, share: float, setting: str) -> None:
    """The error names the setting."""
    with pytest.raises(ValueError, match=setting):
        Budget(points, share)


def test_what_was_spent_is_told() -> None:
    """Points as SalesLoft charged them, else as they were held; every request; seconds spent waiting."""
    clock = Clock()
    budget = Budget(clock=clock, sleep=clock.sleep)
    budget.take()
    budget.settle(1, RateLimit(3, 597))
    budget.pause(2.5)
    budget.take(2)
    budget.settle(2, None)
    budget.pause(1.5)
    assert budget.spending == Spending(points=5, requests=2, waited_seconds=4.0)


def test_without_a_word_of_salesloft_our_own_count_stands() -> None:
    """An answer without the header, or none at all, still took points of this minute."""
    clock = Clock()
    budget = Budget(10, 1.0, clock=clock, sleep=clock.sleep)
    for rate in (None, RateLimit(2, None), RateLimit(1, 9)):
        budget.take()
        budget.settle(1, rate)
    assert budget.left_this_minute == 6


@pytest.mark.parametrize(
    ("points", "share", "ours"), [(1, 0.5, 1), (1, 1.0, 1), (600, 0.8, 480), (7, 0.5, 3)]
)
def test_our_share_is_whole_points_and_at_least_one(points: int, share: float, ours: int) -> None:
    """Rounded down, so that the others keep theirs."""
    budget = Budget(points, share)
    assert budget.ours_per_minute == budget.left_this_minute == ours
    assert (Budget().ours_per_minute, Budget(share=1.0).ours_per_minute) == (480, 600)


def test_half_a_share_needs_half_as_many_requests_at_once() -> None:
    """And an answer whose time nobody took counts as quick."""
    budget = Budget(600, 0.5, clock=Clock())
    budget.take()
    budget.settle(1, None)
    assert budget.parallel == 2
    for _ in range(40):
        budget.take()
        budget.settle(1, None, 0.5)
    assert budget.parallel == 8


def test_every_answer_makes_room_for_one_request() -> None:
    """Not for two, and a request that has its answer holds no place."""
    budget = Budget()
    budget.take()
    budget.settle(1, None)
    budget.take()
    budget.take()
    budget.settle(1, None)
    budget.take()
    fourth = threading.Thread(target=budget.take, daemon=True)
    fourth.start()
    fourth.join(0.05)
    assert fourth.is_alive()
    budget.settle(1, None)
    fourth.join(5)
    assert not fourth.is_alive()


def test_points_in_flight_are_not_given_twice() -> None:
    """Four of ten are too many while seven are under way; with their answer, in the next minute, there is room."""
    clock = Clock()
    budget = Budget(10, 1.0, clock=clock, sleep=lambda seconds: answer(seconds))

    def answer(seconds: float) -> None:
        clock.sleep(seconds)
        budget.settle(7, RateLimit(1, None))

    budget.take(7)
    budget.take(4)
    assert len(clock.naps) == 1
    assert budget.left_this_minute == 5


def test_a_wait_of_less_than_a_second_is_a_wait() -> None:
    """A tenth of a second before the minute ends."""
    clock = Clock(now=1_800_000_000.0 + 59.9)
    spend(Budget(1, 1.0, clock=clock, sleep=clock.sleep), Team(clock, 1), 2)
    assert len(clock.naps) == 1


def test_the_servers_clock_is_followed_when_ours_jumps_again() -> None:
    """And a difference that the Date header cannot tell is none."""
    clock = Clock()
    budget = Budget(clock=clock, sleep=clock.sleep)
    for ours, servers, believed in ((0, 1.5, 0), (0, 20, 20), (-5, 20, 20), (-5, 21.5, 20), (-5, 18, 18)):
        clock.now = 1_800_000_000.0 + ours
        budget.take()
        budget.settle(1, RateLimit(1, None, 1_800_000_000.0 + servers))
        assert budget.now() == 1_800_000_000.0 + believed
