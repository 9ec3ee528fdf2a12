"""Real servers on this machine that take what reports are sent to: one of mail, one that answers like Slack."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Inbox:
    """Where mail or posts end up. `answer`: what the next ones are told instead of yes."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    answer: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer:
            return self.answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 taken"

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"pass/word")


@contextmanager
def mail_server(host: str = "127.0.0.1") -> Iterator[Inbox]:
    """A mail server, at `url`."""
    inbox = Inbox()
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    controller = Controller(
        inbox, hostname=host, port=port, authenticator=inbox.login, auth_require_tls=False
    )
    controller.start()
    inbox.url = f"smtp://{host}:{port}"
    try:
        yield inbox
    finally:
        controller.stop()


@contextmanager
def slack() -> Iterator[Inbox]:
    """What an incoming webhook of Slack does, at `url`."""
    inbox = Inbox()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if not inbox.answer:
                inbox.posts.append(json.loads(body))
            self.send_response(403 if inbox.answer else 200)
            self.end_headers()
            self.wfile.write((inbox.answer or "ok").encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        inbox.url = f"http://127.0.0.1:{server.server_port}/services/T0/B0/planted-secret"
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()
