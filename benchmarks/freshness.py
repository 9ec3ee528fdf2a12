"""Seconds from a change in SalesLoft to the daily mart that people look at, by webhooks alone, under `dev`.

    python -m benchmarks.freshness [--changes 5]

Everything is real: the simulator, its webhooks, the receiver, Dagster with its daemon. No schedule polls SalesLoft.
An email is sent in SalesLoft; the clock stops when the serving copy, which follows the mart, counts it on its day.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx

from benchmarks.table import Row, print_table
from salesloft_pipeline import standin
from salesloft_pipeline.dev import OWN
from salesloft_pipeline.transform.serving import serving_copy

ROOT = Path(__file__).parents[1]
TARGET_SECONDS = 30.0
PATIENCE_SECONDS = 120.0
POLLING = ("sync_schedule", "snapshot_schedule")
_COMMAND = [sys.executable, "-c", "from salesloft_pipeline.cli import main; main()"]
_DAGSTER = [sys.executable, "-m", "dagster"]
_ADDRESS = "a simulated SalesLoft answers at "
# The build that holds the email is the one whose days are counted.
_SHOWN = """
    select (select count(*) from mart.fct_email where email_id = any($1)),
           (select sum(emails_sent) from mart.daily_engagement) = (select count(*) from mart.fct_email where is_sent)
"""


@contextmanager
def dev(folder: Path) -> Iterator[str]:
    """`dev` in a folder of its own, with polling off; yields the address of the simulated SalesLoft."""
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, folder)
    for schedule in POLLING:
        called(folder, {}, "schedule", "stop", schedule, "-w", "workspace.yaml")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        (folder / "said.txt").open("wb") as said,
        subprocess.Popen(
            [*_COMMAND, "dev", "--port", str(port)],
            cwd=folder,
            env=environment(folder, {}),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            yield address(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """What `dev` says of the simulated SalesLoft."""
    assert process.stdout
    for line in process.stdout:
        if _ADDRESS in line:
            return line.partition(_ADDRESS)[2].strip()
    raise RuntimeError("dev ended before its SalesLoft answered")


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """No setting of whoever measures; everything that is written lies in the folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SALESLOFT_", "DAGSTER_"))
    }
    return {**kept, "PYTHONPATH": str(ROOT), "DAGSTER_HOME": str(folder), **more}


def called(folder: Path, more: Mapping[str, str], *arguments: str) -> None:
    """One command of Dagster, to its end."""
    subprocess.run(
        [*_DAGSTER, *arguments], cwd=folder, env=environment(folder, more), check=True, capture_output=True
    )


def seconds_of_one_change(folder: Path, control: httpx.Client) -> float:
    """Send an email in SalesLoft, and wait until the day on which it was sent counts it."""
    began = time.monotonic()
    answer: Any = control.post("/add", json={"resource": "emails", "count": 1}).json()
    while time.monotonic() - began < PATIENCE_SECONDS:
        ((found, counted),) = serving_copy(folder / "data/serving").query(_SHOWN, [answer["ids"]])
        if found == 1 and counted:
            return time.monotonic() - began
        time.sleep(0.1)
    raise RuntimeError(f"the email was not there after {PATIENCE_SECONDS:.0f} seconds")


def measured(changes: int) -> list[float]:
    """Seconds of each of so many changes, one after the other."""
    with tempfile.TemporaryDirectory() as name, dev(Path(name)) as url:
        folder = Path(name)
        more = {**standin.environment(url), **OWN}
        called(folder, more, "job", "execute", "-m", "salesloft_pipeline.definitions", "-j", "main_job")
        with httpx.Client(base_url=url.replace("/v2", "/_simulator"), timeout=30) as control:
            return [seconds_of_one_change(folder, control) for _ in range(changes)]


def measure(changes: int = 5) -> list[Row]:
    """The slowest of some changes, as a share of what is promised."""
    found = measured(changes)
    return [
        Row(
            "a change in SalesLoft until the daily mart shows it, of 30 seconds",
            max(found) / TARGET_SECONDS,
            "<= 1",
            f"slowest {max(found):.1f} s, median {statistics.median(found):.1f} s of {changes}",
        )
    ]


@click.command()
@click.option("--changes", default=5, show_default=True)
def main(changes: int) -> None:
    """Measure and print."""
    print_table(measure(changes))


if __name__ == "__main__":
    main()
