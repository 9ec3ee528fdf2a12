"""Two of Dagster's daemons over one instance, which Dagster warns of, and one of them killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from salesloft_pipeline.warehouse import Warehouse, WarehouseError
from salesloft_pipeline_tests.chaos.fault import Fault, Ground
from salesloft_pipeline_tests.ingest.deliveries import assert_ingested, told_of_everybody
from salesloft_pipeline_tests.ingest.killed import landing_url
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

ROOT = Path(__file__).parents[2]
DAEMON = "from dagster._daemon.cli import main; main()"
LOOKS, LOOK_SECONDS = 2_400, 0.25


def two_daemons(ground: Ground) -> Counter[str]:
    """Both ask their sensors and schedules and start runs; one is killed, with its runs, while deliveries arrive."""
    stage = ground.scene(people=60, emails=60)
    stage.sync("people")
    landing, deliveries = told_of_everybody(stage, ground.folder)
    shutil.copy(ROOT / "dagster.yaml", ground.folder)
    environment = stage.environment(
        ground.folder, DAGSTER_HOME=str(ground.folder), LANDING_URL=landing_url(stage, landing)
    )
    with daemon(ground.folder, environment) as doomed, daemon(ground.folder, environment):
        wait_until(lambda: not landing.pending_count(1))
        deliveries += told_of_everybody(stage, ground.folder)[1]
        threading.Event().wait(ground.dice.uniform(0, 8))
        os.killpg(doomed.pid, signal.SIGKILL)
        wait_until(lambda: not landing.pending_count(1))
    # A run that they have started outlives them, and may still be building the mart.
    wait_until(lambda: is_free(stage.warehouse))
    assert_ingested(stage, landing, deliveries)
    landing.close()
    stage.sync("people")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    assert_unique(stage.warehouse, "people_versions", "version_id")
    return Counter({"daemons": 2, "kills": 1, "deliveries ingested": deliveries})


@contextmanager
def daemon(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon with the whole pipeline, and all that it starts, gone when the block is over."""
    command = [sys.executable, "-c", DAEMON, "run", "-m", "salesloft_pipeline.definitions"]
    with (
        (folder / "said.txt").open("ab") as said,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def is_free(warehouse: Warehouse) -> bool:
    """Has no other process the file?"""
    try:
        warehouse.query("select 1")
    except WarehouseError:
        return False
    return True


def wait_until(so: Callable[[], bool]) -> None:
    """Look again and again, for ten minutes at most."""
    tick = threading.Event()
    for _ in range(LOOKS):
        if so():
            return
        tick.wait(LOOK_SECONDS)
    raise AssertionError("it did not come to that within ten minutes")


FAULTS = (
    Fault("two daemons at once", "over one instance; one is killed -9 while deliveries arrive", two_daemons),
)
