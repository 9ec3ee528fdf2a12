"""What the next sync will cost, before it runs: points and minutes, from counts that cost a point each.

what dlt's state says  ->  one count per list  ->  rows, points  ->  minutes at our share of the budget
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from salesloft_pipeline.ingest.loading import stored_states
from salesloft_pipeline.ingest.memory import OVERLAP
from salesloft_pipeline.ingest.reader import BEGINNING
from salesloft_pipeline.ingest.slices import ROWS_A_SLICE, cut
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.client import SalesloftClient, page_cost
from salesloft_pipeline.salesloft.counts import counted
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.errors import Forbidden
from salesloft_pipeline.salesloft.protocol import Params, Reply, parse_instant
from salesloft_pipeline.warehouse import Warehouse

PAGE = int(walk.PER_PAGE)
# Each further page asks for the last instant again, so that one of its records is known already.
NEW_ON_A_PAGE = PAGE - 1
IDENTITY_POINTS = 1
Counts = Mapping[str, int | None]


@dataclass(frozen=True)
class Forecast:
    """One collection in the next sync: records to read (None: unknown), points, and why where that needs a word."""

    resource: str
    rows: int | None
    points: int
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """The next sync. `minutes` is what the budget allows; `asked` are the points that planning took."""

    forecasts: tuple[Forecast, ...]
    points_per_minute: int
    asked: int

    @property
    def points(self) -> int:
        return IDENTITY_POINTS + sum(forecast.points for forecast in self.forecasts)

    @property
    def minutes(self) -> float:
        return self.points / self.points_per_minute

    def as_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "points": self.points,
            "minutes": round(self.minutes, 1),
            "points_per_minute": self.points_per_minute,
            "points_asked": self.asked,
            "resources": [asdict(forecast) for forecast in self.forecasts],
        }


def plan(
    client: SalesloftClient,
    warehouse: Warehouse,
    endpoints: Sequence[Endpoint],
    *,
    start: datetime | None = None,
    full: bool = False,
) -> Plan:
    """What `sync` with the same arguments would ask for and cost. Reads counts only, and writes nothing.

    Raises what a request raises, but not Forbidden: such a list costs the sync one point.
    """
    before = client.budget.spending.points
    states = {} if full else _states(warehouse)
    look = partial(_forecast, client, states, start or BEGINNING)
    first = [endpoint for endpoint in endpoints if endpoint.reading is not Reading.PER_PARENT]
    with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
        found = {forecast.resource: forecast for forecast in pool.map(look, first)}
    found |= {each.resource: each for each in _children(endpoints, found)}
    return Plan(
        tuple(found[endpoint.name] for endpoint in endpoints),
        client.budget.ours_per_minute,
        client.budget.spending.points - before,
    )


def _states(warehouse: Warehouse) -> Mapping[str, Any]:
    if warehouse.path and not warehouse.path.exists():
        return {}
    with tempfile.TemporaryDirectory(prefix="salesloft-dlt-") as folder:
        return stored_states(warehouse, folder)


def _forecast(
    client: SalesloftClient, states: Mapping[str, Any], start: datetime, endpoint: Endpoint
) -> Forecast:
    def fetch(params: Params) -> Reply:
        return client.get(endpoint.path, {**endpoint.params, **params})

    state = states.get(endpoint.name, {})
    try:
        if endpoint.reading is Reading.KEYSET:
            return _keyset(endpoint.name, fetch, state, start)
        return _whole(endpoint, fetch, state)
    except Forbidden:
        return Forecast(endpoint.name, 0, 1, f"the key may not read it: it needs {endpoint.scope}")


def _keyset(name: str, fetch: walk.Fetch, state: Mapping[str, Any], start: datetime) -> Forecast:
    cursor = state.get("cursor")
    if cursor is None:
        rows = counted(fetch, "updated_at", start, datetime.now(UTC))
        return Forecast(name, rows, _cold(rows), "first sync")
    rows = counted(fetch, "updated_at", parse_instant(cursor) - OVERLAP, datetime.now(UTC))
    pending, left = state.get("pending", []), state.get("rows_left") or 0
    if not pending:
        return Forecast(name, rows, _pages(rows))
    return Forecast(
        name, rows + left, _pages(rows) + _past(left, len(pending)) + 1, f"{left:,} rows of the past are left"
    )


def _cold(rows: int) -> int:
    """The newest page, the oldest instant where the past is long, the slices, and what changed meanwhile."""
    if rows <= PAGE:
        return 1
    rest = rows - PAGE
    slices = len(cut(BEGINNING, datetime.now(UTC), rest))
    return 1 + (rest >= 2 * ROWS_A_SLICE) + _past(rest, slices) + 1


def _past(rows: int, slices: int) -> int:
    # One slice is a walk like any other; of many, each ends with a page that is half full on average.
    return _pages(rows + 1) if slices == 1 else math.ceil(rows / NEW_ON_A_PAGE + slices / 2)


def _pages(rows: int) -> int:
    return 1 + math.ceil(max(0, rows - PAGE) / NEW_ON_A_PAGE)


def _whole(endpoint: Endpoint, fetch: walk.Fetch, state: Mapping[str, Any]) -> Forecast:
    """A list without a filter. Once known, a descending one is read to what changed last: a page, mostly."""
    if endpoint.reading is Reading.DESCENDING and state.get("cursor"):
        return Forecast(endpoint.name, None, 1)
    if endpoint.reading is Reading.BY_ID:
        # It counts nothing, and ends with an empty page.
        rows = len(walk.records(fetch({"per_page": walk.PER_PAGE})))
        return Forecast(endpoint.name, rows, 2, "" if rows < PAGE else "at least: the list does not count")
    reply = fetch({"per_page": "1", "page": "1", **walk.COUNTS})
    rows = len(walk.records(reply)) if reply.total_count is None else reply.total_count
    return Forecast(endpoint.name, rows, sum(page_cost(page + 1) for page in range(-(-rows // PAGE) or 1)))


def _children(endpoints: Sequence[Endpoint], parents: Mapping[str, Forecast]) -> Iterator[Forecast]:
    for endpoint in endpoints:
        if endpoint.reading is Reading.PER_PARENT:
            parent = parents.get(endpoint.parent or "")
            rows = (parent.rows or 0) if parent else 0
            yield Forecast(
                endpoint.name, None, rows, f"at least: a point for each of {endpoint.parent} that changed"
            )
