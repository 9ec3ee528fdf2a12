"""OAuth: tokens are renewed in time and in the middle of a walk, once, and are nowhere to be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.auth import OAuth, TokenMemory
from salesloft_pipeline.salesloft.errors import (
    Garbled,
    RateLimited,
    Refused,
    SalesloftError,
    ServerFailed,
    Unauthorized,
    Unreachable,
)
from salesloft_pipeline.salesloft.oauth import OAuthApp, Tokens
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline.simulator.oauth import CLIENT_SECRET
from salesloft_pipeline_tests.oauth import REDIRECT, Office, opened

SECRET = "a-client-secret-that-nobody-may-read"
LATE, EARLY = (datetime(year, 1, 1, tzinfo=UTC) for year in (2099, 2001))


@pytest.fixture
def office() -> Iterator[Office]:
    """A SalesLoft with an OAuth app."""
    with opened() as office:
        yield office


def kept(tokens: Tokens, renew_at: datetime | None = None) -> TokenMemory:
    """A store that holds these tokens."""
    store = TokenMemory()
    store.save(tokens.model_copy(update={"renew_at": renew_at}) if renew_at else tokens)
    return store


def test_a_token_that_ends_in_the_middle_of_a_walk_loses_nothing() -> None:
    """Twice it ends between two pages: one refresh each, and every record that was there is read."""
    with opened(people=320) as office:
        before, store = set(office.world.ids("people")), kept(office.tokens())
        client = office.client(store)

        def expire(world: World, request: Request) -> None:
            if request.page in (1, 3):
                office.expire()

        office.world.before_request = expire
        pages = walk.snapshot(lambda params: client.get("/people", params))
        read = [row["id"] for page in pages for row in page]
        assert before <= set(read)
        assert office.refreshes == office.refused() == 2


def test_it_renews_before_the_end(office: Office) -> None:
    """Some minutes before its two hours are over the token is renewed, so that no request meets a 401."""
    times = [datetime(2026, 1, 1, tzinfo=UTC)]
    app = office.app(now=lambda: times[-1])
    store = kept(app.refresh(office.tokens()))
    client = office.client(store, app.refresh, now=lambda: times[-1])
    for minutes, refreshes in ((110, 1), (115, 2), (116, 2)):
        times.append(times[0] + timedelta(minutes=minutes))
        client.get("/me")
        assert office.refreshes == refreshes
    assert office.refused() == 0


@pytest.mark.parametrize("renew_at", [LATE, EARLY], ids=["after a 401", "before the end"])
def test_many_threads_refresh_once(office: Office, renew_at: datetime) -> None:
    """Whoever comes second uses what the first was given."""
    client = office.client(kept(office.tokens(), renew_at))
    office.expire()
    with ThreadPoolExecutor(8) as pool:
        teams = list(pool.map(lambda _: client.get("/team").data["id"], range(16)))
    assert len(set(teams)) == office.refreshes == 1


def test_an_app_for_itself_asks_again(office: Office) -> None:
    """Client credentials: nothing until it is needed, one token for all threads, another when it ends."""
    app = office.app()
    client = office.client(TokenMemory(), lambda _: app.client_credentials("team:read people:read"))
    issued = office.world.accounts.issued
    assert issued.total() == 0
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.get("/team"), range(8)))
    assert issued == {"client_credentials": 1}
    office.expire()
    client.get("/people")
    assert issued == {"client_credentials": 2}
    with pytest.raises(Refused, match="403"):
        client.get("/cadences")


def test_a_second_401_is_the_end(office: Office) -> None:
    """Tokens that the API does not take, though just issued: one refresh, then an error that says whom to ask."""
    with opened() as elsewhere:
        client = elsewhere.client(kept(office.tokens()), office.app().refresh)
        with pytest.raises(Unauthorized, match="SALESLOFT_OAUTH_CLIENT_ID"):
            client.get("/people")
        assert (office.refreshes, elsewhere.refused()) == (1, 2)


def test_logged_out_tells_to_authorize(office: Office) -> None:
    """invalid_grant is not repeated; the error names the command that helps, and where it happened."""
    client = office.client(kept(office.tokens()))
    office.world.accounts.log_out()
    with pytest.raises(Unauthorized, match=r"GET /people.*invalid_grant.*salesloft-pipeline authorize"):
        client.get("/people")
    assert office.world.accounts.denied == {"invalid_grant": 1}


class Wire(httpx.HTTPTransport):
    """The way to the OAuth host, which breaks once: before the request is sent, or before its answer is read."""

    def __init__(self, error: httpx.TransportError, after: bool) -> None:
        super().__init__()
        self._errors, self._after = [error], after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._after and self._errors:
            super().handle_request(request).read()
        if self._errors:
            raise self._errors.pop()
        return super().handle_request(request)


def test_a_request_that_never_arrived_is_repeated(office: Office) -> None:
    """No connection to the OAuth host is a matter of a moment."""
    app = office.app(http=httpx.Client(transport=Wire(httpx.ConnectError("refused"), after=False)))
    client = office.client(kept(office.tokens(), EARLY), app.refresh)
    client.get("/me")
    assert office.refreshes == 1


def test_a_lost_answer_tells_to_authorize(office: Office) -> None:
    """SalesLoft has rotated and nobody knows the new token: the repeat is refused, and the error explains it."""
    app = office.app(http=httpx.Client(transport=Wire(httpx.ReadTimeout("timed out"), after=True)))
    client = office.client(kept(office.tokens(), EARLY), app.refresh)
    with pytest.raises(Unauthorized, match=r"lost.*salesloft-pipeline authorize"):
        client.get("/me")
    assert office.world.accounts.denied == {"invalid_grant": 1}


def test_a_full_disk_shows_before_the_refresh_token_is_spent(office: Office) -> None:
    """A store that cannot keep tokens costs no authorization: nothing is asked of SalesLoft."""

    class Full(TokenMemory):
        def save(self, tokens: Tokens) -> None:
            raise Unauthorized("no space left")

    store = Full()
    store._tokens = office.tokens()
    office.expire()
    with pytest.raises(Unauthorized, match="no space left"):
        office.client(store).get("/me")
    assert office.refreshes == 0


def test_tokens_without_a_refresh_token_tell_to_authorize(office: Office) -> None:
    """Such a pair lasts two hours; then a person is needed, and nothing is asked of SalesLoft."""
    client = office.client(kept(office.tokens().model_copy(update={"refresh_token": None})))
    client.get("/me")
    office.expire()
    with pytest.raises(Unauthorized, match="no refresh token: run `salesloft-pipeline authorize`"):
        client.get("/me")


def test_the_exchange_brings_what_the_browser_brought() -> None:
    """Code, context and scope go back to the host, with the app's proof in the body; `state` was for us."""
    sent: list[httpx.Request] = []
    fine = httpx.Response(200, json={"access_token": "a"})
    http = httpx.Client(transport=httpx.MockTransport(lambda request: sent.append(request) or fine))
    app = OAuthApp("http://accounts.test", "app", SECRET, http=http)
    brought = {"code": "c", "context": "team", "scope": "people:read team:read", "state": "s"}
    app.exchange(REDIRECT, brought)
    (request,) = sent
    assert (request.method, str(request.url)) == ("POST", "http://accounts.test/oauth/token")
    proof = {"client_id": "app", "client_secret": SECRET}
    told = {"code": "c", "context": "team", "scope": "people:read team:read", "redirect_uri": REDIRECT}
    assert dict(parse_qsl(request.content.decode())) == {"grant_type": "authorization_code"} | told | proof


