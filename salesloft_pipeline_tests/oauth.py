"""An OAuth app of a simulated SalesLoft: its tokens, and clients that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from salesloft_pipeline.salesloft.auth import OAuth, TokenStore
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.salesloft.oauth import OAuthApp, Tokens
from salesloft_pipeline.simulator import World, running
from salesloft_pipeline.simulator.oauth import ACCESS_SECONDS, CLIENT_ID, CLIENT_SECRET
from salesloft_pipeline_tests.conftest import AMPLE, NOW

REDIRECT = "http://127.0.0.1:1/callback"


@dataclass
class Office:
    """A world, and its API at `url`."""

    world: World
    url: str

    @property
    def host(self) -> str:
        """Where its OAuth answers."""
        return self.url.removesuffix("/v2")

    @property
    def refreshes(self) -> int:
        """How many refresh tokens were accepted so far."""
        return self.world.accounts.issued["refresh_token"]

    def app(self, secret: str = CLIENT_SECRET, **options: Any) -> OAuthApp:
        """The registered app; options are those of OAuthApp."""
        return OAuthApp(self.host, CLIENT_ID, secret, **options)

    def tokens(self) -> Tokens:
        """What a person's yes gives."""
        sent = httpx.get(self.app().authorization_url(REDIRECT, "state")).headers["location"]
        return self.app().exchange(REDIRECT, dict(parse_qsl(urlsplit(sent).query)))

    def expire(self) -> None:
        """Every access token given out so far ends."""
        self.world.advance(ACCESS_SECONDS)

    def client(
        self,
        store: TokenStore,
        renew: Callable[[Tokens], Tokens] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> SalesloftClient:
        """A client as the next process would make it; it never sleeps."""
        budget = Budget(AMPLE, 1.0, sleep=lambda _: None)
        return connect(self.url, OAuth(store, renew or self.app().refresh, now=now), budget)

    def refused(self) -> int:
        """How many requests met a 401."""
        return sum(request.status == 401 for request in self.world.log)


@contextmanager
def opened(people: int = 30) -> Iterator[Office]:
    """A small world that stands still."""
    world = World(people, 50, 30, 1, now=NOW, cost_per_minute=AMPLE)
    with running(world) as url:
        yield Office(world, url)
