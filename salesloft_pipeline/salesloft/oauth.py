"""An OAuth app: how it gets tokens, and how it gets the next ones.

    authorization_url ─► a person agrees ─► redirect with a code ─► exchange ─► Tokens
    Tokens ─► refresh ─► the next Tokens; SalesLoft revokes every refresh token before them
    client_credentials ─► Tokens, for an app that acts for itself

https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/ and .../client-creds/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from salesloft_pipeline.salesloft.errors import Garbled, SalesloftError, Unauthorized, Unreachable
from salesloft_pipeline.salesloft.protocol import failure

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
# Renewing before the end spares a 401; a part of the life, so that short-lived tokens are not renewed for ever.
USED_PART_OF_LIFE = 0.95

_ADVICE = {
    "invalid_grant": "the code or refresh token is expired, used or revoked, or the answer that replaced it was "
    "lost: run `salesloft-pipeline authorize` again",
    "invalid_client": "check SALESLOFT_OAUTH_CLIENT_ID and SALESLOFT_OAUTH_CLIENT_SECRET",
    "unauthorized_client": "an admin has to allow this app to get tokens this way: only private apps may without "
    "SALESLOFT_OAUTH_TOKEN_FILE",
    "invalid_scope": "the app asks for more than it was granted: check SALESLOFT_OAUTH_SCOPES",
}

# Only what a header can carry.
_Secret = Annotated[str, Field(pattern="^[!-~]+$")]


class Tokens(BaseModel):
    """What an app was given: a token for the API, one to get the next pair with (an app that acts for itself has
    none), and the instant, by our clock, from which it should be renewed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    access_token: _Secret = Field(repr=False)
    refresh_token: _Secret | None = Field(None, repr=False)
    renew_at: AwareDatetime


class _Answer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    access_token: _Secret = Field(repr=False)
    refresh_token: _Secret | None = Field(None, repr=False)
    expires_in: float = Field(7200, gt=0, lt=10**9, allow_inf_nan=False)


class _Refusal(BaseModel):
    error: str


class OAuthApp:
    """The app that is registered at SalesLoft under `client_id`; `url` is the OAuth host.

    Every method that returns Tokens asks the host once and raises Unauthorized when it says no, and the errors of
    errors.py otherwise; what is transient may be asked again, also after an answer that was lost.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        http: httpx.Client | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url, self._id, self._secret = url, client_id, client_secret
        self._http = http or httpx.Client(
            timeout=TIMEOUT, headers={"accept": "application/json", "user-agent": "salesloft-pipeline"}
        )
        self._now = now

    def __repr__(self) -> str:
        return f"OAuthApp({self._url!r}, {self._id!r}, ***)"

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """Where a person says yes; the browser then brings a code and `state` to `redirect_uri`."""
        asked = {
            "client_id": self._id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return f"{self._url}/oauth/authorize?{urlencode(asked)}"

    def exchange(self, redirect_uri: str, brought: Mapping[str, str]) -> Tokens:
        """The tokens for what the browser brought: `code`, and where they came along `context` and `scope`."""
        said = {name: brought[name] for name in ("code", "context", "scope") if name in brought}
        return self._ask(grant_type="authorization_code", redirect_uri=redirect_uri, **said)

    def refresh(self, tokens: Tokens) -> Tokens:
        """The next tokens. Those handed in are spent from here on, so keep the new ones before they are used."""
        if tokens.refresh_token is None:
            raise Unauthorized("there is no refresh token: run `salesloft-pipeline authorize`")
        fresh = self._ask(grant_type="refresh_token", refresh_token=tokens.refresh_token)
        return (
            fresh if fresh.refresh_token else fresh.model_copy(update={"refresh_token": tokens.refresh_token})
        )

    def client_credentials(self, scopes: str | None) -> Tokens:
        """Tokens for the app itself, which acts as the admin who made it. scopes: separated by spaces."""
        return self._ask(grant_type="client_credentials", **({"scope": scopes} if scopes else {}))

    def _ask(self, **form: str) -> Tokens:
        form |= {"client_id": self._id, "client_secret": self._secret}
        asked_at = self._now()
        try:
            response = self._http.post(f"{self._url}/oauth/token", data=form)
        except httpx.HTTPError as error:
            raise Unreachable(f"no complete answer from {self._url} ({type(error).__name__})") from error
        if response.status_code != 200:
            raise _refusal(response)
        return _tokens(response.content, asked_at)


def _refusal(response: httpx.Response) -> SalesloftError:
    """What the host says no with. Its own description is left out: it may repeat what was sent."""
    try:
        code = _Refusal.model_validate_json(response.content).error
    except ValidationError:
        code = ""
    if code not in _ADVICE:
        return failure(response.status_code, response.headers, response.content)
    return Unauthorized(f"{response.status_code} {code}: {_ADVICE[code]}", status=response.status_code)


def _tokens(body: bytes, asked_at: datetime) -> Tokens:
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError as error:
        wrong = ", ".join(sorted({".".join(map(str, each["loc"])) or "JSON" for each in error.errors()}))
        raise Garbled(f"SalesLoft's OAuth host answered without tokens that can be used: {wrong}") from None
    lifetime = timedelta(seconds=answer.expires_in * USED_PART_OF_LIFE)
    return Tokens(
        access_token=answer.access_token, refresh_token=answer.refresh_token, renew_at=asked_at + lifetime
    )
