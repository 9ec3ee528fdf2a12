"""What it costs to begin: the command line, the code location, and a sync in which nothing changed.

    python -m benchmarks.startup

CPU seconds, not seconds: a busy machine makes everything late, and little dear.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.table import REPEATS, Row, in_turns, print_table, ratio_of
from salesloft_pipeline.simulator import DEMO_KEY, World, running

ROOT = Path(__file__).parents[1]
HELP = "import sys; sys.argv[1:] = ['--help']; from salesloft_pipeline.cli import main; main()"
# dagster_dlt, which we do without, imports these two and adds a twentieth of a second.
FRAMEWORKS = "import dagster, dlt"
DAGSTER = "import dagster"
LOCATION = "import salesloft_pipeline.definitions"
# Dagster's own work belongs to a run; the first one makes the tables and reads the team.
SYNCS = """
import json, time
import dagster as dg
from salesloft_pipeline.definitions import defs

def cpu_seconds(job):
    began = time.process_time()
    assert defs.resolve_job_def(job).execute_in_process(instance=instance).success
    return time.process_time() - began

with dg.DagsterInstance.from_config(".") as instance:
    print(json.dumps([[cpu_seconds(job) for job in ("sync_job", "snapshot_job")] for _ in range(4)]))
"""


def cpu_seconds(code: str) -> float:
    """What a fresh Python takes for this."""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{code!r} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def syncs() -> list[tuple[float, float]]:
    """CPU seconds of sync_job and snapshot_job, again and again in one process; only the first find anything new."""
    world = World(people=500, emails=3_000, days=90, cost_per_minute=1_000_000)
    with tempfile.TemporaryDirectory() as folder, running(world) as url:
        shutil.copy(ROOT / "dagster.yaml", folder)
        environment: Mapping[str, str] = os.environ | {
            "PYTHONPATH": str(ROOT),
            "SALESLOFT_API_KEY": DEMO_KEY,
            "SALESLOFT_API_URL": url,
            "SALESLOFT_COST_PER_MINUTE": "1000000",
            "WAREHOUSE_URL": "duckdb:///warehouse.duckdb",
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SYNCS],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    return [(often, hourly) for often, hourly in json.loads(done.stdout.splitlines()[-1])]


def measure() -> list[Row]:
    """The three of them."""
    codes = {"help": HELP, "location": LOCATION, "frameworks": FRAMEWORKS, "dagster": DAGSTER}
    found = in_turns({name: partial(cpu_seconds, code) for name, code in codes.items()}, REPEATS)
    median = {name: statistics.median(each) for name, each in found.items()}
    first, *empty = syncs()
    often, hourly = (statistics.median(each) for each in zip(*empty, strict=True))
    return [
        Row("CLI --help, CPU seconds", median["help"], "<= 0.3", f"{median['help']:.2f} s"),
        Row(
            "code location imported / dagster and dlt alone",
            ratio_of(found, "location", "frameworks"),
            "<= 1.3",
            f"{median['location']:.2f} s against {median['frameworks']:.2f} s of CPU",
        ),
        Row(
            "code location imported / dagster alone",
            ratio_of(found, "location", "dagster"),
            "",
            f"{median['dagster']:.2f} s of CPU; the bodies of assets import the rest when they run",
        ),
        Row(
            "the 5-minute sync with nothing new, warm, CPU seconds",
            often,
            "<= 3",
            f"in Dagster; the first one, which read everything, took {first[0]:.1f} s",
        ),
        Row(
            "the hourly snapshots with nothing new, warm, CPU seconds",
            hourly,
            "<= 5",
            "the lists that are read whole",
        ),
    ]


if __name__ == "__main__":
    print_table(measure())
