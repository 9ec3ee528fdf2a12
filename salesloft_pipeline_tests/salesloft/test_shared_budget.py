"""Several processes and a stranger on one team's points: nobody starves, nobody is refused, little is left over."""

from __future__ import annotations

import heapq
import threading
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate

import httpx

from salesloft_pipeline.salesloft.budget import PARALLEL_AT_LEAST, Budget
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline_tests.conftest import sized

ALLOWANCE, SHARE, LATENCY_SECONDS = 600, 0.8, 0.15
MINUTES = sized(2, 10)
BEGIN = 1_800_000_000.0


class VirtualTime:
    """Time for several threads that passes only while all of them sleep: ten minutes are over in seconds."""

    def __init__(self, threads: int) -> None:
        self.now = BEGIN
        self._awake = threads
        self._alarms: list[float] = []
        self._turn = threading.Condition()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._turn:
            alarm = self.now + max(seconds, 1e-6)
            heapq.heappush(self._alarms, alarm)
            self.leave()
            self._turn.wait_for(lambda: self.now >= alarm)

    def leave(self) -> None:
        """The calling thread sleeps, or is gone for good."""
        with self._turn:
            self._awake -= 1
            if self._awake == 0 and self._alarms:
                self.now = self._alarms[0]
                while self._alarms and self._alarms[0] <= self.now:
                    heapq.heappop(self._alarms)
                    self._awake += 1
                self._turn.notify_all()


class Gateway:
    """SalesLoft's rate limit: so many points a clock minute, and how many are left in every answer."""

    def __init__(self, time: VirtualTime) -> None:
        self._time, self._lock = time, threading.Lock()
        self.spent, self.refused = Counter[int](), Counter[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self._time.sleep(LATENCY_SECONDS)
        with self._lock:
            minute = int(self._time.now // 60)
            if self.spent[minute] >= ALLOWANCE:
                self.refused[request.url.path] += 1
                return httpx.Response(429, json={"error": "API rate limit exceeded"})
            self.spent[minute] += 1
            left = {"x-ratelimit-remaining-minute": str(ALLOWANCE - self.spent[minute])}
            return httpx.Response(
                200,
                json={"data": [], "metadata": {}},
                headers={
                    "date": formatdate(self._time.now, usegmt=True),
                    "x-ratelimit-endpoint-cost": "1",
                    **left,
                },
            )


def at_work(time: VirtualTime, workers: list[Callable[[], object]]) -> None:
    """Let every worker do its request again and again until the minutes are over."""

    def work(ask: Callable[[], object]) -> None:
        try:
            while time.now < BEGIN + 60 * MINUTES:
                ask()
        finally:
            time.leave()

    threads = [threading.Thread(target=work, args=[ask]) for ask in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def client_of(gateway: Gateway, time: VirtualTime) -> SalesloftClient:
    """A client as a process of its own has it."""
    http = httpx.Client(base_url="http://salesloft.test", transport=httpx.MockTransport(gateway))
    return SalesloftClient(http, Budget(ALLOWANCE, SHARE, clock=time.clock, sleep=time.sleep))


def test_two_processes_use_the_share_and_are_not_refused() -> None:
    """At least 90 % of the share is used, the rest is left alone, and a 429 stays an accident."""
    time = VirtualTime(2 * PARALLEL_AT_LEAST)
    gateway = Gateway(time)
    asks = [
        lambda client=client: client.get("/people")
        for client in (client_of(gateway, time), client_of(gateway, time))
        for _ in range(PARALLEL_AT_LEAST)
    ]
    at_work(time, asks)
    share = ALLOWANCE * SHARE
    whole_minutes = sorted(gateway.spent)[:MINUTES]
    assert sum(gateway.spent[minute] for minute in whole_minutes) >= 0.9 * share * MINUTES
    # Those who ask at the same moment know nothing of each other until they are answered.
    assert max(gateway.spent.values()) <= share + 2 * PARALLEL_AT_LEAST
    assert sum(gateway.refused.values()) <= 3


def test_a_stranger_that_eats_half_slows_us_down() -> None:
    """No request of ours is refused, we take what our share leaves, and no minute is wasted."""
    time = VirtualTime(PARALLEL_AT_LEAST + 1)
    gateway = Gateway(time)
    client = client_of(gateway, time)
    stranger = httpx.Client(base_url="http://salesloft.test", transport=httpx.MockTransport(gateway))

    def eat() -> None:
        time.sleep(60 / (ALLOWANCE / 2) - LATENCY_SECONDS)
        stranger.get("/accounts")

    at_work(time, [*[lambda: client.get("/people")] * PARALLEL_AT_LEAST, eat])
    whole_minutes = sorted(gateway.spent)[:MINUTES]
    assert min(gateway.spent[minute] for minute in whole_minutes) >= 0.9 * ALLOWANCE * SHARE
    # We stop at our share of what is spent by all.
    assert (
        0.5 * ALLOWANCE * SHARE * MINUTES
        < client.budget.spending.points
        < 0.8 * ALLOWANCE * SHARE * (MINUTES + 1)
    )
    assert gateway.refused["/people"] == 0
