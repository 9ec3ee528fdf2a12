"""A look at every list: its first records, for a point each, several lists at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.errors import Refused, Unauthorized


@dataclass(frozen=True)
class Sample:
    """What one list shows first, or why it shows nothing to this key."""

    endpoint: Endpoint
    records: list[Any]
    refusal: Refused | None = None


def sample(client: SalesloftClient, endpoints: Sequence[Endpoint], *, rows: int = 100) -> list[Sample]:
    """The first `rows` (at most 100) records of each list. What is read parent by parent has no list and is left out.

    Raises Unauthorized; what else a request raises when it is not refused.
    """

    def look(endpoint: Endpoint) -> Sample:
        paging = {} if endpoint.reading is Reading.BY_ID else {"page": "1"}
        try:
            reply = client.get(endpoint.path, {**endpoint.params, "per_page": str(rows), **paging})
        except Unauthorized:
            raise
        except Refused as refusal:
            return Sample(endpoint, [], refusal)
        return Sample(endpoint, walk.records(reply)[:rows])

    listed = [endpoint for endpoint in endpoints if endpoint.reading is not Reading.PER_PARENT]
    with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
        return list(pool.map(look, listed))
