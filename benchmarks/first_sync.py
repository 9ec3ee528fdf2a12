"""A first sync of many emails: what it costs, what it needs, and that it is right, also when it is killed on the way.

    python benchmarks/first_sync.py --emails 1000000                 points, pages, memory
    python benchmarks/first_sync.py --emails 1000000 --kills 3       the same, killed -9 three times
    python benchmarks/first_sync.py --emails 60000 --latency-ms 250 --points-per-minute 600
                                                                     seconds against what the budget alone takes

The simulator runs in this process, each sync in one of its own. Prints one JSON object.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from salesloft_pipeline.simulator import DEMO_KEY, Request, World, running
from salesloft_pipeline.warehouse import Warehouse

MIB = 1024 * 1024
COMMAND = [
    sys.executable,
    "-c",
    "from salesloft_pipeline.cli import main; main()",
    "sync",
    "--only",
    "emails",
]


@dataclass
class Watch:
    """Sees every request: counts pages, kills the sync at given points, notes when the newest month was complete."""

    kill_at: list[int]
    process: subprocess.Popen[bytes] | None = None
    pages: Counter[int] = field(default_factory=Counter)

    def __call__(self, world: World, request: Request) -> None:
        self.pages[request.page] += 1
        if self.kill_at and world.points_spent >= self.kill_at[0] and self.process:
            self.kill_at.pop(0)
            self.process.send_signal(signal.SIGKILL)


def synced(environment: dict[str, str], watch: Watch) -> tuple[int, float, float]:
    """One sync in a process of its own: exit code, CPU seconds, peak memory in MiB."""
    watch.process = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(watch.process.pid, 0)
    watch.process = None
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def wrong_rows(warehouse: Warehouse, world: World) -> int:
    """Emails whose change or counters are not as SalesLoft has them, on either side."""
    held = {
        key: (at.astimezone(UTC), *counters)
        for key, at, *counters in warehouse.query(
            "select id, updated_at, counts_views, counts_clicks, counts_replies from raw_salesloft.emails "
            "where _deleted_at is null"
        )
    }
    wrong = 0
    for email in world.truth("emails"):
        counts = email["counts"]
        at = datetime.fromisoformat(email["updated_at"]).astimezone(UTC)
        wrong += held.pop(email["id"], None) != (at, counts["views"], counts["clicks"], counts["replies"])
    return wrong + len(held)


@click.command()
@click.option("--emails", default=100_000, show_default=True)
@click.option("--days", default=1_000, show_default=True, help="Days over which they were sent.")
@click.option(
    "--ties", default=0, show_default=True, help="Emails in ties of one instant: of 250, then of 1 to 9."
)
@click.option("--latency-ms", default=0.0, show_default=True)
@click.option(
    "--points-per-minute", default=10_000_000, show_default=True, help="The team's; all of it is ours."
)
@click.option("--kills", default=0, show_default=True)
def main(emails: int, days: int, ties: int, latency_ms: float, points_per_minute: int, kills: int) -> None:
    """Measure one first sync."""
    world = World(max(emails // 50, 100), emails, days, 1, cost_per_minute=points_per_minute)
    tie(world, ties)
    world.switch(latency_ms=latency_ms)
    watch = Watch([emails // 100 * (number + 1) // (kills + 1) for number in range(kills)])
    world.before_request = watch
    with tempfile.TemporaryDirectory() as folder, running(world) as url:
        warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
        environment = os.environ | {
            "SALESLOFT_API_KEY": DEMO_KEY,
            "SALESLOFT_API_URL": url,
            "SALESLOFT_COST_PER_MINUTE": str(points_per_minute),
            "SALESLOFT_BUDGET_SHARE": "1.0",
            "WAREHOUSE_URL": warehouse.url,
            "TMPDIR": folder,
        }
        began, runs = time.monotonic(), [(-signal.SIGKILL.value, 0.0, 0.0)]
        while runs[-1][0] == -signal.SIGKILL:
            runs.append(synced(environment, watch))
        seconds = time.monotonic() - began
        print(json.dumps(found(world, watch, warehouse, runs[1:], seconds, points_per_minute), indent=2))


def tie(world: World, rows: int) -> None:
    """Give emails the updated_at of others: 250 one instant, the rest in small groups."""
    ids = world.ids("emails")[:rows]
    at = world.now - timedelta(days=30)
    world.stamp("emails", ids[:250], at)
    for place in range(250, len(ids), 9):
        world.stamp("emails", ids[place : place + 1 + place % 9], at - timedelta(seconds=place))


def found(
    world: World,
    watch: Watch,
    warehouse: Warehouse,
    runs: list[tuple[int, float, float]],
    seconds: float,
    points_per_minute: int,
) -> dict[str, Any]:
    """What was measured, as plain values."""
    emails = len(world.ids("emails"))
    size = Path(warehouse.path or "").stat().st_size
    return {
        "emails": emails,
        "exit_codes": [code for code, _, _ in runs],
        "points": world.points_spent,
        "points_per_100_rows": round(100 * world.points_spent / emails, 4),
        "highest_page": max(watch.pages),
        "seconds": round(seconds, 1),
        "seconds_of_the_budget_alone": round(60 * (math.ceil(emails / 100 / points_per_minute) - 1), 1),
        "cpu_seconds": round(sum(cpu for _, cpu, _ in runs), 1),
        "peak_memory_mib": round(max(memory for _, _, memory in runs)),
        "warehouse_mib": round(size / MIB),
        "statuses": dict(Counter(request.status for request in world.log)),
        "wrong_rows": wrong_rows(warehouse, world),
    }


if __name__ == "__main__":
    main()
