"""How a request proves who asks: the API key as a bearer token.

https://developers.salesloft.com/docs/platform/api-basics/api-key-authentication/
"""

from __future__ import annotations

from collections.abc import Generator

import httpx


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
        request.headers["authorization"] = f"Bearer {self._key}"
        yield request

    def __repr__(self) -> str:
        return "ApiKey(***)"
