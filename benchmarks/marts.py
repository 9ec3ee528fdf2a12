"""The mart: a whole build beside a bare `group by` of the same emails, a build in place beside the whole one, memory.

python -m benchmarks.marts                          500,000 emails and twice as many versions
SALESLOFT_FULL_SIZE=1 python -m benchmarks.marts    2,000,000

A year of a team's work stands in a DuckDB file (worked_years.py); the process that builds does nothing else. Seconds
are of CPU.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.table import REPEATS, Row, print_table
from salesloft_pipeline.transform import build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.worked_years import AS_OF, fill

EMAILS = 2_000_000 if os.environ.get("SALESLOFT_FULL_SIZE") == "1" else 500_000
CHANGED = 1_000
ZONE = "America/New_York"
BARE = f"""
create or replace temp table counted as
select cast(sent_at at time zone '{ZONE}' as date), user_id, cadence_id, step_id, count(*)
from raw_salesloft.emails
group by all
"""


@dataclass(frozen=True)
class Measured:
    """Seconds of CPU by round, seconds on the clock of the last whole build, and the most memory at any time."""

    bare: list[float]
    whole: list[float]
    in_place: list[float]
    clock: float
    peak_bytes: int


def measure() -> list[Row]:
    """The three ratios, of the medians over the rounds."""
    # A process of its own, so that the memory is the build's alone.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(_measured, EMAILS).result()
    bare, whole, in_place = map(statistics.median, (found.bare, found.whole, found.in_place))
    of = f"{EMAILS:,} emails"
    return [
        Row(
            f"mart: whole build of {of} / bare group by", whole / bare, "<= 15",
            f"{whole:.1f} s of CPU, {found.clock:.1f} s on the clock; group by {bare:.2f} s",
        ),
        Row(
            f"mart: in place after {CHANGED:,} changed of {of} / whole build", in_place / whole, "<= 0.1",
            f"{in_place:.2f} s of CPU",
        ),
        Row(
            f"mart: peak memory of whole builds of {of} / 2 GiB", found.peak_bytes / 2**31, "<= 1",
            f"{found.peak_bytes / 2**20:,.0f} MiB",
        ),
    ]  # fmt: skip


def _measured(emails: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
        fill(warehouse, emails=emails)
        warehouse.settle()
        bare, whole, in_place = [], [], []
        for number in range(REPEATS):
            bare.append(_seconds(lambda: warehouse.execute(BARE)))
            began = time.monotonic()
            whole.append(_seconds(lambda: build(warehouse, AS_OF, ZONE)))
            clock = time.monotonic() - began
            # Writes down what it saw, as every build of this size does.
            build(warehouse, AS_OF, ZONE, whole_up_to_emails=0)
            _change(warehouse, emails, f"changed {number}")
            later = AS_OF + timedelta(hours=number + 1)
            in_place.append(_seconds(lambda at=later: build(warehouse, at, ZONE, whole_up_to_emails=0)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Measured(bare, whole, in_place, clock, peak)


def _change(warehouse: Warehouse, emails: int, load: str) -> None:
    """Emails of the last two weeks are opened once more and answered, as a sync would load it."""
    lately = emails * 14 // 360
    with warehouse.transaction() as sql:
        sql.execute(
            "update raw_salesloft.emails set counts_views = counts_views + 1, counts_replies = 1, "
            f"updated_at = timestamptz '2026-06-30 18:30:00+00', _dlt_load_id = '{load}' "
            f"where id > {emails - lately} and id % {lately // CHANGED} = 0"
        )
        sql.execute(
            "insert into raw_salesloft.emails_versions (version_id, id, updated_at, observed_at, source, bounced, "
            "counts_views, counts_clicks, counts_replies, _dlt_load_id) "
            "select cast(id as text) || _dlt_load_id, id, updated_at, updated_at, 'poll', bounced, counts_views, "
            f"counts_clicks, counts_replies, _dlt_load_id from raw_salesloft.emails where _dlt_load_id = '{load}'"
        )


def _seconds(work: Callable[[], object]) -> float:
    """Of CPU, with those of the engine's threads."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    print_table(measure())
