"""Ids of people, users and cadences by how they are named, asked of SalesLoft once and remembered for a while.

    name ─► cache (this process, or Redis by CACHE_URL) ─► else SalesLoft ─► id

What is remembered ends after minutes; with the next load of whatever kind, a sync or webhooks (its end is part of the
key); and with our own writes. What is to be written in bulk is not looked up here but refreshed, a hundred a point.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dogpile.cache import CacheRegion

from salesloft_pipeline.reverse_sync.cache import failures
from salesloft_pipeline.reverse_sync.errors import LookupFailed
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Tally:
    """Look-ups so far: answered by the cache, answered by SalesLoft, and how often the cache did not answer at all."""

    hits: int = 0
    asked: int = 0
    unanswered: int = 0

    def __str__(self) -> str:
        total = self.hits + self.asked
        silent = f"; the cache did not answer {self.unanswered:,} times" if self.unanswered else ""
        return f"{self.hits:,} of {total:,} out of the cache ({self.hits / max(total, 1):.0%}){silent}"


class Lookups:
    """People, users and cadences by name. Raises LookupFailed where nobody, or more than one, bears it."""

    def __init__(
        self, connect: Callable[[], SalesloftClient], cache: CacheRegion, warehouse: Warehouse
    ) -> None:
        """connect: called only where SalesLoft has to be asked."""
        self._connect, self._cache = connect, cache
        self._hits = self._asked = 0
        self._epoch = _epoch(warehouse)

    @property
    def tally(self) -> Tally:
        """How well the cache did."""
        return Tally(self._hits, self._asked, failures(self._cache))

    def person(self, address: str) -> int:
        """The id of the person with this address."""
        return self._found("person", address, self._people)

    def user(self, named: str) -> int:
        """The id of the user with this id or address."""
        return int(named) if named.isdecimal() else self._found("user", named, self._users)

    def cadence(self, named: str) -> int:
        """The id of the cadence with this id or name."""
        return int(named) if named.isdecimal() else self._found("cadence", named, self._cadences)

    def forget_person(self, address: str) -> None:
        """Ask again next time: whose it is was just written."""
        self._cache.delete(self._key("person", address))

    def forget_cadence(self, name: str) -> None:
        """Ask again next time: it was just made."""
        self._cache.delete(self._key("cadence", name))

    def _found(self, kind: str, named: str, ask: Callable[[str], Iterator[int]]) -> int:
        before = self._asked

        def look() -> int:
            self._asked += 1
            ids = list(dict.fromkeys(ask(named)))
            if len(ids) != 1:
                how = "more than one" if ids else "no"
                raise LookupFailed(f"{how} {kind} is called {named!r} in SalesLoft: give the id instead")
            return ids[0]

        found = int(self._cache.get_or_create(self._key(kind, named), look))
        self._hits += self._asked == before
        return found

    def _key(self, kind: str, named: str) -> str:
        # A digest, since an address is personal and a name may hold anything.
        return f"salesloft:{self._epoch}:{kind}:{hashlib.sha256(named.lower().encode()).hexdigest()}"

    def _people(self, address: str) -> Iterator[int]:
        people = self._get("/people", {"email_addresses[]": [address], "per_page": "100"})
        return (each["id"] for each in people if str(each["email_address"]).lower() == address.lower())

    def _users(self, address: str) -> Iterator[int]:
        users = self._get("/users", {"search": address, "visible_only": "false"})
        return (user["id"] for user in users if str(user["email"]).lower() == address.lower())

    def _cadences(self, name: str) -> Iterator[int]:
        cadences = self._get("/cadences", {"name[]": [name], "archived": "false", "per_page": "100"})
        return (cadence["id"] for cadence in cadences if cadence["name"] == name)

    def _get(self, path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._connect().get(path, params).data
        return found


def _epoch(warehouse: Warehouse) -> str:
    """Whose data, and as of which load: what was remembered before is never found again after it."""
    if not {"identity", "sync_log"} <= set(warehouse.tables("ops")):
        return "none"
    ((team,),) = warehouse.query("select max(team_id) from ops.identity")
    ((ended,),) = warehouse.query("select max(finished_at) from ops.sync_log")
    return f"{team}:{ended.timestamp():.6f}" if ended else f"{team}"
