"""The OAuth host: codes, tokens that end by the world's clock, and refresh tokens that rotate."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from salesloft_pipeline.simulator import World, running
from salesloft_pipeline.simulator.oauth import ACCESS_SECONDS, CLIENT_ID, CLIENT_SECRET, CODE_SECONDS

from .conftest import ask

APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
REDIRECT = "http://127.0.0.1:1/callback"


def code_of(world: World) -> str:
    """A code as the browser brings it."""
    asked = {"client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT}
    return dict(parse_qsl(urlsplit(world.accounts.authorize(asked)).query))["code"]


def token(world: World, **form: str) -> tuple[int, dict[str, Any]]:
    """POST /oauth/token with the app's proof."""
    return world.accounts.token({**APP, **form})


def logged_in(world: World) -> dict[str, Any]:
    """The tokens of a new authorization."""
    status, body = token(
        world, grant_type="authorization_code", code=code_of(world), redirect_uri=REDIRECT, context="x"
    )
    assert status == 200
    return body


def refreshed(world: World, refresh_token: str) -> tuple[int, dict[str, Any]]:
    """The answer to this refresh token."""
    return token(world, grant_type="refresh_token", refresh_token=refresh_token)


def test_the_code_comes_back_with_context_scope_and_state(own_world: World) -> None:
    """Over the wire: authorize redirects at once, the code buys tokens, the access token opens the API."""
    with running(own_world) as url, httpx.Client(base_url=url.removesuffix("/v2")) as http:
        asked = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "state": "s p",
        }
        sent = http.get("/oauth/authorize", params=asked)
        assert sent.status_code == 302
        told = {
            name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()
        }
        assert told.keys() == {"code", "context", "scope", "state"}
        assert told["state"] == "s p"
        form = {**APP, **told, "grant_type": "authorization_code", "redirect_uri": REDIRECT}
        got = http.post("/oauth/token", data=form).json()
        assert got.keys() == {
            *("access_token", "token_type", "expires_in", "refresh_token", "scope", "created_at")
        }
        assert got["created_at"] == int(own_world.now.timestamp())
        me = httpx.get(f"{url}/me", headers={"authorization": f"Bearer {got['access_token']}"})
        assert me.status_code == 200
        assert http.get("/oauth/authorize", params={"client_id": "nobody"}).status_code == 400


def test_a_code_is_good_once_and_for_ten_minutes(own_world: World) -> None:
    """A second use, a late use and another redirect address are invalid_grant."""
    used, late, elsewhere = (code_of(own_world) for _ in range(3))
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    assert token(own_world, **form, code=used)[0] == 200
    other = {**form, "redirect_uri": "http://127.0.0.1:2/"}
    answers = [token(own_world, **form, code=used), token(own_world, **other, code=elsewhere)]
    own_world.advance(CODE_SECONDS)
    answers.append(token(own_world, **form, code=late))
    assert [(status, body["error"]) for status, body in answers] == [(400, "invalid_grant")] * 3


def test_an_access_token_ends_by_the_worlds_clock(own_world: World) -> None:
    """200 until the last second, 401 from then on; a refresh opens the API again."""
    tokens = logged_in(own_world)
    own_world.advance(ACCESS_SECONDS - 1)
    assert ask(own_world, "/people", key=tokens["access_token"]).status == 200
    own_world.advance(1)
    assert ask(own_world, "/people", key=tokens["access_token"]).status == 401
    _, again = refreshed(own_world, tokens["refresh_token"])
    assert ask(own_world, "/people", key=again["access_token"]).status == 200


@pytest.mark.parametrize("strict", [True, False])
def test_a_revoked_refresh_token_is_refused(own_world: World, strict: bool) -> None:
    """invalid_grant; where reuse logs out (the default), the newest pair is gone too."""
    own_world.switch(reused_refresh_logs_out=strict)
    first = logged_in(own_world)
    _, second = refreshed(own_world, first["refresh_token"])
    status, body = refreshed(own_world, first["refresh_token"])
    assert (status, body["error"], list(body)) == (400, "invalid_grant", ["error", "error_description"])
    assert refreshed(own_world, second["refresh_token"])[0] == (400 if strict else 200)
    assert ask(own_world, "/people", key=second["access_token"]).status == (401 if strict else 200)


def test_one_authorization_does_not_end_another(own_world: World) -> None:
    """A refresh revokes the tokens of its own authorization only."""
    one, other = logged_in(own_world), logged_in(own_world)
    refreshed(own_world, one["refresh_token"])
    refreshed(own_world, one["refresh_token"])
    assert refreshed(own_world, other["refresh_token"])[0] == 200


def test_an_app_may_ask_for_itself(own_world: World) -> None:
    """Client credentials: no refresh token, the scopes asked for and no others, in the form or by HTTP Basic."""
    status, body = token(own_world, grant_type="client_credentials", scope="people:read team:read")
    assert status == 200
    assert "refresh_token" not in body
    assert ask(own_world, "/people", key=body["access_token"]).status == 200
    assert ask(own_world, "/cadences", key=body["access_token"]).status == 403
    refused = token(own_world, grant_type="client_credentials", scope="planets:read")
    assert (refused[0], refused[1]["error"]) == (400, "invalid_scope")
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    assert own_world.accounts.token({"grant_type": "client_credentials"}, f"Basic {basic}")[0] == 200


def test_a_wrong_app_and_a_wrong_grant_are_refused(own_world: World) -> None:
    """invalid_client with 401, unsupported_grant_type with 400; both are counted."""
    wrong = own_world.accounts.token({**APP, "client_secret": "guess", "grant_type": "client_credentials"})
    assert (wrong[0], wrong[1]["error"]) == (401, "invalid_client")
    assert token(own_world, grant_type="password")[1]["error"] == "unsupported_grant_type"
    assert own_world.accounts.denied == {"invalid_client": 1, "unsupported_grant_type": 1}


def test_logged_out_means_every_token(own_world: World) -> None:
    """What an administrator takes away opens nothing any more."""
    tokens = logged_in(own_world)
    own_world.accounts.log_out()
    assert ask(own_world, "/people", key=tokens["access_token"]).status == 401
    assert refreshed(own_world, tokens["refresh_token"])[0] == 400
