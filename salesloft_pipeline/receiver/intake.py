"""Reading a body within limits: of length, of time, and of what all senders together may take of our memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request

from salesloft_pipeline.receiver.config import Limits


class Refusal(Exception):
    """An answer other than 200: `reason` is a word for it. `close` where the rest of a body may still be coming."""

    def __init__(self, status: int, reason: str, *, close: bool = False) -> None:
        super().__init__(reason)
        self.status, self.reason, self.close = status, reason, close


class Room:
    """Bytes of bodies that are in memory now, of all requests."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.held_bytes = 0

    @contextmanager
    def share(self) -> Iterator[Share]:
        """One request's part, given back when the block ends."""
        share = Share(self)
        try:
            yield share
        finally:
            self.held_bytes -= share.held_bytes

    def take(self, size: int) -> None:
        """Count these too. Raises Refusal when there is no room."""
        if self.held_bytes + size > self._limits.held_bytes:
            raise Refusal(503, "no_room", close=True)
        self.held_bytes += size


class Share:
    """What one request holds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.held_bytes = 0

    def take(self, size: int) -> None:
        """Count these too. Raises Refusal when there is no room."""
        self._room.take(size)
        self.held_bytes += size


async def read_body(request: Request, share: Share, limits: Limits) -> bytes:
    """The whole body as it came. Raises Refusal: 413 too long, 408 too slow, 503 no room, 400 broken off."""
    # The parser lets nothing but digits through.
    if int(request.headers.get("content-length", 0)) > limits.body_bytes:
        raise Refusal(413, "body_too_long", close=True)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for piece in request.stream():
                if len(body) + len(piece) > limits.body_bytes:
                    raise Refusal(413, "body_too_long", close=True)
                share.take(len(piece))
                body += piece
    except TimeoutError:
        raise Refusal(408, "body_too_slow", close=True) from None
    except ClientDisconnect:
        raise Refusal(400, "broken_off", close=True) from None
    return bytes(body)
