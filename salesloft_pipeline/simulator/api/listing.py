"""One list of the API, and the filters that many lists share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..records.identity import Naming
from ..records.voice import Voice
from ..team.hours import NEVER
from ..team.state import State
from ..team.table import Table
from .filters import Filter, Flag, Ids, Mask, OneOf, Range

Renderer = Callable[[Voice, dict[str, Any]], dict[str, Any]]
TIMES = {"created_at": "created_at", "updated_at": "updated_at"}
CHANGED: dict[str, Filter] = {"updated_at": Range("updated_at")}
MADE: dict[str, Filter] = {"created_at": Range("created_at")}
IDS: dict[str, Filter] = {"ids": Ids()}


@dataclass(frozen=True)
class Resource:
    """One list.

    `sorts` maps the API's sort names to columns; `paging` is "always", "on request" (only when `page` is sent),
    "never", or "cursor" (per_page and `id[gt]`, no page and no paging key); `shown` gives the rows a request
    may see by default, from the raw parameters and the key; `scope` is what a key needs to read it at all.
    """

    path: str
    table: str
    record: Renderer
    filters: dict[str, Filter]
    sorts: dict[str, str] = field(default_factory=lambda: TIMES)
    default: tuple[str, str] = ("updated_at", "DESC")
    paging: Literal["always", "on request", "never", "cursor"] = "always"
    shown: Callable[[State, Table, dict[str, str]], Mask] | None = None
    naming: Naming = "number"
    scope: str = "team:read"

    @property
    def name(self) -> str:
        """The last part of the path: `emails` for /activities/emails."""
        return self.path.rpartition("/")[2]


def flag(column: str) -> Flag:
    """`name=true|false` about a column of flags."""
    return Flag(lambda table: table[column])


def some(column: str) -> Flag:
    """`name=true|false`: is the counter above zero?"""
    return Flag(lambda table: table[column] > 0)


PERSON, USER, CADENCE, STEP = (
    OneOf(n, via=t)
    for n, t in (("person", "people"), ("user", "users"), ("cadence", "cadences"), ("step", "steps"))
)
OWN_USER: dict[str, Filter] = {"user_guid": OneOf("user", guids=True)}
WHO: dict[str, Filter] = {"person_id": PERSON, **OWN_USER}
ARCHIVED = Flag(lambda table: table["archived_at"] != NEVER)
BY_ID: tuple[dict[str, str], tuple[str, str]] = ({"id": "id"}, ("id", "DESC"))
