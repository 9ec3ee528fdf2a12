"""A page of rows: filter, sort, cut, and say what was applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..team.hours import NEVER
from ..team.order import Order, Rows
from ..team.state import State
from ..team.table import Table
from .exchange import SERVER_ERROR
from .filters import Range
from .listing import Resource
from .queries import NULLS, Query

COUNT_LIMIT = 10_000


@dataclass(frozen=True)
class Page:
    """The rows of one page and the metadata around them."""

    rows: Rows
    metadata: dict[str, Any]


def fetch(state: State, resource: Resource, query: Query, turn: int = 0) -> Page:
    """The rows of one page. `turn` is the number of the request, for switches that vary between requests."""
    if state.switches.deep_pages_fail and query.page > 500:
        raise SERVER_ERROR
    table, column = state[resource.table], resource.sorts[query.sort]
    order, bounds = table.order(column), query.ranges.pop(column, None)
    span = _span(state, order, bounds) if bounds else (0, len(order))
    filtered = query.masks or query.ranges or query.only is not None or state.switches.unstable_ties
    if filtered:
        rows = _filtered(state, table, column, query, span, turn)
        start, stop = _window(query, len(rows))
        rows, total = rows[start:stop], len(rows)
    else:
        total = span[1] - span[0]
        start, stop = _window(query, total)
        rows = order.cut(span[0] + start, span[0] + stop)
    return Page(rows if query.direction == "ASC" else rows[::-1], _metadata(query, total))


def _window(query: Query, total: int) -> tuple[int, int]:
    """Where a page begins and ends among `total` rows in ascending order."""
    size = query.per_page if query.cut else total
    first = (query.page - 1) * size
    if query.direction == "DESC":
        return max(total - first - size, 0), max(total - first, 0)
    return min(first, total), min(first + size, total)


def _span(state: State, order: Order, bounds: dict[str, int]) -> tuple[int, int]:
    """Positions in the order between the bounds; rows without a time are in no range."""
    low, high = order.below(NEVER, inclusive=True), len(order)
    for name, bound in bounds.items():
        if name in ("gt", "gte"):
            again = name == "gte" or state.switches.boundary_row_again
            low = max(low, order.below(bound, inclusive=not again))
        else:
            high = min(high, order.below(bound, inclusive=name == "lte"))
    return low, max(low, high)


def _filtered(
    state: State, table: Table, column: str, query: Query, span: tuple[int, int], turn: int
) -> Rows:
    """All rows that pass every filter, ascending by the sort column."""
    order = table.order(column)
    rows = order.cut(*span) if query.only is None else order.sort(query.only, *span)
    masks = [*query.masks, *(Range(name).mask(table, bounds) for name, bounds in query.ranges.items())]
    for mask in masks:
        rows = rows[mask[rows]]
    if state.switches.unstable_ties:
        # As from a database that has no second sort key: another order among equals on every request.
        rows = rows[np.lexsort((state.dice.uniform(f"ties/{turn}", rows), table.comparable(column)[rows]))]
    return rows


def _metadata(query: Query, total: int) -> dict[str, Any]:
    metadata: dict[str, Any] = {"filtering": query.echo}
    if query.paged:
        more = query.page * query.per_page < total
        metadata["paging"] = {
            "per_page": query.per_page,
            "current_page": query.page,
            "next_page": query.page + 1 if more else None,
            "prev_page": query.page - 1 if query.page > 1 else None,
        }
        if query.counts:
            counted = min(total, COUNT_LIMIT) if query.limited else total
            metadata["paging"] |= {"total_pages": -(-counted // query.per_page), "total_count": counted}
    metadata["sorting"] = {"sort_by": query.sort, "sort_direction": NULLS[query.direction]}
    return metadata
