"""Text without secrets and without addresses of people: what may leave the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from salesloft_pipeline.receiver import tokens_of
from salesloft_pipeline.settings import Settings, SettingsError

HIDDEN = "<hidden>"
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@\"']*@")
# Shorter ones are words, and would make holes in every text.
_SHORTEST_SECRET = 6


class Redaction:
    """Takes out of plain values, all texts in them and all names of them, what these settings keep secret, addresses of people, and users' names in paths."""

    def __init__(self, settings: Settings) -> None:
        found = {secret for secret in _secrets(settings) if len(secret) >= _SHORTEST_SECRET}
        self._secrets = sorted(found, key=len, reverse=True)

    def __call__(self, content: Any) -> Any:
        if isinstance(content, dict):
            return {self._hidden(str(name)): self(value) for name, value in content.items()}
        if isinstance(content, list):
            return [self(value) for value in content]
        return self._hidden(content) if isinstance(content, str) else content

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _CREDENTIALS.sub(f"{HIDDEN}@", text)
        return _ADDRESS.sub(HIDDEN, text).replace(str(Path.home()), "~")


def _secrets(settings: Settings) -> Iterator[str]:
    for secret in settings.secrets:
        yield secret
        yield from re.split(r"[\s,=]+", secret)
    for _, value in settings:
        if isinstance(value, str) and (password := urlsplit(value).password):
            yield from (password, unquote(password))
    # None are set, or they cannot be read: then nothing else could have read them either.
    with suppress(SettingsError):
        yield from (token.secret.decode() for token in tokens_of(settings))
    file = settings.salesloft_oauth_token_file
    if file and file.exists():
        yield from re.findall(r'"([^"]{16,})"', file.read_text(encoding="utf-8", errors="replace"))
