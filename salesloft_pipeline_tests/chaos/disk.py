"""Faults of the disk: it is full at a random size of file, and a page of the landing is damaged.

A full disk is one on which no file of the process may grow beyond a size (RLIMIT_FSIZE): anyone can have that, without
being root, and to the writer it looks the same but for the number of the error.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

from salesloft_pipeline.landing import Arrival, Landing, LandingError, State
from salesloft_pipeline_tests.chaos.fault import Fault, Ground
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.deliveries import arrival, ingested, landing_beside, told_of_everybody
from salesloft_pipeline_tests.ingest.killed import COMMAND, SYNC, started
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.killed import assert_kept, survivors
from salesloft_pipeline_tests.receiver.load import sending
from salesloft_pipeline_tests.receiver.stand import Process

# So large are the smallest and the largest file that may be: from less than an empty warehouse to nearly all of it.
WAREHOUSE_KIB, LANDING_KIB = (16, 4_000), (64, 400)
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


def full_during_a_sync(ground: Ground) -> Counter[str]:
    """It ends with an error in words; when there is room again, the next one goes on."""
    stage = ground.scene(people=100, emails=3_000)
    size = ground.dice.randint(*WAREHOUSE_KIB) << 10
    with started(LIMITED.format(size=size) + COMMAND, SYNC, stage, ground.folder) as limited:
        pass
    said = (ground.folder / "said.txt").read_text()
    last = said.rstrip().rpartition("\n")[2]
    assert limited.returncode == 0 or last.startswith("Error: the disk is full"), f"{size} bytes: {last}"
    with started(COMMAND, SYNC, stage, ground.folder) as free:
        pass
    assert free.returncode == 0, (
        f"after files up to {size} bytes: {(ground.folder / 'said.txt').read_text()[-2000:]}"
    )
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    return Counter(
        {
            "failed runs": int(limited.returncode != 0),
            "records compared": len(stage.world.ids("emails")),
        }
    )


def full_under_webhook_load(ground: Ground) -> Counter[str]:
    """The receiver answers 503 and lives; whatever it had answered 200 is there, and with room it goes on."""
    size, url = ground.dice.randint(*LANDING_KIB) << 10, ground.landing_url
    with (
        Process(url, code=LIMITED.format(size=size) + COMMAND) as receiver,
        sending([receiver.port], 4) as load,
    ):
        load.wait_for_refusal()
        assert receiver.get("/health/live").status == 200, "the receiver is not alive"
        receiver.kill()
        with Process(url, port=receiver.port):
            load.wait_for_more(50)
    assert_kept(load, survivors(url))
    assert load.refused.keys() == {503}, f"it answered {load.refused}"
    return Counter({"deliveries acknowledged": len(load.acknowledged), "refused with 503": load.refused[503]})


def landing_damaged(ground: Ground) -> Counter[str]:
    """The ingestion refuses it by name, or sets aside what it cannot read; all that a rescue can read arrives, and a sync
    brings the rest.
    """
    stage = ground.scene(people=200, emails=20)
    stage.sync("people")
    landing, deliveries = told_of_everybody(stage, ground.folder)
    landing.close()
    damage(ground.folder / "landing.sqlite", ground)
    figures = Counter({"deliveries": deliveries, "refused": refusals(stage, landing)})
    landing.close()
    rescued = readable(ground.folder / "landing.sqlite")
    (ground.folder / "rescued").mkdir()
    fresh = landing_beside(stage, ground.folder / "rescued")
    fresh.land([each for each, _ in rescued])
    ingested(stage, fresh)
    fresh.close()
    log = {
        event_id for (event_id,) in stage.warehouse.query("select event_id from raw_salesloft.webhook_events")
    }
    assert {each.digest for each, _ in rescued} <= log, "a delivery that can be read did not arrive"
    stage.sync("people")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    return figures + Counter({"rescued": len(rescued)})


def refusals(stage: Scene, landing: Landing) -> int:
    """1 when the ingestion refuses the landing. It names the setting, and has marked nothing that is not in the log."""
    try:
        ingested(stage, landing)
    except LandingError as error:
        told = str(error)
    else:
        told = ""
    assert not told or "LANDING_URL" in told, f"the error does not name the setting: {told}"
    tables = stage.warehouse.tables("raw_salesloft")
    log = (
        stage.warehouse.query("select event_id from raw_salesloft.webhook_events")
        if "webhook_events" in tables
        else []
    )
    assert landing.path
    marked = {each.digest for each, state in readable(landing.path) if state == State.INGESTED}
    assert marked <= {event_id for (event_id,) in log}, (
        "a delivery is marked as ingested that is not in the log"
    )
    return int(bool(told))


def readable(path: Path) -> list[tuple[Arrival, int]]:
    """What can be read of a damaged landing, row by row, whole and unchanged, with its state."""
    found = []
    with closing(sqlite3.connect(path)) as database:
        for number in range(1, 1_000):
            # A page that is none any more, or a body that was written over.
            with suppress(sqlite3.DatabaseError):
                for digest, event_type, body, state in database.execute(
                    "select digest, event_type, body, state from webhook_deliveries where id = ?", [number]
                ):
                    row = arrival(event_type, body)
                    if row.digest == digest:
                        found.append((row, state))
    return found


def damage(path: Path, ground: Ground) -> None:
    """Write over a page that is not the first, of a file that nobody has open."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
        ((size,),) = database.execute("pragma page_size").fetchall()
    pages = path.stat().st_size // size
    with path.open("r+b") as file:
        file.seek(ground.dice.randrange(1, pages) * size)
        file.write(ground.dice.randbytes(size))


FAULTS = (
    Fault("disk full during sync", "no file may grow beyond a random size", full_during_a_sync),
    Fault(
        "disk full under webhook load",
        "the landing may not grow beyond a random size",
        full_under_webhook_load,
    ),
    Fault(
        "landing damaged", "a random page of the landing is written over with random bytes", landing_damaged
    ),
)
