"""All benchmarks, one table.

make bench                                  the table, in ten minutes
make bench ARGS="--only startup"            some of them
make bench ARGS="--write docs/performance-table.md"
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

import click

from benchmarks.table import Row, print_table, write_table

# Each has `measure() -> list[Row]`.
MODULES = (
    "extract_load",
    "postgres_load",
    "marts",
    "receiver",
    "startup",
    "freshness",
    "two_workers",
    "reverse_sync",
)


@click.command()
@click.option("--only", help=f"Of {', '.join(MODULES)}, separated by commas; all when left out.")
@click.option("--write", "page", type=click.Path(path_type=Path), help="Also write the table to this file.")
def main(only: str | None, page: Path | None) -> None:
    """Measure, print the table; exit code 1 where a target is missed."""
    chosen = only.split(",") if only else MODULES
    if unknown := set(chosen) - set(MODULES):
        raise click.BadParameter(f"there is no {', '.join(sorted(unknown))}", param_hint="--only")
    rows: list[Row] = []
    try:
        for name in chosen:
            began = time.monotonic()
            rows += import_module(f"benchmarks.{name}").measure()
            click.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)
    finally:
        print_table(rows)
    if page:
        write_table(rows, page)
    sys.exit(1 if any(row.met is False for row in rows) else 0)


if __name__ == "__main__":
    main()
