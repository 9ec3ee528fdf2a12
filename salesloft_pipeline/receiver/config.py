"""What a receiver runs with, out of the settings; whatever would make it unsafe is refused here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from salesloft_pipeline.salesloft.webhooks import WebhookToken, parse_tokens
from salesloft_pipeline.settings import Settings, SettingsError

# Known to everybody, so it opens a door that only this machine reaches.
DEMO_TOKEN = "demo-callback-token-that-is-no-secret"  # noqa: S105  # published, and believed with --demo only


@dataclass(frozen=True)
class Limits:
    """What one sender may take of us. SalesLoft's deliveries are some kilobytes, its budget allows ten a second."""

    body_bytes: int = 1 << 20
    head_bytes: int = 32 << 10
    head_seconds: float = 10.0
    body_seconds: float = 10.0
    # Of all senders together: bodies that are read or wait for their commit.
    held_bytes: int = 64 << 20
    waiting_rows: int = 2_000
    # SalesLoft's own patience is not documented.
    commit_seconds: float = 5.0
    # Below this much room on the disk of a SQLite landing, /health says so while there is time.
    free_bytes: int = 64 << 20


@dataclass(frozen=True)
class ReceiverConfig:
    """Where to listen, whom to believe, and how much to take. Printing it shows no token."""

    tokens: tuple[WebhookToken, ...]
    host: str = "127.0.0.1"
    port: int = 8088
    limits: Limits = field(default_factory=Limits)


def config_of(
    settings: Settings, *, host: str | None = None, port: int | None = None, demo: bool = False
) -> ReceiverConfig:
    """The settings as a receiver needs them; `host` and `port` go before them. Raises SettingsError.

    `demo` takes the published DEMO_TOKEN instead of yours, and only on an address of this machine.
    """
    host = host or settings.receiver_host
    if demo and not _is_loopback(host):
        raise SettingsError(
            "RECEIVER_HOST: the token of --demo is public, so the demo listens on 127.0.0.1 only: leave --demo away "
            "and set SALESLOFT_WEBHOOK_TOKENS"
        )
    return ReceiverConfig(
        tokens=parse_tokens(f"demo={DEMO_TOKEN}") if demo else tokens_of(settings),
        host=host,
        port=settings.receiver_port if port is None else port,
        limits=Limits(body_bytes=settings.receiver_max_body_bytes),
    )


def tokens_of(settings: Settings) -> tuple[WebhookToken, ...]:
    """The callback tokens that the settings hold. Raises SettingsError that names the setting, never a token."""
    given, file = settings.salesloft_webhook_tokens, settings.salesloft_webhook_tokens_file
    if given and file:
        raise SettingsError(
            "SALESLOFT_WEBHOOK_TOKENS and SALESLOFT_WEBHOOK_TOKENS_FILE are both set: keep one of them"
        )
    if file:
        return _parsed("SALESLOFT_WEBHOOK_TOKENS_FILE", _read(file))
    if given:
        return _parsed("SALESLOFT_WEBHOOK_TOKENS", given.get_secret_value())
    raise SettingsError(
        "SALESLOFT_WEBHOOK_TOKENS is not set, and without a token anybody could send us anything: put the "
        "callback_token of your webhook subscriptions into .env, or try it with --demo"
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"SALESLOFT_WEBHOOK_TOKENS_FILE: cannot read {file}: {reason}") from None


def _parsed(setting: str, text: str) -> tuple[WebhookToken, ...]:
    try:
        return parse_tokens(text)
    except ValueError as error:
        raise SettingsError(f"{setting}: {error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
