"""From a change in SalesLoft to the warehouse, with doubles, disorder and kill -9 of whatever is on the way."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from salesloft_pipeline.landing import Landing
from salesloft_pipeline.salesloft.webhooks import ROUTES
from salesloft_pipeline.simulator import World
from salesloft_pipeline.simulator.webhooks.outbox import Delivery
from salesloft_pipeline_tests.conftest import FULL_SIZE, Scene, sized
from salesloft_pipeline_tests.house import ROOT, House, kept
from salesloft_pipeline_tests.ingest.deliveries import counted
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.load import at_once
from salesloft_pipeline_tests.receiver.stand import PATIENCE, SECRET, Process
from salesloft_pipeline_tests.simulator.receiving import subscribe

# 50,000 changes of people at full size; what else happens in the team comes on top.
PEOPLE = sized(40, 2_000)
ROUNDS = sized(2, 5)
TOUCHES = sized(3, 5)
RUN_KILLS = sized(1, 3)
POSTMEN = 8
LATE_SHARE, LATE_SECONDS = 10, 60
RUN = [
    sys.executable,
    "-m",
    "dagster",
    "job",
    "execute",
    "-m",
    "salesloft_pipeline.definitions",
    "-j",
    "webhook_job",
]
TOLD = ("people", "emails", "accounts", "tasks", "cadence_memberships", "calls", "notes", "meetings", "users")


LANDINGS = ["sqlite", "postgres"] if FULL_SIZE else ["sqlite"]


@pytest.fixture
def landing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty landing of the test's own, on each store in turn."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/data/landing.sqlite"


class Town:
    """A team whose every change is told, and a receiver that dies in the middle of each round."""

    def __init__(self, world: World, landing_url: str, stack: ExitStack) -> None:
        self.world, self.told = world, set[str]()
        self._url, self._stack, self._dice = landing_url, stack, random.Random(20261125)
        self._receiver = stack.enter_context(Process(landing_url))
        for event_type in ROUTES.keys() - {"link_swap", "email_with_body_and_subject_updated"}:
            subscribe(world, event_type, self._receiver.url, token=SECRET)
        world.switch(webhook_duplicates=0.1)
        self._put, world.outbox.put = world.outbox.put, self._noted  # type: ignore[method-assign]  # it looks on

    def _noted(self, deliveries: Sequence[Delivery], *how: Any) -> None:
        self.told |= {
            hashlib.sha256(each.event_type.encode() + b"\n" + each.body).hexdigest() for each in deliveries
        }
        self._put(deliveries, *how)

    def live(self) -> None:
        """Everybody changes several times; one in ten is told late, so that later changes overtake it."""
        people = self.world.ids("people")
        for touch in range(TOUCHES):
            late = people[touch % LATE_SHARE :: LATE_SHARE]
            self._change(late, LATE_SECONDS)
            self._change([each for each in people if each not in set(late)], 0)
            self._post()
        killing = threading.Timer(self._dice.random() / 10, self._receiver.kill)
        self._change(people, 0)
        killing.start()
        self._post()
        killing.join()
        port = self._receiver.port
        self._receiver = self._stack.enter_context(Process(self._url, port=port))

    def _change(self, people: Sequence[Any], delay: float) -> None:
        self.world.switch(webhook_delay_seconds=float(delay))
        self.world.touch("people", people)
        self.world.advance(1)

    def _post(self) -> None:
        """What is due, and what failed 15 seconds ago."""
        with at_once(lambda _: self.world.deliver(), POSTMEN):
            pass

    def end(self) -> None:
        """Time passes until nothing is under way."""
        while len(self.world.outbox):
            self.world.advance(15)
            self._post()
        assert self.world.outbox.lost == 0


@contextmanager
def killed(house: House, seconds: float) -> Iterator[None]:
    """A run of the job as a process, while the block runs; kill -9 so long after its first request of SalesLoft."""
    world, asked = house.scene.world, threading.Event()
    world.before_request = lambda *_: asked.set()
    with subprocess.Popen(
        RUN, cwd=house.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        yield
        # It has all of Dagster to import first.
        assert asked.wait(4 * PATIENCE)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        code = process.wait()
    world.before_request = None
    assert code == -signal.SIGKILL
    # As Dagster's monitoring does once our launcher tells that a run has no process.
    for run in house.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        house.instance.report_run_failed(run)
        house.instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


@pytest.mark.parametrize("landing_url", LANDINGS, indirect=True)
def test_every_change_is_there_once_whoever_was_killed(
    scene: Callable[..., Scene], landing_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warehouse is SalesLoft's truth without a poll, and every distinct delivery is logged once."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LANDING_URL", landing_url)
    dice = random.Random(7)
    with ExitStack() as stack:
        house = stack.enter_context(kept(scene(people=PEOPLE, emails=60), tmp_path, monkeypatch))
        house.scene.sync(*TOLD)
        landing = Landing(landing_url)
        town = Town(house.scene.world, landing_url, stack)
        town.live()
        for number in range(ROUNDS - 1):
            with killed(house, 1.5 * dice.random()) if number < RUN_KILLS else ExitStack():
                town.live()
        town.end()
        assert house.run("webhook_job").success
    assert counted(landing) == (0, len(town.told), 0)
    logged = house.scene.warehouse.query("select event_id from raw_salesloft.webhook_events")
    assert sorted(event_id for (event_id,) in logged) == sorted(town.told)
    for table in ("people", "emails", "accounts", "tasks", "cadence_memberships"):
        assert_equals_truth(house.scene.warehouse, house.scene.world, table)
    assert_unique(house.scene.warehouse, "people_versions", "version_id")
    landing.close()
