"""Where a day takes place: a simulated SalesLoft, a Postgres, a folder, and the processes that live there.

World (in this process)  ──HTTP──  daemon    schedules, sensors, runs; its log in daemon.txt
   └── webhooks ──────────────────  receiver  lands them in data/landing.sqlite
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import yaml

from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline.simulator.clock import Clock
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests import postgres
from salesloft_pipeline_tests.receiver.stand import Process
from salesloft_pipeline_tests.soak.lapse import Lapse
from salesloft_pipeline_tests.soak.meter import Meter
from salesloft_pipeline_tests.soak.yours import MODEL

ROOT = Path(__file__).parents[2]
# A Monday: the reports of the day and of the week are due.
BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
# When everything is read for the first time.
EVE = BEGAN - timedelta(days=1)
ALWAYS_IN_PLACE = "0"
ZONE = "America/New_York"
_LIVE = "from salesloft_pipeline_tests.soak.lapse import live; live(); "
_RECEIVER = _LIVE + "from salesloft_pipeline.cli import main; main()"
_DAEMON = _LIVE + "from salesloft_pipeline_tests.soak.daemon import main; main()"


@dataclass(frozen=True)
class Size:
    """How big the team is and what its dice begin with; SalesLoft's points a minute, and the part that is ours."""

    people: int = 300
    emails: int = 4_000
    seed: int = 1
    points_per_minute: int = 60
    share: float = 0.8


@dataclass
class Place:
    """Everything by name. `start` and `kill` are for daemon and receiver."""

    size: Size
    world: World
    meter: Meter
    lapse: Lapse
    warehouse: Warehouse
    folder: Path
    environment: dict[str, str]
    stack: ExitStack
    pids: dict[str, int] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=lambda: {"daemon": 0, "receiver": 0})
    _receiver: Process | None = None
    _daemon: subprocess.Popen[str] | None = None

    @property
    def landing_url(self) -> str:
        """Where deliveries wait."""
        return f"sqlite:///{self.folder}/data/landing.sqlite"

    @property
    def serving(self) -> Path:
        """What people look at."""
        return self.folder / "data/serving"

    def begin(self) -> None:
        """The day begins; processes that were started before do not know."""
        self.go_on_from(BEGAN)
        with self.world.lock:
            self.world.clock = Clock(BEGAN, self.lapse.speed)

    def go_on_from(self, at: datetime) -> None:
        """Let it be another time (UTC) for the meter and for processes that are started from now on."""
        self.lapse = Lapse.from_now(at, self.lapse.speed)
        self.environment |= self.lapse.environment()

    def by_hand(self, names: Sequence[str]) -> None:
        """Have jobs run, and schedules and sensors asked, one after the other, by a daemon that does nothing else."""
        process = self.start_daemon("by-hand")
        assert process.stdin
        assert process.stdout
        for name in names:
            print(name, file=process.stdin, flush=True)
            said = process.stdout.readline().strip()
            assert said == name, f"{name} was not asked: {self.folder}/daemon.txt says why"
        process.stdin.close()
        process.wait()

    def start_receiver(self) -> str:
        """Start it, where its predecessor was; the address that deliveries go to."""
        port = self._receiver.port if self._receiver else 0
        more = {"TMPDIR": str(self.folder), **self.lapse.environment()}
        self._receiver = self.stack.enter_context(
            Process(self.landing_url, port=port, code=_RECEIVER, **more)
        )
        self._started("receiver", self._receiver.pid)
        return self._receiver.url

    def start_daemon(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it, to go on where its predecessor was killed."""
        with (self.folder / "daemon.txt").open("a") as said:
            self._daemon = subprocess.Popen(
                [sys.executable, "-c", _DAEMON, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
        self.stack.enter_context(self._daemon)
        self.stack.callback(self._end, self._daemon)
        self._started("daemon", self._daemon.pid)
        return self._daemon

    def kill_receiver(self) -> None:
        """kill -9."""
        assert self._receiver
        self._receiver.kill()

    def kill_daemon(self) -> None:
        """kill -9, most likely in the middle of a run, which goes with it as if the machine had."""
        assert self._daemon
        self._end(self._daemon)
        self._daemon.wait()

    def stand_still(self) -> None:
        """Nothing happens in SalesLoft any more; our clocks go on."""
        with self.world.lock:
            self.world.clock.now()
            self.world.clock.speed = 0.0
            self.world.catch_up()

    @staticmethod
    def _end(daemon: subprocess.Popen[str]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """Dagster's memory, to look into once nobody writes there."""
        # Its storage is named relative to where one stands.
        with chdir(self.folder), dg.DagsterInstance.from_config(".") as instance:
            yield instance

    def _started(self, name: str, pid: int) -> None:
        self.pids[name] = pid
        self.starts[name] += 1


@contextmanager
def place(size: Size, speed: float) -> Iterator[Place]:
    """A place whose day begins now; no process is there yet, and all are gone afterwards."""
    world = World(
        size.people,
        size.emails,
        days=60,
        seed=size.seed,
        now=EVE,
        cost_per_minute=size.points_per_minute,
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salesloft-soak-")))
        server = postgres.Server(stack.enter_context(postgres.running()))
        url, api = stack.enter_context(server.database()), stack.enter_context(running(world))
        (folder / "data").mkdir()
        shutil.copy(ROOT / "dagster.yaml", folder)
        (folder / "model.yaml").write_text(yaml.safe_dump(MODEL))
        lapse = Lapse.from_now(EVE, speed)
        environment = {**os.environ, **_settings(size, api, url, folder), **lapse.environment()}
        meter = world.budget = Meter(size.points_per_minute)
        here = Place(size, world, meter, lapse, Warehouse(url), folder, environment, stack)
        meter.clock = lambda: here.lapse.seconds()
        yield here


def _settings(size: Size, api: str, warehouse_url: str, folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder),
        "SALESLOFT_API_KEY": DEMO_KEY,
        "SALESLOFT_API_URL": api,
        "SALESLOFT_COST_PER_MINUTE": str(size.points_per_minute),
        "SALESLOFT_BUDGET_SHARE": str(size.share),
        "WAREHOUSE_URL": warehouse_url,
        "LANDING_URL": f"sqlite:///{folder}/data/landing.sqlite",
        "MART_WHOLE_UP_TO_EMAILS": ALWAYS_IN_PLACE,
        "REPORTING_TIME_ZONE": ZONE,
        "REPORT_TO": f"all={folder}/sent",
    }
