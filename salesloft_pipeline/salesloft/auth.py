"""How a request proves who asks: a bearer token, which is an API key or comes from OAuth.

    ApiKey   the key as it was issued
    OAuth    the access token of a TokenStore, renewed when it is due and when SalesLoft answers 401

https://developers.salesloft.com/docs/platform/api-basics/api-key-authentication/ and .../oauth-authentication/
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Protocol

import httpx

from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.salesloft.oauth import Tokens


class ApiKey(httpx.Auth):
    """The key as it was issued. Its format is SalesLoft's business; only what cannot travel is refused."""

    def __init__(self, key: str) -> None:
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(
                "SALESLOFT_API_KEY is empty or holds a character that no key has (a space, a line break?): "
                "copy it again from SalesLoft, Settings, API keys"
            )
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield _bearing(request, self._key)

    def __repr__(self) -> str:
        return "ApiKey(***)"


class TokenStore(Protocol):
    """Where the tokens are, for all threads and processes that use them."""

    def load(self) -> Tokens:
        """The newest tokens. Raises Unauthorized when there are none."""

    def save(self, tokens: Tokens) -> None:
        """Keep these instead: when this returns, they survive whatever happens. Only while `alone`."""

    def alone(self) -> AbstractContextManager[None]:
        """While the block runs, everybody else who wants to be alone waits."""


class TokenMemory:
    """A store for tokens that can be had again at any time. It begins with some that are overdue."""

    def __init__(self) -> None:
        self._tokens = Tokens(access_token="none", renew_at=datetime.min.replace(tzinfo=UTC))  # noqa: S106
        self._lock = threading.Lock()

    def load(self) -> Tokens:
        """The newest tokens."""
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        """Keep these instead."""
        self._tokens = tokens

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One thread at a time."""
        with self._lock:
            yield


class OAuth(httpx.Auth):
    """The access token of `store`; `renew` makes the next tokens of the last, by one request to SalesLoft.

    A request answered with 401 is repeated once, with other tokens; so a token may end in the middle of a walk.
    Raises Unauthorized when that does not help, and what `renew` raises.
    """

    def __init__(
        self,
        store: TokenStore,
        renew: Callable[[Tokens], Tokens],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._renew, self._now = store, renew, now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        tokens = self._store.load()
        if tokens.renew_at <= self._now():
            tokens = self._renewed(tokens)
        response = yield _bearing(request, tokens.access_token)
        if response.status_code == 401:
            response = yield _bearing(request, self._renewed(tokens).access_token)
        if response.status_code == 401:
            raise Unauthorized(
                "401 with a token that SalesLoft issued just now: ask an admin whether the app of "
                "SALESLOFT_OAUTH_CLIENT_ID is still allowed, and check SALESLOFT_API_URL",
                status=401,
            )

    def _renewed(self, stale: Tokens) -> Tokens:
        with self._store.alone():
            kept = self._store.load()
            if kept != stale:
                return kept  # Somebody was faster; to refresh again would log them out.
            # A rehearsal: a full or read-only disk must show before the old refresh token is spent.
            self._store.save(kept)
            fresh = self._renew(kept)
            self._store.save(fresh)
            return fresh


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["authorization"] = f"Bearer {token}"
    return request
