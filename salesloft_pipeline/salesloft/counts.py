"""How many records a list holds within a stretch of time, without reading them.

A count may be capped at 10,000 although we ask for the whole one: then the stretch is halved until each part is
below. https://developers.salesloft.com/docs/platform/api-basics/filtering-paging-sorting/
"""

from __future__ import annotations

from datetime import datetime

from salesloft_pipeline.salesloft.errors import BrokenContract
from salesloft_pipeline.salesloft.protocol import format_instant
from salesloft_pipeline.salesloft.walk import COUNTS, ONE_MICROSECOND, Fetch

CAP = 10_000


def counted(fetch: Fetch, by: str, since: datetime, until: datetime) -> int:
    """Records whose `by` (a range filter such as sent_at) lies in [since, until]. One point, more where it is capped.

    Raises BrokenContract for a list that does not count; whatever `fetch` raises.
    """
    bounds = {f"{by}[gte]": format_instant(since), f"{by}[lte]": format_instant(until)}
    total = fetch({"per_page": "1", "page": "1", **bounds, **COUNTS}).total_count
    if total is None:
        raise BrokenContract(f"a list that was asked to count between two instants of {by} does not")
    middle = since + (until - since) / 2
    if total != CAP or middle >= until:
        return total
    return counted(fetch, by, since, middle) + counted(fetch, by, middle + ONE_MICROSECOND, until)
