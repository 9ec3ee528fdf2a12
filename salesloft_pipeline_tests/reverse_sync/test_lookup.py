"""Look-ups by name: asked once, forgotten with a sync and with our own imports; a dead Redis costs nothing but time."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from dogpile.cache import CacheRegion

from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.errors import LookupFailed
from salesloft_pipeline.reverse_sync.lookup import Lookups
from salesloft_pipeline_tests.reverse_sync.pushing import Push

DEAD = "redis://:planted-password@127.0.0.1:9/0"


def lookups(push: Push, cache: CacheRegion) -> Lookups:
    """As the next process would make them."""
    return Lookups(push.scene.client, cache, push.scene.warehouse)


def test_a_name_is_asked_for_once(push: Push) -> None:
    """By all who share the cache, until a sync ends or the name is forgotten."""
    user = next(push.scene.world.truth("users"))
    cadence = next(each for each in push.scene.world.truth("cadences") if not each["archived_at"])
    cache = open_cache(None)
    for _ in range(3):
        assert lookups(push, cache).user(user["email"].upper()) == user["id"]
        assert lookups(push, cache).cadence(cadence["name"]) == cadence["id"]
    assert (push.scene.asked("users"), push.scene.asked("cadences")) == (1, 1)
    lookups(push, cache).forget_cadence(cadence["name"])
    lookups(push, cache).cadence(cadence["name"])
    assert push.scene.asked("cadences") == 2
    push.scene.warehouse.execute(
        "update ops.sync_log set finished_at = $1", [datetime(2030, 1, 1, tzinfo=UTC)]
    )
    lookups(push, cache).user(user["email"])
    assert push.scene.asked("users") == 2


def test_an_id_is_not_asked_for(push: Push) -> None:
    """It is its own answer."""
    found = lookups(push, open_cache(None))
    assert (found.user("12"), found.cadence("34")) == (12, 34)
    assert push.scene.world.requests == 0


def test_a_name_that_nobody_bears_is_asked_for_again(push: Push) -> None:
    """It may be made any minute."""
    found = lookups(push, open_cache(None))
    for _ in range(2):
        with pytest.raises(LookupFailed, match="no cadence is called 'Nothing'"):
            found.cadence("Nothing")
    assert push.scene.asked("cadences") == 2


def test_without_redis_salesloft_is_asked(push: Push, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, no error, and the password of the address nowhere."""
    user = next(push.scene.world.truth("users"))
    found = lookups(push, open_cache(DEAD))
    with caplog.at_level(logging.DEBUG):
        assert [found.user(user["email"]) for _ in range(3)] == [user["id"]] * 3
        found.forget_cadence("x")
    assert [record.levelname for record in caplog.records if "look-up cache" in record.message] == ["WARNING"]
    assert "planted" not in caplog.text
    assert push.scene.asked("users") == 3
