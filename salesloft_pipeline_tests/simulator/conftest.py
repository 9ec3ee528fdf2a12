"""A world to read, a world to change, and a way to ask them without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from salesloft_pipeline.simulator import DEMO_KEY, World

# Their records have no id to find them by.
WITHOUT_IDS = ("account_types", "crm_team_members_with_roles")
NOW = datetime(2026, 11, 23, 15, 7, 31, 250_000, tzinfo=UTC)


@dataclass(frozen=True)
class Got:
    """One answer, read."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def ids(self) -> list[Any]:
        return [record["id"] for record in self.data]

    @property
    def paging(self) -> Any:
        return self.body["metadata"]["paging"]


def ask(world: World, path: str, params: Any = (), key: str | None = DEMO_KEY) -> Got:
    """GET a path below /v2 with (name, value) pairs or a ready query string."""
    query = (
        params
        if isinstance(params, str)
        else urlencode(list(params.items() if isinstance(params, dict) else params))
    )
    headers = {"authorization": f"Bearer {key}"} if key else {}
    reply = world.answer("GET", path, query, headers)
    return Got(reply.status, orjson.loads(reply.body), reply.headers)


def identity(record: dict[str, Any]) -> str:
    """The id of a record, or all that it says where it has none."""
    return str(record["id"]) if "id" in record else orjson.dumps(record).decode()


def walk(world: World, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every record of a list, page by page."""
    page: int | None = 1
    while page:
        got = ask(world, path, {"per_page": 100, **params, "page": page})
        yield from got.data
        page = got.paging["next_page"] if "paging" in got.body["metadata"] else None


def when(text: str) -> datetime:
    """A timestamp of the API in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def make_world(**changes: Any) -> World:
    """A small world that stands still, with more points than any test spends."""
    sizes = {"people": 150, "emails": 1_200, "days": 60, "seed": 5, "now": NOW, "cost_per_minute": 10**6}
    return World(**(sizes | changes))


@pytest.fixture(scope="package")
def world() -> World:
    """A world that tests only read."""
    return make_world()


@pytest.fixture
def own_world() -> World:
    """A world of the test's own, to change."""
    return make_world()


@pytest.fixture
def switched(world: World) -> Iterator[Callable[..., None]]:
    """Set switches on the shared world; they are put back afterwards."""
    before = world.switches
    yield world.switch
    world.state.switches = before
