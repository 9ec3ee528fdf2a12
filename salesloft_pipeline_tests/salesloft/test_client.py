"""The client: one question, one answer; repeated where a repeat can help, within one budget, and the key is nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import (
    ATTEMPTS,
    FIRST_WAIT_SECONDS,
    RATE_LIMITED_ATTEMPTS,
    SalesloftClient,
    connect,
    page_cost,
)
from salesloft_pipeline.salesloft.errors import (
    EchoMismatch,
    Forbidden,
    Garbled,
    NotFound,
    RateLimited,
    Refused,
    SalesloftError,
    ServerFailed,
    Unauthorized,
    Unprocessable,
    Unreachable,
)

KEY = "a-key-that-nobody-may-read"
FINE: dict[str, Any] = {"data": []}
Answer = httpx.Response | Exception


@dataclass
class Exchange:
    """A SalesLoft that gives the `answers` one after the other, the last of them for ever."""

    answers: list[Answer]
    points: int = 600
    requests: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    seconds: float = 1_800_000_010.0

    def __post_init__(self) -> None:
        http = httpx.Client(
            transport=httpx.MockTransport(self._answer), base_url="http://salesloft.test/v2", auth=ApiKey(KEY)
        )
        self.budget = Budget(self.points, 1.0, clock=lambda: self.seconds, sleep=self._sleep)
        self.client = SalesloftClient(http, self.budget)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def answer(status: int = 200, content: Any = FINE, **headers: str) -> httpx.Response:
    """An answer; header names are written with underscores."""
    return httpx.Response(
        status, json=content, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


NO_JSON = httpx.Response(200, content=b"<html>")
NO_DATA = answer(content={"error": None})
BROKEN_OFF = httpx.RemoteProtocolError("peer closed connection")


def test_the_key_travels_as_a_bearer_token() -> None:
    """And the path goes below /v2, whether or not it begins with a slash."""
    exchange = Exchange([answer()])
    exchange.client.get("/people", {"page": "1"})
    (request,) = exchange.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert str(request.url) == "http://salesloft.test/v2/people?page=1"


@pytest.mark.parametrize(
    "bad", [answer(401, {"error": "no"}), answer(500, {}), NO_JSON, BROKEN_OFF, answer(content=None)]
)
def test_the_key_is_never_printed(bad: Answer) -> None:
    """Not by the objects that hold it, nor by any error or what caused it."""
    exchange = Exchange([bad])
    with pytest.raises(SalesloftError) as caught:
        exchange.client.get("/people")
    told: list[object] = [
        exchange.client,
        exchange.budget,
        ApiKey(KEY),
        connect("http://x", ApiKey(KEY), Budget()),
    ]
    told += [caught.value, *_causes(caught.value)]
    for thing in told:
        assert KEY not in f"{thing!s} {thing!r} {getattr(thing, 'args', '')}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__ or error.__context__
    if cause:
        yield cause
        yield from _causes(cause)


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "ключ"])
def test_a_key_that_cannot_travel_is_refused_at_once(key: str) -> None:
    """The message names the setting and does not repeat the key."""
    with pytest.raises(ValueError, match="SALESLOFT_API_KEY") as caught:
        ApiKey(key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (answer(500, {}), ServerFailed),
        (answer(503, {}), ServerFailed),
        (httpx.Response(502, content=b"<html>"), ServerFailed),
        (NO_JSON, Garbled),
        (NO_DATA, Garbled),
        (BROKEN_OFF, Unreachable),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("late"), Unreachable),
    ],
)
def test_what_may_pass_is_repeated_so_often(bad: Answer, error: type[SalesloftError]) -> None:
    """One good answer within ATTEMPTS is enough; after as many bad ones the error tells. Waits grow."""
    patient = Exchange([bad] * (ATTEMPTS - 1) + [answer(content={"data": [1]})])
    assert patient.client.get("/people").data == [1]
    hopeless = Exchange([bad])
    with pytest.raises(error):
        hopeless.client.get("/people")
    assert len(hopeless.requests) == ATTEMPTS
    for place, seconds in enumerate(hopeless.slept):
        assert 0.5 <= seconds / (FIRST_WAIT_SECONDS * 2**place) <= 1.5
    assert len(hopeless.slept) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (401, Unauthorized), (403, Forbidden), (404, NotFound), (422, Unprocessable)],
)
def test_what_is_refused_is_not_repeated(status: int, error: type[SalesloftError]) -> None:
    """The same question would be refused again."""
    exchange = Exchange([answer(status, {"errors": {"per_page": ["is too big"]}}), answer()])
    with pytest.raises(error, match=rf"^GET /people page 3: {status} ") as caught:
        exchange.client.get("/people", {"page": "3"})
    assert len(exchange.requests) == 1
    assert exchange.slept == []
    assert caught.value.status == status
    if isinstance(caught.value, Unprocessable):
        assert caught.value.errors == {"per_page": ["is too big"]}


def test_an_ignored_filter_is_an_error_at_once() -> None:
    """The answer came, but to another question."""
    exchange = Exchange([answer(content={"data": [], "metadata": {"filtering": {}}})])
    with pytest.raises(EchoMismatch, match=r"GET /people page 1: .*updated_at\[gte\]"):
        exchange.client.get("/people", {"updated_at[gte]": "2026-01-01T00:00:00.000000Z"})
    assert len(exchange.requests) == 1


def test_a_429_waits_as_long_as_asked() -> None:
    """Retry-After in seconds is obeyed; then nothing is taken before the next minute, since this one is spent."""
    exchange = Exchange([answer(429, {}, retry_after="17"), answer()])
    exchange.client.get("/people")
    assert exchange.slept[0] == 17.0
    assert exchange.seconds % 60 < 1


def test_a_429_without_a_word_waits_for_the_next_minute() -> None:
    """10 seconds into a minute that is 50 seconds and a little, and what we counted of this minute is void."""
    exchange = Exchange([answer(429, {}), answer()])
    into_minute = exchange.seconds % 60
    exchange.client.get("/people")
    (waited,) = exchange.slept
    assert 60 - into_minute < waited < 61 - into_minute


def test_a_429_is_met_more_patiently_than_a_fault_but_not_for_ever() -> None:
    """Faults do not use up the patience for 429, nor the other way round."""
    storm: list[Answer] = [answer(429, {}, retry_after="1")] * (RATE_LIMITED_ATTEMPTS - 1)
    storm += [answer(500, {})] * (ATTEMPTS - 1)
    assert Exchange([*storm, answer()]).client.get("/people").data == []
    hopeless = Exchange([answer(429, {}, retry_after="1")])
    with pytest.raises(RateLimited):
        hopeless.client.get("/people")
    assert len(hopeless.requests) == RATE_LIMITED_ATTEMPTS


@pytest.mark.parametrize(
    ("page", "cost"),
    [(1, 1), (100, 1), (101, 3), (150, 3), (151, 8), (250, 8), (251, 10), (500, 10), (501, 30), (9_999, 30)],
)
def test_deep_pages_cost_more(page: int, cost: int) -> None:
    """SalesLoft's table: https://developers.salesloft.com/docs/platform/api-basics/rate-limits/"""
    assert page_cost(page) == cost


