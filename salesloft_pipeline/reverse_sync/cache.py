"""Where look-ups are remembered: in this process, or in Redis by CACHE_URL, which several processes share.

A Redis that does not answer is a cache that knows nothing: one warning, a count, and half a minute in which it is not
asked again, so that each of ten thousand look-ups does not wait for it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from dogpile.cache import CacheRegion, make_region
from dogpile.cache.api import NO_VALUE
from dogpile.cache.proxy import ProxyBackend

from salesloft_pipeline.reverse_sync.errors import ReverseSyncError

SECONDS = 600
REST_SECONDS = 30.0
_TIMEOUT_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Forgiving(ProxyBackend):
    """A Redis whose failures are an empty cache, told once. failures: how often it did not answer."""

    failures = 0
    _rests_until = 0.0

    def get_serialized(self, key: str) -> Any:
        return self._tried(lambda: self.proxied.get_serialized(key))

    def set_serialized(self, key: str, value: bytes) -> None:
        # dogpile itself calls SETEX, which the client's library calls deprecated.
        redis: Any = self.proxied
        self._tried(lambda: redis.writer_client.set(key, value, ex=2 * SECONDS))

    def delete(self, key: str) -> None:
        self._tried(lambda: self.proxied.delete(key))

    def _tried(self, act: Callable[[], Any]) -> Any:
        from redis.exceptions import RedisError

        if time.monotonic() < self._rests_until:
            return NO_VALUE
        try:
            return act()
        except RedisError as error:
            if not self.failures:
                # The error may repeat the address, and that may hold a password.
                _log.warning(
                    "the look-up cache does not answer (%s): SalesLoft is asked instead", type(error).__name__
                )
            self.failures += 1
            self._rests_until = time.monotonic() + REST_SECONDS
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
                "socket_timeout": _TIMEOUT_SECONDS,
                "connection_kwargs": {"socket_connect_timeout": _TIMEOUT_SECONDS},
            },
            wrap=[Forgiving],
        )
    except ImportError:
        raise ReverseSyncError(
            "CACHE_URL names a Redis, and its library is not installed: pip install 'salesloft-pipeline[redis]'"
        ) from None


def failures(cache: CacheRegion) -> int:
    """How often the cache did not answer so far; never, where it is this process's own memory."""
    return cache.backend.failures if isinstance(cache.backend, Forgiving) else 0
