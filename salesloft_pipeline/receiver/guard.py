"""uvicorn's HTTP protocol, with an end to heads that are slow, endless or too long.

No middleware can do this: it is called when the head is complete. uvicorn's own limit_concurrency counts
connections, so that idle ones would shut everybody out.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from salesloft_pipeline.receiver.config import Limits

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 15\r\nconnection: close\r\n\r\nhead too large\n"
)


class _HeadTooLarge(Exception):
    """Stops the parser, which hands it on as an error of its own."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection. From the first byte of a request, or from connecting, to the end of its head: `head_seconds`.

    What the parser took in since the last bit of a body is bounded too, and that is heads, trailers and chunk
    extensions alike.
    """

    def __init__(self, *arguments: Any, limits: Limits, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._bytes_beside_body = 0
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._answering:
            self._arm()
        self._bytes_beside_body += len(data)
        super().data_received(data)
        if self._bytes_beside_body > self._limits.head_bytes and not self.transport.is_closing():
            self._cut()

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value) + len(": \r\n")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head_bytes > self._limits.head_bytes:
            raise _HeadTooLarge
        self._disarm()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._bytes_beside_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._bytes_beside_body = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls whenever the parser gives up."""
        if self._head_bytes > self._limits.head_bytes:
            self._cut()
        else:
            super().send_400_response(msg)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._limits.head_seconds, self._too_slow)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        # Whoever is that slow with a head does not wait for an answer.
        if not self._answering:
            self.transport.close()

    def _cut(self) -> None:
        if not self._answering:
            self.transport.write(_TOO_LARGE)
        self.transport.close()