def test_every_attempt_is_booked_at_what_it_cost() -> None:
    """As the answer says; an attempt without any answer counts as what was held for it."""
    exchange = Exchange([answer(500, {}, x_ratelimit_endpoint_cost="3"), BROKEN_OFF, answer()])
    exchange.client.get("/people", {"page": "101"})
    assert exchange.budget.spending.requests == 3
    assert exchange.budget.spending.points == 3 + 3 + 1
    assert exchange.budget.spending.waited_seconds == sum(exchange.slept)


@pytest.mark.parametrize("bad", [answer(), answer(401, {}), BROKEN_OFF])
def test_nothing_stays_held_after_an_answer(bad: Answer) -> None:
    """However a request ends, its points are given back or spent, never both held and spent."""
    exchange = Exchange([bad] * ATTEMPTS, points=100)
    try:
        exchange.client.get("/people")
    except SalesloftError:
        exchange.seconds += 60
    else:
        assert exchange.budget.left_this_minute == 99
        exchange.seconds += 60
    assert exchange.budget.left_this_minute == 100


def test_threads_share_one_budget() -> None:
    """Twenty threads and ten points a minute: never more than ten requests in a minute."""
    exchange = Exchange([answer(x_ratelimit_endpoint_cost="1")], points=10)
    asked, lock = dict[int, int](), threading.Lock()
    original: Callable[[httpx.Request], httpx.Response] = exchange._answer

    def counting(request: httpx.Request) -> httpx.Response:
        with lock:
            minute = int(exchange.seconds // 60)
            asked[minute] = asked.get(minute, 0) + 1
        return original(request)

    http = httpx.Client(transport=httpx.MockTransport(counting), base_url="http://salesloft.test/v2")
    client = SalesloftClient(http, exchange.budget)
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: client.get("/people"), range(60)))
    assert sum(asked.values()) == 60
    assert max(asked.values()) <= 10
    assert exchange.budget.spending.points == 60


def test_every_attempt_that_failed_leaves_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """With the request's own id, which number it was, and what came; nothing else of the question."""
    caplog.set_level("INFO")
    broken = httpx.ConnectError("nobody there")
    exchange = Exchange([answer(500, {}), answer(429, {}), broken, answer()])
    exchange.client.get("/people", {"email": "ann@example.com"})
    told = [
        (each.getMessage(), each.attempt, each.status, each.error_type)  # type: ignore[attr-defined]
        for each in caplog.records
        if each.name.endswith("client")
    ]
    line = "GET /people was not answered as it should be"
    assert told == [
        (line, 1, 500, "ServerFailed"),
        (line, 1, 429, "RateLimited"),
        (line, 2, None, "Unreachable"),
    ]
    ids = {each.request_id for each in caplog.records if hasattr(each, "request_id")}
    assert len(ids) == 1
    assert None not in ids


def test_an_answer_that_breaks_off_is_told_by_its_kind() -> None:
    """And by what the library says of it."""
    exchange = Exchange([httpx.ConnectError("nobody there")])
    with pytest.raises(Unreachable, match=r"no complete answer \(ConnectError: nobody there\)"):
        exchange.client.get("/people")


def test_slow_answers_make_room_for_more_at_once() -> None:
    """The budget is told how long each took."""
    exchange = Exchange([answer()])
    handle = exchange._answer

    def slowly(request: httpx.Request) -> httpx.Response:
        exchange.seconds += 2
        return handle(request)

    client = SalesloftClient(
        httpx.Client(transport=httpx.MockTransport(slowly), base_url="http://salesloft.test"), exchange.budget
    )
    client.get("/people")
    assert exchange.budget.parallel > 2
