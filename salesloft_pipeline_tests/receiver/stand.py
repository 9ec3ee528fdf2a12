"""A receiver to test: served from a thread or as a process of its own, and a sender that writes its bytes by hand.

serving(landing_url)    ->  Stand   in this process, with limits of the test's choosing
Process(landing_url)    ->          the real command, to be killed
Stand.send(raw(...))    ->  Answer  whatever bytes, as a stranger would send them
"""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from salesloft_pipeline.landing import Delivery, Landing
from salesloft_pipeline.receiver.config import Limits, ReceiverConfig
from salesloft_pipeline.receiver.serve import listen, server_of
from salesloft_pipeline.salesloft.webhooks import WebhookToken, sign

SECRET = "s3cr3t-callback-token-of-the-tests-0001"
TOKEN = WebhookToken("main", SECRET.encode())
BOUND = WebhookToken("bound", b"another-callback-token-of-the-tests-02", frozenset({"person_updated"}))
PATH = "/webhooks/salesloft"
PATIENCE = 30.0
ALL = 10**9


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the connection was closed without a word."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def signed(body: bytes, token: WebhookToken = TOKEN, event: str | None = "person_updated") -> dict[str, str]:
    """The two headers of a genuine delivery; without the event where it is None."""
    headers = {"x-salesloft-signature": sign(body, token)}
    return headers if event is None else headers | {"x-salesloft-event": event}


def raw(body: bytes, headers: Mapping[str, str], *, method: str = "POST", path: str = PATH) -> bytes:
    """A request as bytes, with the length of its body unless the headers say otherwise."""
    length = (
        {} if {"content-length", "transfer-encoding"} & headers.keys() else {"content-length": str(len(body))}
    )
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: receiver",
        *(f"{k}: {v}" for k, v in {**headers, **length}.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(body: bytes, size: int) -> bytes:
    """A body in chunks."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)] + [b""]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@dataclass
class Stand:
    """A receiver on a loopback port and the landing behind it."""

    port: int
    landing: Landing

    @property
    def url(self) -> str:
        """Where deliveries go."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    def connect(self) -> socket.socket:
        """A connection that does not wait for ever."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, request: bytes) -> Answer:
        """Send these bytes and read the answer."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(request)
            return answer_on(connection)

    def deliver(self, body: bytes, **about: object) -> Answer:
        """Send a genuine delivery."""
        return self.send(raw(body, signed(body, **about)))  # type: ignore[arg-type]

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self.send(raw(b"", {}, method="GET", path=path))

    def rows(self) -> list[Delivery]:
        """All that landed."""
        return self.landing.pending(ALL, ALL)


def answer_on(connection: socket.socket) -> Answer:
    """The next answer on this connection."""
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return Answer(response.status, response.read(), {k.lower(): v for k, v in response.headers.items()})
    except (http.client.HTTPException, ConnectionResetError):
        return Answer(0)


def until(so: Callable[[], bool]) -> None:
    """Ask again and again until it is so; whoever is asked takes the time."""
    for _ in range(10_000):
        if so():
            return
    raise AssertionError("it never came to that")


@contextmanager
def serving(landing: Landing, *, limits: Limits | None = None) -> Iterator[Stand]:
    """Serve `landing` from a thread on a free port; afterwards it has ended in good order."""
    config = ReceiverConfig((TOKEN, BOUND), port=0, limits=limits or Limits())
    with listen("127.0.0.1", 0) as door:
        server = server_of(config, landing)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield Stand(door.getsockname()[1], landing)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


class Process(Stand):
    """The real command. Used as a context, it is gone afterwards, whatever happened; `port` keeps it for the next."""

    def __init__(
        self, landing_url: str, *, port: int = 0, code: str | None = None, **environment: str
    ) -> None:
        variant = ["-c", code] if code else ["-m", "salesloft_pipeline_tests.receiver.command"]
        self._process = subprocess.Popen(
            [sys.executable, *variant, "receiver", "--port", str(port)],
            env={
                **os.environ,
                "LANDING_URL": landing_url,
                "SALESLOFT_WEBHOOK_TOKENS": f"main={SECRET}",
                "PYTHONPATH": os.pathsep.join(sys.path),
                **environment,
            },
            # Where no .env lies.
            cwd=Path(__file__).parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout
        first = self._process.stdout.readline().decode()
        assert "listening on" in first, self._process.communicate(timeout=PATIENCE)
        super().__init__(int(first.partition("127.0.0.1:")[2].partition("/")[0]), Landing(landing_url))
        self.pid = self._process.pid

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def terminate(self) -> None:
        """SIGTERM; it may take its time."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, str]:
        """Wait for the end: exit code and what it said."""
        out, err = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, (out + err).decode()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for stream in (self._process.stdout, self._process.stderr):
            assert isinstance(stream, io.BufferedReader)
            stream.close()
        self._process.wait(PATIENCE)
