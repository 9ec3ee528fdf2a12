"""The last 60 days of the daily mart as a small table of Markdown, to be looked at where the build is watched."""

from __future__ import annotations

import math
from collections.abc import Sequence

from salesloft_pipeline.warehouse import Warehouse

_DAYS = 60
_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = {
    "emails_sent": "emails sent",
    "evt_replies": "replies",
    "calls_logged": "calls",
    "calls_connected": "connected",
    "meetings_booked": "meetings booked",
    "successes": "successes",
}


def glance(warehouse: Warehouse) -> str:
    """A row for each count: its days as bars, the load's day last, then the sum. Reads the built mart."""
    sums = ", ".join(f"coalesce(sum(e.{name}), 0)" for name in _SHOWN)
    days = warehouse.query(
        f"select d.date_day, {sums} from mart.build_info b "
        f"join mart.dim_date d on d.date_day > b.as_of_date - {_DAYS} and d.date_day <= b.as_of_date "
        "left join mart.daily_engagement e on e.engagement_date = d.date_day group by d.date_day order by d.date_day"
    )
    dates, *counts = zip(*days, strict=True)
    rows = (
        f"| {label} | `{_bars(values)}` | {sum(values):,.0f} |"
        for label, values in zip(_SHOWN.values(), counts, strict=True)
    )
    return "\n".join([f"| | {dates[0]} to {dates[-1]} | in all |", "|---|---|---:|", *rows])


def _bars(values: Sequence[int]) -> str:
    most, top = max(1, *values), len(_BARS) - 1
    # Rounded up, so that a day with anything stands out from one with nothing.
    return "".join(_BARS[math.ceil(value * top / most)] for value in values)
