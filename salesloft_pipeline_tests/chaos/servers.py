"""Postgres goes down, as by `pg_ctl stop -m immediate`, before a random statement of a run, and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient

from salesloft_pipeline import transform
from salesloft_pipeline.ingest import source
from salesloft_pipeline.warehouse import Sql
from salesloft_pipeline_tests.chaos.fault import Fault, Ground, until_done
from salesloft_pipeline_tests.chaos.network import LISTS, compared
from salesloft_pipeline_tests.ingest.deliveries import assert_ingested, ingested, told_of_everybody
from salesloft_pipeline_tests.ingest.truth import assert_unique
from salesloft_pipeline_tests.receiver.killed import assert_kept, survivors
from salesloft_pipeline_tests.receiver.load import sending
from salesloft_pipeline_tests.receiver.stand import Process

ROUND = 500


def broken_off(ground: Ground, work: Callable[[], object], statements: int) -> int:
    """Do the work, again until it ends well; before a statement drawn of so many the server crashes. How often it failed."""
    assert ground.server
    server, left = ground.server, [ground.dice.randrange(statements)]

    def counted_down(execute: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                server.crash()
            return execute(*arguments, **options)

        return counting

    def tried() -> None:
        try:
            work()
        finally:
            server.start()

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((Psycopg2SqlClient, "execute_query"), (Sql, "execute")):
            patch.setattr(owner, name, counted_down(getattr(owner, name)))
        return until_done(tried, Exception)


def during_a_sync(ground: Ground) -> Counter[str]:
    """While it reads, merges, or notes how far it is; twice, the second time with rows to change."""
    ground.patch.setattr(source, "ROUND_ROWS", ROUND)
    stage = ground.scene(people=100, emails=1_500)
    failed = broken_off(ground, partial(stage.sync, *LISTS), 150)
    stage.world.advance(86_400)
    failed += broken_off(ground, partial(stage.sync, *LISTS), 80)
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    return Counter({"failed runs": failed}) + compared(stage)


def during_an_ingestion(ground: Ground) -> Counter[str]:
    """Warehouse and landing go at once."""
    stage = ground.scene(people=200, emails=20)
    stage.sync(*LISTS)
    landing, deliveries = told_of_everybody(stage, ground.folder)
    failed = broken_off(ground, lambda: ingested(stage, landing), 60)
    assert_ingested(stage, landing, deliveries)
    landing.close()
    return Counter({"failed runs": failed}) + compared(stage)


def during_a_build(ground: Ground) -> Counter[str]:
    """Whoever looks sees the build before, or the new one; the mart holds the emails that SalesLoft has sent."""
    stage = ground.scene(people=60, emails=400)
    stage.sync("users", "emails")
    as_of = datetime.fromtimestamp(stage.time.clock(), UTC)
    transform.build(stage.warehouse, as_of, "UTC")
    stage.world.advance(86_400)
    stage.sync("emails")
    failed = broken_off(ground, lambda: transform.build(stage.warehouse, as_of, "UTC"), 200)
    ((found,),) = stage.warehouse.query("select count(*) from mart.fct_email")
    held = len(stage.world.ids("emails"))
    assert found == held, f"fct_email has {found} rows and SalesLoft {held} emails"
    return Counter({"failed runs": failed, "records compared": held})


def under_webhook_load(ground: Ground) -> Counter[str]:
    """The receiver answers 503 meanwhile, and goes on by itself."""
    assert ground.server
    with Process(ground.landing_url) as receiver:
        with sending([receiver.port], 4) as load:
            for _ in range(2):
                load.wait_for_more(ground.dice.randint(1, 60))
                ground.server.crash()
                ground.server.start()
            load.wait_for_more(30)
        assert_kept(load, survivors(ground.landing_url))
    return Counter({"crashes": 2, "deliveries acknowledged": len(load.acknowledged)})


_ROWS: tuple[tuple[str, str, Callable[[Ground], Counter[str]]], ...] = (
    ("sync", "before a random statement of a first sync and of the next one", during_a_sync),
    ("webhook ingestion", "before a random statement; the landing lies on it, too", during_an_ingestion),
    ("mart build", "before a random statement", during_a_build),
    ("webhook load", "twice, while four senders never stop", under_webhook_load),
)
FAULTS = tuple(
    Fault(f"Postgres restarts during {what}", f"it crashes {when}, and starts again", happens, ("postgres",))
    for what, when, happens in _ROWS
)
