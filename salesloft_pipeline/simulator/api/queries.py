"""From the text of a query string to what it asks of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..switches import Switches
from ..team.order import Rows
from ..team.state import State
from .exchange import SERVER_ERROR, Refused
from .filters import OPERATORS, After, BadTime, BadValue, Ids, Mask, Range
from .listing import Resource

Pairs = Sequence[tuple[str, str]]
# What stood in the brackets behind a name, and the value.
Given = list[tuple[str | None, str]]
NULLS = {"DESC": "DESC NULLS LAST", "ASC": "ASC NULLS FIRST"}
_NAME = re.compile(r"^(\w+)(?:\[(\w*)\])?$")


@dataclass
class Query:
    """What a request asks of a list, with everything invalid corrected or refused."""

    page: int
    per_page: int
    sort: str
    direction: str
    paged: bool = True
    cut: bool = True
    counts: bool = False
    limited: bool = True
    echo: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, dict[str, int]] = field(default_factory=dict)
    masks: list[Mask] = field(default_factory=list)
    only: Rows | None = None


def whole(text: str | None, low: int, high: int, otherwise: int) -> int:
    """A number in range, or the default without a word: 500 per page silently becomes 25."""
    return int(text) if text and text.isascii() and text.isdigit() and low <= int(text) <= high else otherwise


def read(state: State, resource: Resource, pairs: Pairs, unfiltered: bool = False) -> Query:
    """Understand a query string. Raises Refused for a bad value (422) or a malformed timestamp (500)."""
    plain = dict(pairs)
    direction, sort = _sorting(state.switches, resource, plain)
    paged = resource.paging == "always" or (resource.paging == "on request" and "page" in plain)
    query = Query(
        page=whole(plain.get("page"), 1, 10**9, 1) if paged else 1,
        per_page=whole(plain.get("per_page"), 1, 100, 25),
        sort=sort,
        direction=direction,
        paged=paged,
        cut=paged or resource.paging == "cursor",
        counts=plain.get("include_paging_counts") == "true",
        limited=plain.get("limit_paging_counts", str(state.switches.limit_paging_counts).lower()) == "true",
    )
    if resource.shown:
        query.masks.append(resource.shown(state, state[resource.table], plain))
    if not unfiltered:
        for name, given in _grouped(pairs).items():
            _apply(state, resource, query, name, given)
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


def _grouped(pairs: Pairs) -> dict[str, Given]:
    """Parameters by name: (what stood in the brackets, value)."""
    groups: dict[str, Given] = {}
    for name, value in pairs:
        if match := _NAME.match(name):
            groups.setdefault(match[1], []).append((match[2], value))
    return groups


def _apply(state: State, resource: Resource, query: Query, name: str, given: Given) -> None:
    """Apply one filter and echo it; a name the list does not know is ignored."""
    known, table = resource.filters.get(name), state[resource.table]
    values = [value for operator, value in given if operator == "gt" or not isinstance(known, After)]
    try:
        if isinstance(known, Range):
            _apply_range(query, known, name, given)
        elif isinstance(known, Ids):
            query.only, query.echo[name] = known.rows(state, table, values)
        elif known is not None:
            mask, query.echo[name] = known.mask(state, table, values)
            query.masks.append(mask)
    except BadTime as error:
        if state.switches.malformed_timestamp_is_500:
            raise SERVER_ERROR from error
        raise Refused(422, {"errors": {name: ["is not a valid timestamp"]}}) from error
    except BadValue as error:
        raise Refused(422, {"errors": {name: [str(error)]}}) from error


def _apply_range(query: Query, known: Range, name: str, given: Given) -> None:
    applied = {operator: value for operator, value in given if operator in OPERATORS}
    if not applied:
        raise BadValue("must be a range such as [gte]")
    query.ranges[known.column] = {str(operator): known.bound(value) for operator, value in applied.items()}
    query.echo[name] = applied
