"""Does the warehouse hold as many records of a day as SalesLoft counts? And what to do where it does not.

    closed days (UTC)  ->  SalesLoft's count, a point each  |  our count  ->  DayCount
    a day that differs ->  read again  ->  and where we still hold more, asked for by name

Which date a list is counted by is `counted_by` in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from salesloft_pipeline.ingest.columns import RAW_SCHEMA
from salesloft_pipeline.ingest.held import Held
from salesloft_pipeline.ingest.pipeline import run
from salesloft_pipeline.ingest.reread import reread
from salesloft_pipeline.ingest.sweep import Sweep
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.counts import counted
from salesloft_pipeline.salesloft.endpoints import SWEPT, Endpoint
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant
from salesloft_pipeline.salesloft.walk import ONE_MICROSECOND
from salesloft_pipeline.warehouse import Warehouse, quote

CLOSED_DAYS = 7


@dataclass(frozen=True)
class DayCount:
    """How many records of one day (UTC) SalesLoft counts, and how many we hold that are not deleted."""

    day: date
    theirs: int
    ours: int

    @property
    def difference(self) -> int:
        """How many more SalesLoft has than we; negative where we hold more."""
        return self.theirs - self.ours

    @property
    def share(self) -> float:
        """The difference as a part of SalesLoft's count, in [0, 1] or above."""
        return abs(self.difference) / max(self.theirs, 1)


def closed_days(now: datetime, days: int = CLOSED_DAYS) -> list[date]:
    """The last days that are over in UTC, oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(days, 0, -1)]


def compare(
    client: SalesloftClient, warehouse: Warehouse, endpoint: Endpoint, days: Sequence[date]
) -> list[DayCount]:
    """Both counts of each day. A point a day, more where SalesLoft caps its count. Raises what a request raises."""

    def fetch(params: Params) -> Reply:
        return client.get(endpoint.path, {**endpoint.params, **params})

    by = endpoint.counted_by or ""
    with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
        theirs = list(pool.map(lambda day: counted(fetch, by, *_bounds(day)), days))
    with warehouse.kept_open():
        return [
            DayCount(day, count, _held(warehouse, endpoint, day))
            for day, count in zip(days, theirs, strict=True)
        ]


def mend(
    client: SalesloftClient, warehouse: Warehouse, endpoint: Endpoint, days: Sequence[date]
) -> list[DayCount]:
    """Read these days again, and ask by name for what we hold too many; the counts after that. Raises as `sync`."""
    for first, last in _stretches(days):
        since, until = format_instant(_bounds(first)[0]), format_instant(_bounds(last)[1])
        only = {f"{endpoint.counted_by}[gte]": since, f"{endpoint.counted_by}[lte]": until}
        reread(client, warehouse, endpoints=[endpoint], only=only)
    after = compare(client, warehouse, endpoint, days)
    too_many = [count.day for count in after if count.difference < 0]
    if not too_many or endpoint not in SWEPT:
        return after
    held = Held(warehouse, endpoint, _bounds(min(too_many))[0], _bounds(max(too_many))[1])
    run(client, warehouse, [Sweep(endpoint, client.get, held)], kind="sweep", name="salesloft_day")
    return compare(client, warehouse, endpoint, days)


def _stretches(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """First and last of days that follow each other, so that a bad week is one re-read and not seven."""
    for _, stretch in groupby(
        enumerate(sorted(days)), key=lambda numbered: numbered[1] - timedelta(days=numbered[0])
    ):
        (_, first), *rest = stretch
        yield first, rest[-1][1] if rest else first


def _held(warehouse: Warehouse, endpoint: Endpoint, day: date) -> int:
    ((rows,),) = warehouse.query(
        f"select count(*) from {RAW_SCHEMA}.{quote(endpoint.name)} "
        f"where _deleted_at is null and {quote(endpoint.counted_by or '')} between $1 and $2",
        _bounds(day),
    )
    return int(rows)


def _bounds(day: date) -> tuple[datetime, datetime]:
    """First and last instant of a day in UTC."""
    midnight = datetime.combine(day, time(), UTC)
    return midnight, midnight + timedelta(days=1) - ONE_MICROSECOND
