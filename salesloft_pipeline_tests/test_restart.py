"""Postgres goes down in the middle of the work, as by `pg_ctl stop -m immediate`, and comes back: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient

from salesloft_pipeline import transform
from salesloft_pipeline.defs import patience
from salesloft_pipeline.defs.resources import RESOURCES
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.ingest import source
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline.warehouse import Sql
from salesloft_pipeline_tests import postgres
from salesloft_pipeline_tests.conftest import Scene, sized, staged
from salesloft_pipeline_tests.house import kept
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.postgres import Mortal
from salesloft_pipeline_tests.receiver.killed import assert_kept, survivors
from salesloft_pipeline_tests.receiver.load import sending
from salesloft_pipeline_tests.receiver.stand import Process

EMAILS = sized(1_500, 60_000)
CRASHES = sized(2, 10)
ROUND = 500


@pytest.fixture(scope="module")
def server() -> Iterator[Mortal]:
    """A server for this module alone: the other tests would not like it."""
    with postgres.mortal() as server:
        yield server


@pytest.fixture
def scene(server: Mortal) -> Iterator[Scene]:
    """A warehouse on that server."""
    with server.database() as url, staged(url, people=60, emails=EMAILS) as scene:
        yield scene


@contextmanager
def down(server: Mortal) -> Iterator[None]:
    """The work in the block fails, since the server goes meanwhile; afterwards it is there again."""
    failed = False
    try:
        yield
    except Exception:  # whichever of three drivers was at work
        failed = True
    finally:
        server.start()
    assert failed


def when(wanted: str, crash: Callable[[], None]) -> Callable[[str], None]:
    """Looks at statements, and crashes the server before the first that holds these words."""
    left = [crash]

    def look(statement: str) -> None:
        if wanted in statement and left:
            left.pop()()

    return look


def test_while_a_sync_reads(server: Mortal, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed stays, the next run goes on from there, and pays for no more than a round again."""
    for name in ("ROUND_ROWS", "ROUND_ROWS_AT_MOST"):
        monkeypatch.setattr(source, name, ROUND)

    def crash(_: World, request: Request) -> None:
        if scene.world.requests == EMAILS // 100 // 2:
            server.crash()

    scene.world.before_request = crash
    with down(server):
        scene.sync("emails")
    held = scene.warehouse.query("select count(*) from raw_salesloft.emails")[0][0]
    assert 0 < held < EMAILS
    scene.sync("emails")
    assert_equals_truth(scene.warehouse, scene.world, "emails")
    assert_unique(scene.warehouse, "emails_versions", "version_id")
    assert scene.world.points_spent <= EMAILS / 100 + ROUND / 100 + 10


@pytest.mark.parametrize("statement", ["INSERT INTO", "_dlt_pipeline_state"])
def test_while_a_sync_loads(
    server: Mortal, scene: Scene, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """In the middle of the merge, and of the note how far it is: both or neither, and the next run has all."""
    look, execute = when(statement, server.crash), Psycopg2SqlClient.execute_query

    def watched(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        look(query if isinstance(query, str) else query.as_string(self._conn))
        return execute(self, query, *args, **options)

    monkeypatch.setattr(Psycopg2SqlClient, "execute_query", watched)
    with down(server):
        scene.sync("emails")
    scene.sync("emails")
    assert_equals_truth(scene.warehouse, scene.world, "emails")
    assert_unique(scene.warehouse, "emails_versions", "version_id")


def test_while_a_mart_is_built(server: Mortal, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a table is made, and while the tables are swapped: people see the old mart until a build ended."""
    scene.sync("users", "emails")
    before, execute = built(scene), Sql.execute
    scene.world.advance(86_400)
    scene.sync("emails")
    for words in ("fct_engagement_event", "set schema mart"):
        look = when(words, server.crash)

        def watched(self: Sql, statement: str, params: Any = (), *, look: Any = look) -> None:
            look(statement)
            execute(self, statement, params)

        with monkeypatch.context() as patch, down(server):
            patch.setattr(Sql, "execute", watched)
            built(scene)
        assert shown(scene) == before
    assert built(scene) == shown(scene) != before


def built(scene: Scene) -> str:
    """The id of a build as of now."""
    as_of = datetime.fromtimestamp(scene.time.clock(), UTC)
    return transform.build(scene.warehouse, as_of, "UTC").build_id


def shown(scene: Scene) -> str:
    """The id of the build that people see."""
    ((found,),) = scene.warehouse.query("select build_id from mart.build_info")
    return str(found)


def test_a_step_is_run_again_when_the_server_went_away(
    server: Mortal, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build and a month of a backfill, broken off by a restart, end well by themselves; other faults stay faults."""
    monkeypatch.setattr(patience, "SECONDS_BETWEEN", 0)
    scene.sync("emails")
    execute, broken = Sql.execute, iter([1])

    def restarted(*arguments: Any, **options: Any) -> None:
        if next(broken, None):
            server.crash()
            server.start()
        execute(*arguments, **options)

    monkeypatch.setattr(Sql, "execute", restarted)
    with kept(scene, tmp_path, monkeypatch) as house:
        built = dg.materialize([mart_build], resources=RESOURCES, instance=house.instance)
        assert retries(built) == 1
        broken = iter([1])
        only = {"ops": {"reread_month": {"config": {"only": ["emails"]}}}}
        assert retries(house.run("month_job", partition_key="2026-10-01", run_config=only)) == 1
    assert not patience.went_away(ValueError("of another kind"))


def retries(result: dg.ExecuteInProcessResult) -> int:
    """How often a step was begun again, in a run that succeeded."""
    assert result.success
    return sum(event.is_step_up_for_retry for event in result.all_events)


def test_under_webhook_load(server: Mortal) -> None:
    """Senders never stop, the receiver goes on by itself, and every delivery that was answered 200 is there, once."""
    with server.database() as url, Process(url) as receiver:
        with sending([receiver.port], 4) as load:
            for _ in range(CRASHES):
                load.wait_for_more(50)
                server.crash()
                server.start()
            load.wait_for_more(50)
        assert_kept(load, survivors(url))
    assert load.refused.keys() == {503}
