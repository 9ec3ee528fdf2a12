"""Look-ups in a real Redis: shared by runs, and lost in the middle of a push without anybody noticing but the log."""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from salesloft_pipeline.reverse_sync import cache as caching
from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.lookup import Lookups
from salesloft_pipeline.reverse_sync.words import words_for
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

PROGRAM = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs redis-server: apt-get install redis-server")


class Server:
    """A redis-server on a free loopback port, without a disk."""

    def __init__(self, folder: Path) -> None:
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.url, self._folder = f"redis://127.0.0.1:{self.port}/0", folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([str(PROGRAM), *options], cwd=self._folder, stdout=subprocess.PIPE)
        assert self._process.stdout
        for line in self._process.stdout:
            if b"eady to accept connections" in line:
                return
        raise AssertionError("redis-server did not start")

    def kill(self) -> None:
        """As a machine dies: with -9."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One that runs."""
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def owners(push: Push) -> list[dict[str, Any]]:
    """Rows that give each person one of two owners by address, and a new address of their own."""
    push.model["fields"] = {"owner": "owner_id", "email": "email_address"}
    users = [each for each in push.scene.world.truth("users") if each["active"]][:2]
    rows = [
        {"id": each["id"], "owner": users[n % 2]["email"].upper(), "email": f"moved{n}@example.com"}
        for n, each in enumerate(push.people(12))
    ]
    push.rows(rows)
    return users


def at_write(push: Push, moments: dict[int, Callable[[], None]], patch: pytest.MonkeyPatch) -> None:
    """Does something right before SalesLoft carries out the n-th write."""
    answer, seen = push.scene.world.answer, [0]

    def answered(method: str, *request: Any) -> Any:
        seen[0] += method != "GET"
        if method != "GET" and seen[0] in moments:
            moments[seen[0]]()
        return answer(method, *request)

    patch.setattr(push.scene.world, "answer", answered)


def test_a_push_goes_on_without_its_redis(
    push: Push,
    owners: list[dict[str, Any]],
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Killed and restarted in the middle: every row is done, one warning, a count of it, and the hit rate is told."""
    monkeypatch.setattr(caching, "REST_SECONDS", 0.0)
    at_write(push, {4: server.kill, 9: server.start}, monkeypatch)
    with caplog.at_level(logging.WARNING):
        report = push(cache=open_cache(server.url))
    assert [each.outcome for each in report.results] == ["done"] * 12
    assert len(writes(push.scene)) == 12
    for number, row in enumerate(report.plan.changes):
        assert push.person(row.person_id or 0)["owner"]["id"] == owners[number % 2]["id"]
    warnings = [each for each in caplog.records if "look-up cache" in each.message]
    assert len(warnings) == 1
    assert (report.lookups.hits, report.lookups.asked) == (10, 2)
    assert report.lookups.unanswered > 0
    (told,) = (line for line in words_for(report) if line.startswith("look-ups: "))
    assert told.startswith("look-ups: 10 of 12 out of the cache (83%); the cache did not answer")
    print(told)


def test_runs_share_what_they_looked_up(push: Push, owners: list[dict[str, Any]], server: Server) -> None:
    """The second asks SalesLoft for no user; and after a Redis was away, it is used again."""
    assert push(apply=False, cache=open_cache(server.url)).lookups.asked == 2
    again = push(apply=False, cache=open_cache(server.url))
    assert (again.lookups.hits, again.lookups.asked) == (12, 0)
    # Nothing in it stays for ever, and nobody's address is in it.
    with contextlib.closing(redis.Redis.from_url(server.url)) as inside:
        keys = list(inside.scan_iter())
        assert len(keys) == 2
        assert all(0 < inside.ttl(key) <= 2 * caching.SECONDS for key in keys)
        assert not any(owners[0]["email"].encode() in (key + inside.get(key)) for key in keys)
    server.kill()
    server.start()
    assert push(apply=False, cache=open_cache(server.url)).lookups.asked == 2


def test_our_own_write_is_forgotten_at_once(push: Push, owners: list[dict[str, Any]], server: Server) -> None:
    """An address that moved to somebody else by our push is looked up anew."""
    cache, (ann, *_) = open_cache(server.url), push.people(12)

    def lookups() -> Lookups:
        return Lookups(push.scene.client, cache, push.scene.warehouse)

    assert lookups().person(ann["email_address"]) == ann["id"]
    push(cache=cache)
    (taken,) = (each for each in push.people(13) if not str(each["email_address"]).startswith("moved"))
    push.scene.client().update(f"/people/{taken['id']}", {"email_address": ann["email_address"]})
    assert lookups().person(ann["email_address"]) == taken["id"]
    assert lookups().person("moved0@example.com") == ann["id"]
