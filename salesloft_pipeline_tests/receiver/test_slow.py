"""Whoever is slow, idle or endless is cut, takes no memory with it, and keeps nobody else waiting."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.receiver.stand import PATH, Process, Stand, answer_on, raw, signed

EACH = sized(40, 150)
# The command with less patience than it has, so that the test needs less.
IMPATIENT = """
from functools import partial
from salesloft_pipeline.receiver import config
config.Limits = partial(config.Limits, head_seconds=1, body_seconds=1, held_bytes=4 << 20)
from salesloft_pipeline.cli import main
main()
"""
UNGUARDED = f"""
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from salesloft_pipeline.receiver import serve
class Unguarded(HttpToolsProtocol):
    def __init__(self, *arguments, limits, **keywords):
        super().__init__(*arguments, **keywords)
serve.GuardedProtocol = Unguarded
{IMPATIENT}
"""
SLOW_HEAD = f"POST {PATH} HTTP/1.1\r\nhost: receiver\r\nx-slow".encode()
SLOW_BODY = raw(b"x" * 100, signed(b"x") | {"content-length": "1000"})
BEGINNINGS = {"slow head": SLOW_HEAD, "slow body": SLOW_BODY, "idle": b""}


def memory_of(stand: Stand) -> int:
    """Resident bytes of the receiver."""
    found = re.search(rb"^process_resident_memory_bytes (\S+)$", stand.get("/metrics").body, re.MULTILINE)
    assert found
    return int(float(found[1]))


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A process of its own, since its memory is looked at."""
    with Process(f"sqlite:///{tmp_path}/landing.sqlite", code=IMPATIENT) as process:
        process.deliver(b"warm")
        yield process


def drip(connections: list[socket.socket]) -> list[socket.socket]:
    """One more byte on each; those that still take it."""
    held = []
    for connection in connections:
        with suppress(OSError):
            connection.sendall(b"x")
            held.append(connection)
    return held


def test_the_slow_are_cut_while_others_are_served(stand: Stand) -> None:
    """Heads and bodies byte by byte, and silence: all gone in seconds; meanwhile everybody else gets 200 at once."""
    before = memory_of(stand)
    with ExitStack() as stack:
        connections, waits = [], list[float]()
        for beginning in list(BEGINNINGS.values()) * EACH:
            connection = stack.enter_context(stand.connect())
            connection.sendall(beginning)
            connections.append(connection)
        slow, began = connections[::3] + connections[1::3], time.monotonic()
        while slow and time.monotonic() - began < 20:
            sent = time.monotonic()
            assert stand.deliver(b"%d" % len(waits)).status == 200
            waits.append(time.monotonic() - sent)
            slow = drip(slow)
        assert slow == []
        for idle in connections[2::3]:
            assert idle.recv(100) == b""
    assert max(waits) < 2
    assert memory_of(stand) - before < 20_000_000


def test_the_guard_is_what_cuts_them(tmp_path: Path) -> None:
    """Control: as uvicorn comes, a slow head and an idle connection hang on, long after they should be gone."""
    with ExitStack() as stack:
        process = stack.enter_context(Process(f"sqlite:///{tmp_path}/landing.sqlite", code=UNGUARDED))
        slow, idle = (stack.enter_context(process.connect()) for _ in range(2))
        slow.sendall(SLOW_HEAD)
        slow.settimeout(2)
        with pytest.raises(TimeoutError):
            slow.recv(1)
        assert drip([slow, idle]) == [slow, idle]


@pytest.mark.parametrize(
    "beginning",
    [
        b"POST /webhooks/salesloft HTTP/1.1\r\nx: ",
        b"POST /",
        raw(b"1;", signed(b"x") | {"transfer-encoding": "chunked"}),
        raw(b"1\r\nx\r\n0\r\nx: ", signed(b"x") | {"transfer-encoding": "chunked"}),
    ],
    ids=["header", "path", "chunk extension", "trailer"],
)
def test_the_endless_is_cut_at_once(stand: Stand, beginning: bytes) -> None:
    """A head (or what is no body either) without an end is not collected."""
    before, piece, sent = memory_of(stand), b"x" * 65_536, 0
    with stand.connect() as connection:
        connection.sendall(beginning)
        with suppress(OSError):
            while sent < 200_000_000:
                sent += connection.send(piece)
    # What the kernel had already taken from us counts as sent.
    assert sent < 10_000_000
    assert memory_of(stand) - before < 20_000_000
    assert stand.deliver(b"and now for something genuine").status == 200


def test_bodies_of_all_together_are_bounded(stand: Stand) -> None:
    """Twelve senders with a megabyte each, none of which ends, where four have room: the others are told 503."""
    body = b"x" * ((1 << 20) - 1)
    with ExitStack() as stack:
        connections = [stack.enter_context(stand.connect()) for _ in range(12)]
        for connection in connections:
            with suppress(OSError):
                connection.sendall(raw(body, signed(body) | {"content-length": str(1 << 20)}))
        statuses = [answer_on(connection).status for connection in connections]
    # A connection that is cut in the middle of its body may lose the answer.
    assert {408, 503} <= set(statuses) <= {0, 408, 503}
    assert statuses.count(408) <= 4
    assert stand.deliver(b"and now for something genuine").status == 200


def test_a_kept_connection_has_its_time_anew(stand: Stand) -> None:
    """The clock of a head begins with its first byte, not with the connection: proxies keep theirs for minutes."""
    request = raw(b"kept", signed(b"kept"))
    with stand.connect() as connection:
        connection.sendall(request)
        assert answer_on(connection).status == 200
        # Longer than a head may take.
        with stand.connect() as idle:
            assert idle.recv(1) == b""
        connection.sendall(request)
        assert answer_on(connection).status == 200


def test_a_slow_head_on_a_kept_connection_is_cut_too(stand: Stand) -> None:
    """Having been served once is no licence to hang on."""
    with stand.connect() as connection:
        connection.sendall(raw(b"kept", signed(b"kept")))
        assert answer_on(connection).status == 200
        connection.sendall(SLOW_HEAD)
        assert connection.recv(100) == b""
