"""The fault suite.

make chaos                                  all faults, in ten minutes or so
make chaos ARGS="--seed 2"                  others of the same kinds
make chaos ARGS="--only 'sync killed'"      one of them
make chaos ARGS="--write docs/reliability.md"
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from salesloft_pipeline_tests.chaos.fault import Outcome, tried
from salesloft_pipeline_tests.chaos.faults import FAULTS, PAIRS
from salesloft_pipeline_tests.chaos.page import table, write

AT_ONCE = 2


@click.command()
@click.option("--seed", default=1, show_default=True, help="What is drawn follows from it.")
@click.option("--tries", default=3, show_default=True, help="How often each fault happens.")
@click.option("--only", type=click.Choice([fault.name for fault in FAULTS]), help="This fault alone.")
@click.option("--write", "page", type=click.Path(path_type=Path), help="Also write the page to this file.")
def main(seed: int, tries: int, only: str | None, page: Path | None) -> None:
    """Break things, compare, print the table; exit code 1 where something did not hold."""
    chosen = [(fault, engine) for fault, engine in PAIRS if only in (None, fault.name)]
    outcomes: list[Outcome] = []
    # Processes of their own, since faults change what is one for the whole process: clocks, time-outs, drivers.
    # The errors that they bring about are not for the terminal.
    spawning, hushed = multiprocessing.get_context("spawn"), (logging.CRITICAL,)
    with ProcessPoolExecutor(
        AT_ONCE, mp_context=spawning, initializer=logging.disable, initargs=hushed
    ) as pool:
        for outcome in pool.map(
            tried, *zip(*chosen, strict=True), [seed] * len(chosen), [tries] * len(chosen)
        ):
            outcomes.append(outcome)
            click.echo(f"{outcome.fault} ({outcome.engine}): {outcome.failure or 'held'}", err=True)
    click.echo(table(outcomes))
    if page:
        write(outcomes, seed, page)
    sys.exit(1 if any(outcome.failure for outcome in outcomes) else 0)


if __name__ == "__main__":
    main()
