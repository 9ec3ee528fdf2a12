"""Faults of processes: each of ours killed with -9 at random moments, and two of them at work at once."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack

from salesloft_pipeline.transform import MARTS
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.chaos.fault import BOTH, Fault, Ground
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.deliveries import assert_ingested, told_of_everybody
from salesloft_pipeline_tests.ingest.killed import (
    COMMAND,
    INGEST,
    SYNC,
    ingestions_survive,
    landing_url,
    moments,
    started,
    syncs_survive,
)
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.killed import assert_kept, killed_under_load, survivors
from salesloft_pipeline_tests.reverse_sync.killed import enrollment_survives, push_survives
from salesloft_pipeline_tests.reverse_sync.pushing import Push, prepare
from salesloft_pipeline_tests.transform.killed import builds_survive

EMAILS, KILLS = 6_000, 2
PEOPLE = 300


def sync_killed(ground: Ground) -> Counter[str]:
    """While it reads, and while it loads."""
    stage = ground.scene(people=100, emails=EMAILS)
    kills = syncs_survive(stage, ground.folder, moments(ground.dice, EMAILS // 100, KILLS))
    return Counter({"kills": kills, "records compared": len(stage.world.ids("emails"))})


def build_killed(ground: Ground) -> Counter[str]:
    """After a random table, of a build of the whole or in place."""
    tables = sorted(ground.dice.sample(range(1, len(MARTS)), KILLS))
    builds_survive(Warehouse(ground.warehouse_url), tables, ground.dice.choice([0, 1_000_000]))
    return Counter({"kills": KILLS, "tables made in vain": sum(tables)})


def receiver_killed(ground: Ground) -> Counter[str]:
    """Under load; on Postgres there are two, and one goes on meanwhile."""
    kills = ground.dice.randint(2, 4)
    load = killed_under_load(ground.landing_url, kills=kills, doors=2 if ground.server else 1)
    assert_kept(load, survivors(ground.landing_url))
    return Counter({"kills": kills, "deliveries acknowledged": len(load.acknowledged)})


def ingestion_killed(ground: Ground) -> Counter[str]:
    """While it asks SalesLoft, and while it loads."""
    kills = ingestions_survive(ground.scene(people=PEOPLE, emails=20), ground.folder, ground.dice, KILLS)
    return Counter({"kills": kills, "deliveries ingested": PEOPLE})


def push_killed(ground: Ground) -> Counter[str]:
    """Before, while and after SalesLoft answers a change of a title."""
    push_survives(_pushing(ground), 16, KILLS, ground.dice.randrange(10_000))
    return Counter({"kills": KILLS, "changes made once": 16})


def enrollment_killed(ground: Ground) -> Counter[str]:
    """The same with people put on a cadence, which SalesLoft would do twice."""
    enrollment_survives(_pushing(ground), 16, KILLS, ground.dice.randrange(10_000))
    return Counter({"kills": KILLS, "enrollments made once": 16})


def _pushing(ground: Ground) -> Push:
    stage = ground.scene()
    prepare(stage)
    return Push(stage, ground.folder)


def two_syncs(ground: Ground) -> Counter[str]:
    """At once into an empty warehouse: one after the other, or the second is told that the file is in use."""
    stage = ground.scene(people=100, emails=1_200)
    refused = _at_once(ground, stage, COMMAND, SYNC, "is open in another process")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    return Counter({"syncs": 2, "refused": refused, "records compared": len(stage.world.ids("emails"))})


def two_ingestions(ground: Ground) -> Counter[str]:
    """At once of the same deliveries, twice: each is in the log once."""
    stage = ground.scene(people=PEOPLE, emails=20)
    stage.sync("people")
    landing, deliveries = told_of_everybody(stage, ground.folder)
    refused = _at_once(
        ground, stage, INGEST, [], "is open in another process", LANDING_URL=landing_url(stage, landing)
    )
    assert_ingested(stage, landing, deliveries)
    assert_equals_truth(stage.warehouse, stage.world, "people")
    landing.close()
    return Counter({"ingestions": 2, "refused": refused, "deliveries ingested": deliveries})


def _at_once(
    ground: Ground, stage: Scene, code: str, arguments: list[str], refusal: str, **environment: str
) -> int:
    """Two such processes; how many were told to come again. The other one did all there is."""
    folders = [ground.folder / name for name in ("one", "other")]
    with ExitStack() as stack:
        for folder in folders:
            folder.mkdir()
        runs = [
            stack.enter_context(started(code, arguments, stage, folder, **environment)) for folder in folders
        ]
    failed = [
        (folder / "said.txt").read_text() for run, folder in zip(runs, folders, strict=True) if run.returncode
    ]
    assert len(failed) < 2, f"both failed: {failed}"
    assert all(refusal in said for said in failed), failed
    assert not any(run.returncode == -signal.SIGKILL for run in runs), "a process was killed"
    return len(failed)


FAULTS = (
    Fault("sync killed", "kill -9 at two random requests, or in the load behind one", sync_killed, BOTH),
    Fault("mart build killed", "kill -9 after two random tables, in place or as a whole", build_killed, BOTH),
    Fault(
        "receiver killed", "kill -9 two to four times while eight senders never stop", receiver_killed, BOTH
    ),
    Fault("webhook ingestion killed", "kill -9 twice while it asks or loads", ingestion_killed, BOTH),
    Fault("push killed", "kill -9 twice before, while or after SalesLoft answers", push_killed),
    Fault(
        "enrollment killed",
        "the same with POSTs, which done twice would count twice",
        enrollment_killed,
        ("postgres",),
    ),
    Fault("two syncs at once", "both start on an empty warehouse", two_syncs, BOTH),
    Fault("two ingestions at once", "both start on the same deliveries", two_ingestions, BOTH),
)
