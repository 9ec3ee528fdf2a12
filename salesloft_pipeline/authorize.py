"""`authorize`: a person lets the OAuth app read SalesLoft, once; the tokens go to the token file.

    address printed ─► browser, "yes" ─► redirect to 127.0.0.1 (or pasted here) ─► exchange ─► token file

https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication/
"""

from __future__ import annotations

import secrets
import time
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from urllib.parse import parse_qsl, urlsplit

import click

from salesloft_pipeline import connections
from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.salesloft.oauth import OAuthApp
from salesloft_pipeline.settings import SettingsError, load_settings

PATIENCE_SECONDS = 600
HERE = ("127.0.0.1", "localhost")


def run_authorize(code: str | None) -> None:
    """Get tokens and keep them. code: what the browser brought, or the whole address it ended at; None waits for
    the browser. Raises SettingsError for what is not set, Unauthorized when SalesLoft or the person says no.
    """
    settings = load_settings()
    app, store = connections.oauth_app(settings), connections.token_file(settings)
    redirect = settings.salesloft_oauth_redirect_uri
    store.check_place()
    brought = _read(code) if code else _asked(app, redirect)
    if "code" not in brought:
        raise Unauthorized(f"SalesLoft sent no code but {brought.get('error', 'nothing')!r}: try again")
    with store.alone():
        store.save(app.exchange(redirect, brought))
    click.echo(f"The tokens are in {settings.salesloft_oauth_token_file}. See: salesloft-pipeline doctor")
    if settings.salesloft_api_key:
        click.echo("SALESLOFT_API_KEY is set too, and goes first: take it away to use the tokens.")


def _asked(app: OAuthApp, redirect: str) -> dict[str, str]:
    state = secrets.token_urlsafe(16)
    url = f"  {app.authorization_url(redirect, state)}"
    click.echo(f"Open this in a browser, signed in as the user to read as (an admin sees most):\n\n{url}\n")
    where = urlsplit(redirect)
    if where.scheme == "http" and where.hostname in HERE:
        return _awaited(redirect, state)
    brought = _read(click.prompt("Then paste the address that the browser ended at"))
    if brought.get("state", state) != state:
        raise Unauthorized("this address answers another question: use the one that was printed last")
    return brought


def _read(text: str) -> dict[str, str]:
    """What a pasted address, or a bare code, says."""
    return dict(parse_qsl(urlsplit(text).query)) if "?" in text else {"code": text.strip()}


def _awaited(redirect: str, state: str) -> dict[str, str]:
    """What the browser brings to the redirect address of this machine."""
    try:
        door = _Door(redirect, state)
    except OSError as error:
        raise SettingsError(
            f"SALESLOFT_OAUTH_REDIRECT_URI: cannot listen there ({error.strerror}); free the port, or take another"
        ) from error
    with door:
        click.echo(
            f"Waiting for the browser at {redirect}. If it runs on another machine: press Ctrl-C, copy the address "
            "it ended at, and run\n  salesloft-pipeline authorize --code '<that address>'"
        )
        return door.wait()


class _Visit(BaseHTTPRequestHandler):
    """One visitor of the redirect address. Browsers knock without asking anything, hence the short patience."""

    server: _Door
    timeout = 2

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        brought = dict(parse_qsl(asked.query))
        expected = asked.path == self.server.path and brought.get("state") == self.server.state
        self.send_response(200 if expected else 400)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            b"Thank you: go on in the terminal." if expected else b"This is not what we wait for."
        )
        if expected:
            self.server.brought = brought

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds the code."""


class _Door(TCPServer):
    """Listens at the redirect address until somebody brings an answer with our `state`."""

    allow_reuse_address = True

    def __init__(self, redirect: str, state: str) -> None:
        where = urlsplit(redirect)
        self.path, self.state = where.path or "/", state
        self.brought: dict[str, str] | None = None
        super().__init__(("127.0.0.1", where.port or 80), _Visit)

    def wait(self) -> dict[str, str]:
        """What the browser brought. Raises Unauthorized when nobody came."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.brought is None:
            self.timeout = until - time.monotonic()
            if self.timeout <= 0:
                raise Unauthorized(f"nobody came within {PATIENCE_SECONDS // 60} minutes: start again")
            self.handle_request()
        return self.brought
