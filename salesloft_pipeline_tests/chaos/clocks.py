"""Faults of time: the machine's clock jumps, deliveries bear wrong instants, and the nights on which clocks change."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from hypothesis import Phase, given, seed, settings

from salesloft_pipeline.ingest import columns, ops, pipeline
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient, connect
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.simulator import DEMO_KEY, Request, World
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.chaos.fault import BOTH, Fault, Ground, until_done
from salesloft_pipeline_tests.chaos.network import LISTS, compared
from salesloft_pipeline_tests.conftest import NOW, Scene
from salesloft_pipeline_tests.ingest.deliveries import (
    RECEIVED_AT,
    arrival,
    assert_ingested,
    ingested,
    landing_beside,
)
from salesloft_pipeline_tests.transform import teams, twin
from salesloft_pipeline_tests.transform.agreement import assert_agree

DAY_SECONDS = 86_400
POINTS_PER_MINUTE = 20
# Changes at two or three in the morning, at midnight, and by half an hour.
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "America/Havana", "Australia/Lord_Howe")
TEAMS = 4


def machine_clock_jumps(ground: Ground) -> Counter[str]:
    """Up to a day to and fro while syncs run on a small budget; SalesLoft's clock goes on as it should."""
    stage, jumps = ground.scene(people=100, emails=1_500, cost_per_minute=POINTS_PER_MINUTE), 0
    with time_machine.travel(NOW, tick=True) as machine:

        def jump(_world: World, _request: Request) -> None:
            nonlocal jumps
            if ground.dice.random() < 0.5:
                jumps += 1
                machine.shift(ground.dice.uniform(-DAY_SECONDS, DAY_SECONDS))

        def both_sleep(seconds: float) -> None:
            machine.shift(seconds)
            stage.time.sleep(seconds)

        def client() -> SalesloftClient:
            budget = Budget(POINTS_PER_MINUTE, 1.0, clock=time.time, sleep=both_sleep)
            return connect(stage.url, ApiKey(DEMO_KEY), budget)

        stage.world.before_request = jump
        failed = 0
        for _ in range(3):
            failed += until_done(lambda: _synced(client(), stage))
            stage.world.advance(DAY_SECONDS)
            stage.world.touch("people", ground.dice.sample(stage.world.ids("people"), 20))
        failed += until_done(lambda: _synced(client(), stage))
    refused = sum(request.status == 429 for request in stage.world.log)
    return Counter({"jumps": jumps, "answers of 429": refused, "failed runs": failed}) + compared(stage)


def _synced(client: SalesloftClient, stage: Scene) -> None:
    pipeline.sync(client, stage.warehouse, endpoints=[BY_NAME[name] for name in LISTS])


def receiver_clock_jumps(ground: Ground) -> Counter[str]:
    """Deliveries about people who change three times, each received at an instant up to a day off."""
    stage = ground.scene(people=100, emails=20)
    stage.sync(*LISTS)
    landing, landed = landing_beside(stage, ground.folder), 0
    for _ in range(3):
        stage.world.advance(60)
        stage.world.touch("people", ground.dice.sample(stage.world.ids("people"), 50))
        told = list(stage.world.truth("people"))
        ground.dice.shuffle(told)
        for person in told:
            off = timedelta(seconds=ground.dice.uniform(-DAY_SECONDS, DAY_SECONDS))
            landed += len(landing.land([arrival("person_updated", person, at=RECEIVED_AT + off)]))
        if ground.dice.random() < 0.5:
            ingested(stage, landing)
    ingested(stage, landing)
    assert_ingested(stage, landing, landed)
    landing.close()
    return Counter({"deliveries ingested": landed}) + compared(stage)


def nights_of_changed_clocks(ground: Ground) -> Counter[str]:
    """Teams at work around both changes of a year, in one of the zones: each day's engagement, twice computed."""
    warehouse, zone = Warehouse(ground.warehouse_url), ground.dice.choice(ZONES)
    columns.create_tables(warehouse)
    ops.create_tables(warehouse)
    ground.patch.setattr(twin, "ZONE", zone)
    for change in changes(zone, ground.dice.randint(2024, 2027)):
        start = change - timedelta(hours=ground.dice.randint(1, 30))
        for module, name, value in (
            (teams, "START", start),
            (teams, "AS_OF", start + timedelta(days=7)),
            (twin, "AS_OF", start + timedelta(days=7)),
        ):
            ground.patch.setattr(module, name, value)
        asked = seed(ground.dice.randrange(2**32))(
            given(teams.teams)(lambda team: assert_agree(warehouse, team))
        )
        settings(max_examples=TEAMS, deadline=None, database=None, phases=[Phase.generate])(asked)()
    return Counter({"nights": 2, "teams compared": 2 * TEAMS})


def changes(zone: str, year: int) -> list[datetime]:
    """The two instants of the year at which the clocks of this zone change, to the half hour, UTC."""
    moments = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(2 * 24 * 365)]
    offsets = [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments]
    return [moments[n] for n in range(1, len(moments)) if offsets[n] != offsets[n - 1]]


FAULTS = (
    Fault(
        "machine clock jumps",
        "by up to a day before every other request, on 20 points a minute",
        machine_clock_jumps,
    ),
    Fault(
        "receiver clock jumps",
        "each delivery is received up to a day too early or late",
        receiver_clock_jumps,
    ),
    Fault(
        "nights of changed clocks",
        "both changes of a year in a random zone, teams at work around them; SQL against pandas",
        nights_of_changed_clocks,
        BOTH,
    ),
)