def answering(*answers: httpx.Response) -> OAuthApp:
    """An app whose OAuth host gives these answers, one after the other."""
    left = list(answers)
    http = httpx.Client(transport=httpx.MockTransport(lambda _: left.pop(0)))
    return OAuthApp("http://accounts.test", "app", SECRET, http=http)


def said(status: int, error: str) -> httpx.Response:
    """A refusal that repeats what was sent."""
    return httpx.Response(status, json={"error": error, "error_description": f"{SECRET} is no good"})


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (said(400, "invalid_grant"), Unauthorized, "salesloft-pipeline authorize"),
        (said(401, "invalid_client"), Unauthorized, "SALESLOFT_OAUTH_CLIENT_SECRET"),
        (said(400, "unauthorized_client"), Unauthorized, "admin"),
        (said(400, "invalid_scope"), Unauthorized, "SALESLOFT_OAUTH_SCOPES"),
        (said(400, "invalid_request"), Refused, "invalid_request"),
        (httpx.Response(302, headers={"location": "http://elsewhere.test"}), Refused, "302"),
        (said(429, "slow down"), RateLimited, "429"),
        (httpx.Response(503, text="<html>"), ServerFailed, "503"),
        (httpx.Response(200, text="<html>"), Garbled, "JSON"),
        (httpx.Response(200, json={"token_type": "Bearer"}), Garbled, "access_token"),
        (httpx.Response(200, json={"access_token": f"{SECRET} with a\nbreak"}), Garbled, "access_token"),
        (httpx.Response(200, json={"access_token": SECRET, "expires_in": -5}), Garbled, "expires_in"),
        (httpx.Response(200, json={"access_token": SECRET, "expires_in": 10**30}), Garbled, "expires_in"),
    ],
    ids=lambda value: value.status_code if isinstance(value, httpx.Response) else None,
)
def test_a_refusal_teaches(answer: httpx.Response, kind: type[SalesloftError], words: str) -> None:
    """Each error of the host has its kind and names what to do; none repeats a secret, whatever the host said."""
    with pytest.raises(kind, match=words) as caught:
        answering(answer).exchange(REDIRECT, {"code": SECRET})
    assert SECRET not in f"{caught.value!s} {caught.value!r}"


