"""Outcomes as one table, and that table in the page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import aligned
from salesloft_pipeline_tests.chaos.fault import Outcome

_INTRODUCTION = """\
<!-- Written by `make chaos ARGS="--write docs/reliability.md"`; its words stand in salesloft_pipeline_tests/chaos/page.py. -->

# Reliability

`make chaos` breaks things on purpose: it kills processes with -9, spoils connections, fills the disk, crashes Postgres,
turns clocks, revokes the key. After each fault it compares the warehouse with what the simulated SalesLoft holds, record
by record and field by field, and the log of events with what the receiver had answered 200.

**What holds**: a run that is broken off can simply be run again. Rows and the position behind them are one load; a build
is one transaction; a delivery that was answered is on the disk; a change that SalesLoft has made is found again before it
would be made twice. So each fault ends in one of two ways: nobody notices, or a run fails with a message and the next one
goes on from there.

**What it costs**: a killed sync reads its last round again. Two at once on a DuckDB file: the second is told that it is in
use. While the landing cannot be written, deliveries are answered 503, and the next sync reads what they would have told. A
damaged landing is refused as a whole; deliveries on the damaged page are gone, the records they named are not.
"""
_HOW_TO_READ = """\
## How to read the table

- **fault** names the engine where it is Postgres; the others ran on DuckDB, with the landing in SQLite.
- **outcome** is `held` when after every try all records and all acknowledged deliveries were there, once. Otherwise it is
  the message of the first try that failed, and `make chaos` ends with exit code 1.
- **figures** are sums over the tries.

Everything that is drawn (which requests are struck, at which one a process dies, which page is damaged, which zone) follows
from the seed: `make chaos ARGS="--seed 2"` draws anew. What threads and processes do between two draws is the machine's, so
figures may differ a little from run to run. One fault alone, and more often: `make chaos ARGS="--only 'sync killed' --tries 20"`.

Daemon, receiver and runs that are killed in the course of a whole day: `make soak`. What a full disk is here: no file of
the process may grow beyond a size, which anyone can have without being root. What is not broken here: the disk itself below
a running Postgres, and memory that runs out.
"""


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each fault and engine."""
    return aligned(
        ("fault", "what was done", "outcome", "figures"),
        [(_name(each), each.done, each.failure or "held", _figures(each)) for each in outcomes],
    )


def write(outcomes: Sequence[Outcome], seed: int, page: Path) -> None:
    """The page, whole."""
    page.write_text(f"{_INTRODUCTION}\n## The last run, seed {seed}\n\n{table(outcomes)}\n\n{_HOW_TO_READ}")


def _name(outcome: Outcome) -> str:
    return (
        outcome.fault
        if outcome.engine == "duckdb" or "Postgres" in outcome.fault
        else f"{outcome.fault} (Postgres)"
    )


def _figures(outcome: Outcome) -> str:
    figures = {"tries": outcome.tries, **outcome.figures}
    return ", ".join(f"{what}: {count:,}" for what, count in figures.items())
