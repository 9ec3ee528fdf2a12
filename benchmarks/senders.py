"""Senders of genuine deliveries, as fast as one process can: rates, and how long each waits for its answer."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from functools import partial

from salesloft_pipeline.salesloft.webhooks import WebhookToken, sign

TOKEN = WebhookToken("bench", b"callback-token-of-the-benchmark-0001")
FILLER = "x" * 2_000


@dataclass(frozen=True)
class Measured:
    """One server in one round."""

    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int


class Sender(asyncio.Protocol):
    """One connection: the next delivery goes out when the last one is answered."""

    def __init__(self, name: str, until: float, waits: list[float], refused: list[bytes]) -> None:
        self._name, self._until, self._waits, self._refused = name, until, waits, refused
        self._number = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # it is one
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"\n") or data.endswith(b"\r\n"):
            return  # The head; the body follows.
        now = time.perf_counter()
        self._waits.append(now - self._sent)
        if not data.startswith(b"HTTP/1.1 200") and data not in (b"accepted\n", b"ok\n"):
            self._refused.append(data)
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)

    def _send(self) -> None:
        self._number += 1
        body = f'{{"id": {self._number}, "connection": "{self._name}", "filler": "{FILLER}"}}'.encode()
        head = (
            f"POST /webhooks/salesloft HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n"
            f"x-salesloft-event: person_updated\r\nx-salesloft-signature: {sign(body, TOKEN)}\r\n\r\n"
        )
        self._sent = time.perf_counter()
        self._transport.write(head.encode() + body)


async def load(port: int, connections: int, seconds: float) -> Measured:
    """That many connections for so long, each with one delivery under way at a time."""
    waits: list[float] = []
    refused: list[bytes] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [
        partial(Sender, f"{began}-{number}", began + seconds, waits, refused) for number in range(connections)
    ]
    senders = [(await loop.create_connection(sender, "127.0.0.1", port))[1] for sender in made]
    await asyncio.gather(*(sender.ended for sender in senders))
    cuts = statistics.quantiles(waits, n=100)
    taken = time.perf_counter() - began
    return Measured(len(waits) / taken, cuts[49] * 1e3, cuts[98] * 1e3, len(refused))
