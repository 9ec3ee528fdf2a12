"""A receiver on the loopback, and the requests a subscriber makes."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from salesloft_pipeline.simulator import DEMO_KEY, World

from .conftest import Got

TOKEN = "a-callback-token-of-32-characters"


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def event(self) -> str:
        return self.headers["x-salesloft-event"]

    @property
    def body(self) -> Any:
        return orjson.loads(self.raw)

    @property
    def told(self) -> tuple[str, Any]:
        """The event type and the id of the record."""
        return self.event, self.body["id"]

    def signed_with(self, token: str) -> bool:
        """Is the signature that of the bytes that arrived?"""
        right = hmac.new(token.encode(), self.raw, hashlib.sha1).hexdigest()
        return hmac.compare_digest(right, self.headers["x-salesloft-signature"])


@dataclass
class Receiver:
    """Keeps what arrives and answers `status`; before that it does what `first` says."""

    status: int = 200
    url: str = ""
    got: list[Received] = field(default_factory=list)
    first: Callable[[Received], object] = lambda _: None

    @property
    def told(self) -> list[tuple[str, Any]]:
        return [each.told for each in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver behind a free loopback port."""
    receiver = Receiver()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Received(self.path, headers, raw))
            receiver.first(receiver.got[-1])
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join(timeout=10)


def send(
    world: World, method: str, path: str, fields: Any = None, *, query: str = "", key: str = DEMO_KEY
) -> Got:
    """A write below /v2 with a JSON body."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    reply = world.answer(method, path, query, headers, b"" if fields is None else orjson.dumps(fields))
    return Got(reply.status, orjson.loads(reply.body) if reply.body else None, reply.headers)


def subscribe(world: World, event_type: str, url: str, *, token: str = TOKEN, key: str = DEMO_KEY) -> int:
    """Subscribe to one event type; returns the id of the subscription."""
    fields = {"event_type": event_type, "callback_url": url, "callback_token": token}
    got = send(world, "POST", "/webhook_subscriptions", fields, key=key)
    assert got.status == 200, got.body
    return int(got.data["id"])
