"""From the text of a query to a page of rows: filter, sort, page, and say what was applied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .filters import OPERATORS, BadTime, BadValue, Flag, Ids, Mask, Range, read_time
from .hours import NEVER
from .order import Order, Rows
from .resources import Resource
from .state import State
from .switches import Switches
from .table import Table

Pairs = Sequence[tuple[str, str]]
NULLS = {"DESC": "DESC NULLS LAST", "ASC": "ASC NULLS FIRST"}
COUNT_LIMIT = 10_000
_NAME = re.compile(r"^(\w+)(?:\[(\w*)\])?$")


class Refused(Exception):
    """A request is answered with `status` and `body` instead of data."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


SERVER_ERROR = Refused(500, {"status": 500, "error": "Internal Server Error"})


@dataclass
class Query:
    """What a request asks of a list, with everything invalid corrected or refused."""

    page: int
    per_page: int
    sort: str
    direction: str
    paged: bool = True
    counts: bool = False
    limited: bool = True
    echo: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, dict[str, int]] = field(default_factory=dict)
    masks: list[Mask] = field(default_factory=list)
    only: Rows | None = None


@dataclass(frozen=True)
class Page:
    """The rows of one page and the metadata around them."""

    rows: Rows
    metadata: dict[str, Any]


def whole(text: str | None, low: int, high: int, otherwise: int) -> int:
    """A number in range, or the default without a word: 500 per page silently becomes 25."""
    return int(text) if text and text.isascii() and text.isdigit() and low <= int(text) <= high else otherwise


def read(state: State, resource: Resource, pairs: Pairs, unfiltered: bool = False) -> Query:
    """Understand a query string. Raises Refused for a bad value (422) or a malformed timestamp (500)."""
    plain = dict(pairs)
    direction, sort = _sorting(state.switches, resource, plain)
    query = Query(
        page=whole(plain.get("page"), 1, 10**9, 1),
        per_page=whole(plain.get("per_page"), 1, 100, 25),
        sort=sort,
        direction=direction,
        paged=resource.paging == "always" or (resource.paging == "on request" and "page" in plain),
        counts=plain.get("include_paging_counts") == "true",
        limited=plain.get("limit_paging_counts", str(state.switches.limit_paging_counts).lower()) == "true",
    )
    table = state[resource.table]
    if resource.shown:
        query.masks.append(resource.shown(state, table, plain))
    if not unfiltered:
        for name, given in _grouped(pairs).items():
            _apply(state, resource, table, query, name, given)
    return query


def _sorting(switches: Switches, resource: Resource, plain: dict[str, str]) -> tuple[str, str]:
    sort = plain.get("sort_by") or resource.default[0]
    direction = (plain.get("sort_direction") or resource.default[1]).upper()
    allowed = set(resource.sorts)
    if resource.path == "tasks" and not switches.tasks_sort_by_updated_at:
        allowed.discard("updated_at")
    if sort not in allowed:
        raise Refused(422, {"errors": {"sort_by": [f"must be one of: {', '.join(sorted(allowed))}"]}})
    if direction not in NULLS:
        raise Refused(422, {"errors": {"sort_direction": ["must be one of: ASC, DESC"]}})
    return direction, sort


def _grouped(pairs: Pairs) -> dict[str, list[tuple[str | None, str]]]:
    """Parameters by name: (what stood in the brackets, value)."""
    groups: dict[str, list[tuple[str | None, str]]] = {}
    for name, value in pairs:
        if match := _NAME.match(name):
            groups.setdefault(match[1], []).append((match[2], value))
    return groups


def _apply(
    state: State,
    resource: Resource,
    table: Table,
    query: Query,
    name: str,
    given: list[tuple[str | None, str]],
) -> None:
    """Apply one filter and echo it; a name the list does not know is ignored."""
    known = resource.filters.get(name)
    try:
        if isinstance(known, Range):
            _apply_range(query, known, name, given)
        elif isinstance(known, Ids):
            query.only, query.echo[name] = known.rows(state, table, [value for _, value in given])
        elif known is not None:
            values = [value for _, value in given]
            mask, shown = (
                known.mask(state, table, values[-1])
                if isinstance(known, Flag)
                else known.mask(state, table, values)
            )
            query.masks.append(mask)
            query.echo[name] = shown
    except BadTime as error:
        if state.switches.malformed_timestamp_is_500:
            raise SERVER_ERROR from error
        raise Refused(422, {"errors": {name: ["is not a valid timestamp"]}}) from error
    except BadValue as error:
        raise Refused(422, {"errors": {name: [str(error)]}}) from error


def _apply_range(query: Query, known: Range, name: str, given: list[tuple[str | None, str]]) -> None:
    applied = {operator: value for operator, value in given if operator in OPERATORS}
    if not applied:
        raise BadValue("must be a range such as [gte]")
    query.ranges[known.column] = {str(operator): read_time(value) for operator, value in applied.items()}
    query.echo[name] = applied


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
    size = query.per_page if query.paged else total
    first = (query.page - 1) * size if query.paged else 0
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
