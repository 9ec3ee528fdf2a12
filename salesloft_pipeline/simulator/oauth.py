"""The OAuth host beside the API: who may ask, by tokens that end, rotate and can be revoked.

    /oauth/authorize ─► redirect with code ─► /oauth/token ─► access token (2 hours) + refresh token
                                                  ▲ each refresh revokes every refresh token before it ─┘

A person who would say yes is not simulated: /oauth/authorize says it at once. Time is the world's.
https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/ and .../client-creds/
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .team.hours import SECOND

if TYPE_CHECKING:
    from .api.keys import Key
    from .world import World

CLIENT_ID, CLIENT_SECRET = "simulator-app", "simulator-app-secret"
ACCESS_SECONDS = 7200
CODE_SECONDS = 600
CONTEXT = "simulated-team"

Form = Mapping[str, str]


class _Denied(Exception):
    """An error of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}
        self.status = status


@dataclass
class _Grant:
    """What one authorization allows: as whom, which refresh token is good, and which it has replaced."""

    key: Key
    refresh: str = ""
    revoked: set[str] = field(default_factory=set)
    over: bool = False


@dataclass(frozen=True)
class _Code:
    redirect_uri: str
    ends: int


class Accounts:
    """One registered app. `issued` counts the tokens given out by grant type, `denied` the refusals by error."""

    def __init__(self, world: World) -> None:
        self.issued: Counter[str] = Counter()
        self.denied: Counter[str] = Counter()
        self._world = world
        self._codes: dict[str, _Code] = {}
        self._grants: list[_Grant] = []
        self._access: dict[str, tuple[_Grant, int]] = {}

    def key(self, token: str) -> Key | None:
        """Whom this access token stands for; None when it is unknown, expired or logged out."""
        grant, ends = self._access.get(token, (None, 0))
        return grant.key if grant and not grant.over and self._now() < ends else None

    def authorize(self, asked: Form) -> str:
        """Say yes: the address to send the browser to. Raises ValueError for what no app may ask."""
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            raise ValueError("unknown client_id, or response_type is not code")
        code = secrets.token_hex(16)
        self._codes[code] = _Code(asked["redirect_uri"], self._now() + CODE_SECONDS * SECOND)
        told = {"code": code, "context": CONTEXT, "scope": " ".join(sorted(self._owner().scopes))}
        told |= {"state": asked["state"]} if "state" in asked else {}
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def token(self, form: Form, authorization: str = "") -> tuple[int, dict[str, object]]:
        """Status and body of POST /oauth/token; the app proves itself in the form or by HTTP Basic."""
        grant_type = form.get("grant_type", "")
        try:
            _check_app(form, authorization)
            body = _GRANT_TYPES.get(grant_type, _unsupported)(self, form)
        except _Denied as denied:
            self.denied[denied.body["error"]] += 1
            return denied.status, dict(denied.body)
        self.issued[grant_type] += 1
        return 200, body

    def by_code(self, form: Form) -> dict[str, object]:
        """A code is good once, for the address it was sent to."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or self._now() >= code.ends or form.get("redirect_uri") != code.redirect_uri:
            raise _Denied("invalid_grant", "the code is unknown, used, expired, or of another redirect_uri")
        self._grants.append(grant := _Grant(self._owner()))
        return self._rotated(grant)

    def by_refresh(self, form: Form) -> dict[str, object]:
        """A new pair; the refresh tokens before it are revoked, and one of those used again may log out."""
        token = form.get("refresh_token", "")
        for grant in self._grants:
            if token in grant.revoked and self._world.switches.reused_refresh_logs_out:
                grant.over = True
            if token and token == grant.refresh and not grant.over:
                return self._rotated(grant)
        raise _Denied("invalid_grant", "the refresh token is unknown, revoked or expired")

    def by_app(self, form: Form) -> dict[str, object]:
        """The app for itself, as the administrator who made it; with the scopes it asks for, no refresh token."""
        owner = self._owner()
        scopes = frozenset(form.get("scope", "").split()) or owner.scopes
        if unknown := scopes - owner.scopes:
            raise _Denied("invalid_scope", f"not granted to this app: {' '.join(sorted(unknown))}")
        return self._access_token(_Grant(replace(owner, scopes=scopes)))

    def log_out(self) -> None:
        """Whatever was granted ends now, as when an administrator takes the app away."""
        for grant, _ in self._access.values():
            grant.over = True

    def _rotated(self, grant: _Grant) -> dict[str, object]:
        grant.revoked.add(grant.refresh)
        grant.refresh = secrets.token_hex(32)
        return {**self._access_token(grant), "refresh_token": grant.refresh}

    def _access_token(self, grant: _Grant) -> dict[str, object]:
        token = secrets.token_hex(32)
        self._access[token] = (grant, self._now() + ACCESS_SECONDS * SECOND)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "scope": " ".join(sorted(grant.key.scopes)),
            "created_at": self._now() // SECOND,
        }

    def _owner(self) -> Key:
        return next(iter(self._world.keys.values()))

    def _now(self) -> int:
        return self._world.clock.now()


_GRANT_TYPES: dict[str, Callable[[Accounts, Form], dict[str, object]]] = {
    "authorization_code": Accounts.by_code,
    "refresh_token": Accounts.by_refresh,
    "client_credentials": Accounts.by_app,
}


def _unsupported(_accounts: Accounts, _form: Form) -> dict[str, object]:
    raise _Denied("unsupported_grant_type", "there is no such grant type")


def _check_app(form: Form, authorization: str) -> None:
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    in_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    if not in_form and authorization != f"Basic {basic}":
        raise _Denied("invalid_client", "the app is unknown, or its secret is wrong", 401)


def routes(world: World) -> list[Route]:
    """The OAuth host's paths, to be served beside the API."""

    async def authorize(request: Request) -> Response:
        try:
            with world.lock:
                return RedirectResponse(world.accounts.authorize(request.query_params), 302)
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": "invalid_request", "error_description": str(error)}, 400)

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        with world.lock:
            status, body = world.accounts.token(form, request.headers.get("authorization", ""))
        return JSONResponse(body, status)

    return [
        Route("/oauth/authorize", authorize, methods=["GET"]),
        Route("/oauth/token", token, methods=["POST"]),
    ]
