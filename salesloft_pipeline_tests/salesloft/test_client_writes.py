"""Writing by the client: what is sent, and that only what is harmless is sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from salesloft_pipeline.salesloft.client import ATTEMPTS, SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError, Unprocessable
from salesloft_pipeline.salesloft.protocol import Reply
from salesloft_pipeline_tests.salesloft.test_client import BROKEN_OFF, NO_JSON, Answer, Exchange, answer

BODY = {"title": "Chief"}
Write = Callable[[SalesloftClient], Reply]
HARMLESS: dict[str, Write] = {
    "PUT": lambda client: client.update("/people/1", BODY),
    "DELETE": lambda client: client.delete("/people/1"),
    "POST": lambda client: client.create("/person_upserts", BODY, harmless_again=True),
}


@pytest.mark.parametrize("method", HARMLESS)
def test_a_write_sends_its_body_as_json(method: str) -> None:
    """The method, the path below /v2, and the fields; a DELETE has none, and its 204 no data."""
    exchange = Exchange([httpx.Response(204) if method == "DELETE" else answer(content={"data": {"id": 1}})])
    reply = HARMLESS[method](exchange.client)
    (request,) = exchange.requests
    assert (request.method, request.url.path.startswith("/v2/")) == (method, True)
    assert reply.data == (None if method == "DELETE" else {"id": 1})
    assert json.loads(request.content or "{}") == ({} if method == "DELETE" else BODY)


@pytest.mark.parametrize("bad", [answer(500, {}), NO_JSON, BROKEN_OFF])
@pytest.mark.parametrize("method", HARMLESS)
def test_a_harmless_write_is_repeated(method: str, bad: Answer) -> None:
    """What does the same when done twice is tried as often as a read."""
    exchange = Exchange([bad, answer(content={"data": {}})])
    HARMLESS[method](exchange.client)
    assert len(exchange.requests) == 2
    with pytest.raises(SalesloftError, match=method):
        HARMLESS[method](Exchange([bad]).client)


@pytest.mark.parametrize("bad", [answer(500, {}), NO_JSON, BROKEN_OFF])
def test_a_write_that_could_happen_twice_is_sent_once(bad: Answer) -> None:
    """A POST may have happened though its answer is lost: whoever asked has to look first."""
    exchange = Exchange([bad])
    with pytest.raises(SalesloftError) as caught:
        exchange.client.create("/cadence_memberships", BODY)
    assert caught.value.transient
    assert len(exchange.requests) == 1 < ATTEMPTS


def test_a_refused_for_points_write_did_nothing() -> None:
    """So a 429 is waited out, whatever the write."""
    exchange = Exchange([answer(429, {}), answer(content={"data": {"id": 1}})])
    assert exchange.client.create("/people", BODY).data == {"id": 1}
    assert exchange.slept


def test_a_refused_write_names_the_fields() -> None:
    """422 says which field and why; it is never repeated."""
    exchange = Exchange([answer(422, {"errors": {"email_address": ["is already taken"]}})])
    with pytest.raises(Unprocessable) as caught:
        exchange.client.create("/people", BODY, harmless_again=True)
    assert caught.value.errors == {"email_address": ["is already taken"]}
    assert len(exchange.requests) == 1
