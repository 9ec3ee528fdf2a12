"""Writing people back to SalesLoft."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.group()
def people() -> None:
    """Write people back to SalesLoft.

    Example: salesloft-pipeline people push --model scores.yaml
    """


@people.command()
@click.option(
    "--model",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML: where the rows are, whom they mean, what goes where.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N changes.")
@click.option("--apply", is_flag=True, help="Write it; without this, only the plan is shown.")
@click.option("--json", "as_json", is_flag=True, help="Print plan and results as JSON.")
def push(path: Path, limit: int | None, apply: bool, as_json: bool) -> None:
    """Bring people in SalesLoft up to what a table, query or file says. Shows the plan; writes with --apply only.

    Exit code 1 where a row was wrong or a write failed. Example: salesloft-pipeline people push --model scores.yaml --apply
    """
    from rich.console import Console

    from salesloft_pipeline import connections, progress
    from salesloft_pipeline.ingest import ops
    from salesloft_pipeline.reverse_sync import words
    from salesloft_pipeline.reverse_sync.cache import open_cache
    from salesloft_pipeline.reverse_sync.model import load_model
    from salesloft_pipeline.reverse_sync.push import Push
    from salesloft_pipeline.settings import load_settings

    settings, model = load_settings(), load_model(path)
    warehouse, cache = connections.warehouse(settings), open_cache(settings.cache_at)
    pushing = Push(
        lambda: connections.salesloft(settings), warehouse, model, cache, settings.points_per_minute, limit
    )
    if apply:
        ops.create_tables(warehouse)
    with progress.counted(Console(stderr=True, quiet=as_json), "writing") as watch:
        report = pushing(apply=apply, watch=watch)
    click.echo(json.dumps(words.as_json(report), indent=2) if as_json else "\n".join(words.words_for(report)))
    sys.exit(0 if report.well else 1)
