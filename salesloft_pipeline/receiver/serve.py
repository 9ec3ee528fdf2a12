"""A receiver as a process: from the settings to the last answer after SIGTERM."""

from __future__ import annotations

import signal
import socket
from functools import partial
from typing import Any

import uvicorn

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.logs import log_to_stderr
from salesloft_pipeline.receiver.app import WEBHOOKS, create_app
from salesloft_pipeline.receiver.config import ReceiverConfig, config_of
from salesloft_pipeline.receiver.guard import GuardedProtocol
from salesloft_pipeline.settings import Settings

# Longer than a load balancer's, so that it is never us who hangs up on a connection that it is about to use.
KEEP_ALIVE_SECONDS = 75
# After SIGTERM: a body may still take its time, and its commit.
ENDING_SECONDS = 20


class ReceiverError(Exception):
    """The receiver cannot listen; the message says where and why."""


def server_of(config: ReceiverConfig, landing: Landing) -> uvicorn.Server:
    """The server, which listens on no socket yet."""
    protocol: Any = partial(GuardedProtocol, limits=config.limits)
    return uvicorn.Server(
        uvicorn.Config(
            create_app(config, landing),
            http=protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=ENDING_SECONDS,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free. Raises ReceiverError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ReceiverError(
            f"cannot listen on {host} port {port} (RECEIVER_HOST, RECEIVER_PORT): {error.strerror}"
        ) from None


def run_receiver(
    settings: Settings, *, host: str | None = None, port: int | None = None, demo: bool = False
) -> None:
    """Receive until SIGTERM or Ctrl-C, then answer what has begun. Raises SettingsError and ReceiverError."""
    config = config_of(settings, host=host, port=port, demo=demo)
    server = server_of(config, Landing(settings.landing_url))
    log_to_stderr(settings.log_format)
    # uvicorn repeats the signal once it has ended in good order, which is no reason to die of it.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, server.handle_exit)
    with listen(config.host, config.port) as door:
        names = ", ".join(token.name for token in config.tokens)
        host = f"[{config.host}]" if ":" in config.host else config.host
        where = f"http://{host}:{door.getsockname()[1]}{WEBHOOKS}"
        print(f"listening on {where}, tokens: {names}", flush=True)
        server.run(sockets=[door])
