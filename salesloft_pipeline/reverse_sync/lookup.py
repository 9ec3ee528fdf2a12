"""Ids of users and cadences by how people name them, asked of SalesLoft once and remembered for a while.

    name ─► cache (this process, or Redis by CACHE_URL) ─► else SalesLoft ─► id

What is remembered ends after minutes, with the next sync (its end is part of the key), and with our own imports. Redis
that cannot be reached is a cache that knows nothing. People are not remembered: they are looked up a hundred at a time
and must never be mistaken.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE
from dogpile.cache.proxy import ProxyBackend

from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.warehouse import Warehouse

SECONDS = 600
_TIMEOUT_SECONDS = 2.0
_log = logging.getLogger(__name__)


class _Forgiving(ProxyBackend):
    """A backend whose failures are an empty cache, told once."""

    warned = False

    def get_serialized(self, key: str) -> Any:
        return self._tried(lambda: self.proxied.get_serialized(key))

    def set_serialized(self, key: str, value: bytes) -> None:
        self._tried(lambda: self.proxied.set_serialized(key, value))

    def delete(self, key: str) -> None:
        self._tried(lambda: self.proxied.delete(key))

    def _tried(self, act: Callable[[], Any]) -> Any:
        from redis.exceptions import RedisError

        try:
            return act()
        except RedisError as error:
            if not self.warned:
                # The error may repeat the address, and that may hold a password.
                _log.warning(
                    "the look-up cache does not answer (%s): SalesLoft is asked instead", type(error).__name__
                )
            self.warned = True
            return NO_VALUE


def open_cache(url: str | None) -> CacheRegion:
    """The cache of CACHE_URL, None for this process's own memory. Contacts nothing yet.

    Raises ReverseSyncError where Redis is asked for and its library is not installed.
    """
    if url is None:
        return make_region().configure("dogpile.cache.memory", expiration_time=SECONDS)
    region = make_region(serializer=lambda value: json.dumps(value).encode(), deserializer=json.loads)
    try:
        return region.configure(
            "dogpile.cache.redis",
            expiration_time=SECONDS,
            arguments={
                "url": url,
                "redis_expiration_time": 2 * SECONDS,
                "socket_timeout": _TIMEOUT_SECONDS,
                "connection_kwargs": {"socket_connect_timeout": _TIMEOUT_SECONDS},
            },
            wrap=[_Forgiving],
        )
    except ImportError:
        raise ReverseSyncError(
            "CACHE_URL names a Redis, and its library is not installed: pip install 'salesloft-pipeline[redis]'"
        ) from None


class Lookups:
    """Users and cadences by name. Raises ReverseSyncError where nobody, or more than one, bears it."""

    def __init__(self, client: SalesloftClient, cache: CacheRegion, warehouse: Warehouse) -> None:
        self._client, self._cache = client, cache
        self._epoch = _epoch(warehouse)

    def user(self, named: str) -> int:
        """The id of the user with this id or address."""
        return int(named) if named.isdecimal() else self._found("user", named, self._users)

    def cadence(self, named: str) -> int:
        """The id of the cadence with this id or name."""
        return int(named) if named.isdecimal() else self._found("cadence", named, self._cadences)

    def forget_cadence(self, name: str) -> None:
        """Ask again next time: it was just made."""
        self._cache.delete(self._key("cadence", name))

    def _found(self, kind: str, named: str, ask: Callable[[str], Iterator[int]]) -> int:
        def look() -> int:
            ids = list(dict.fromkeys(ask(named)))
            if len(ids) != 1:
                how = f"{len(ids)} {kind}s are" if ids else f"no {kind} is"
                raise ReverseSyncError(f"{how} called {named!r} in SalesLoft: give the id instead")
            return ids[0]

        return int(self._cache.get_or_create(self._key(kind, named), look))

    def _key(self, kind: str, named: str) -> str:
        # A digest, since an address is personal and a name may hold anything.
        return f"salesloft:{self._epoch}:{kind}:{hashlib.sha256(named.lower().encode()).hexdigest()}"

    def _users(self, address: str) -> Iterator[int]:
        users = self._client.get("/users", {"search": address, "visible_only": "false"}).data
        return (user["id"] for user in users if str(user["email"]).lower() == address.lower())

    def _cadences(self, name: str) -> Iterator[int]:
        cadences = self._client.get(
            "/cadences", {"name[]": [name], "archived": "false", "per_page": "100"}
        ).data
        return (cadence["id"] for cadence in cadences if cadence["name"] == name)


def _epoch(warehouse: Warehouse) -> str:
    """Whose data, and as of which sync: what was remembered before is never found again after it."""
    if not {"identity", "sync_log"} <= set(warehouse.tables("ops")):
        return "none"
    ((team,),) = warehouse.query("select max(team_id) from ops.identity")
    ((ended,),) = warehouse.query("select max(finished_at) from ops.sync_log")
    return f"{team}:{ended.timestamp():.0f}" if ended else f"{team}"