def test_no_connection_is_transient() -> None:
    """A host that is not there is Unreachable, which reads repeat."""
    app = OAuthApp("http://127.0.0.1:9", "app", SECRET)
    with pytest.raises(Unreachable, match=r"no complete answer from http://127\.0\.0\.1:9"):
        app.client_credentials(None)


def test_a_host_that_does_not_rotate_is_fine() -> None:
    """Without a new refresh token in the answer the old one is kept."""
    old = Tokens(access_token="a", refresh_token="r", renew_at=EARLY)
    fresh = answering(httpx.Response(200, json={"access_token": "b"})).refresh(old)
    assert (fresh.access_token, fresh.refresh_token) == ("b", "r")


def test_no_secret_is_printed(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Not by the objects that hold it, not by errors or what caused them, not in any log at any level."""
    caplog.set_level(logging.DEBUG)
    old = office.tokens()
    store, apps = kept(old), (office.app(SECRET), office.app())
    office.expire()
    office.client(store).get("/me")
    office.world.accounts.log_out()
    told: list[object] = [
        old,
        [store.load()],
        store,
        apps,
        OAuth(store, apps[0].refresh),
        office.client(store),
    ]
    for app in apps:
        with pytest.raises(Unauthorized) as caught:
            office.client(store, app.refresh).get("/me")
        told += [caught.value, caught.value.args, caught.value.__cause__, caught.value.__context__]
    printed = caplog.text + " ".join(f"{thing!s} {thing!r}" for thing in told)
    assert "oauth/token" in caplog.text
    for planted in (SECRET, CLIENT_SECRET, *_secrets(old), *_secrets(store.load())):
        assert planted not in printed


def _secrets(tokens: Tokens) -> tuple[str, str]:
    assert tokens.refresh_token
    return tokens.access_token, tokens.refresh_token
