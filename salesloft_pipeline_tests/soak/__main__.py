"""A simulated day of full life, and whether everything held: no drift, no leak, no point too many.

make soak                                        24 hours at 200 times the speed, in about ten minutes
make soak ARGS="--hours 6 --seed 7"
make soak ARGS="--write docs/soak.md"            also the page, with its picture in docs/images
"""

from __future__ import annotations

import inspect
import signal
import sys
import time
from pathlib import Path

import click

from benchmarks.table import machine
from salesloft_pipeline_tests.soak import HOW
from salesloft_pipeline_tests.soak.checks import checked
from salesloft_pipeline_tests.soak.day import live_through
from salesloft_pipeline_tests.soak.page import table, write
from salesloft_pipeline_tests.soak.place import Size, place


@click.command()
@click.option("--hours", default=24.0, show_default=True, help="How long the day is.")
@click.option("--speed", default=200.0, show_default=True, help="Simulated seconds in a second.")
@click.option("--seed", default=1, show_default=True, help="Of the team, its deeds and the kills.")
@click.option("--people", default=300, show_default=True)
@click.option("--emails", default=4_000, show_default=True)
@click.option("--points", default=60, show_default=True, help="What SalesLoft grants the team in a minute.")
@click.option("--write", "page", type=click.Path(path_type=Path), help="Also write the page.")
def main(
    hours: float, speed: float, seed: int, people: int, emails: int, points: int, page: Path | None
) -> None:
    """Live through a day; exit code 1 where something does not hold."""
    # So that what was started ends with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    with place(Size(people, emails, seed, points), speed) as here:
        day = live_through(here, hours, seed)
        checks = checked(day)
        click.echo(f"{table(checks)}\n\n{machine()}, {time.monotonic() - began:.0f} s")
        if page:
            write(day, checks, inspect.cleandoc(HOW), page)
    sys.exit(0 if all(check.held for check in checks) else 1)


if __name__ == "__main__":
    main()
