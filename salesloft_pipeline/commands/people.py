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
@click.option("--apply", is_flag=True, help="Write it; without this, only the plan is shown.")
@click.option("--json", "as_json", is_flag=True, help="Print plan and results as JSON.")
def push(path: Path, apply: bool, as_json: bool) -> None:
    """Bring people in SalesLoft up to what a table, query or file says. Shows the plan; writes with --apply only.

    Exit code 1 where a write failed. Example: salesloft-pipeline people push --model scores.yaml --apply
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.ingest import ops
    from salesloft_pipeline.reverse_sync import words
    from salesloft_pipeline.reverse_sync.model import load_model
    from salesloft_pipeline.reverse_sync.push import push as pushing
    from salesloft_pipeline.settings import load_settings

    settings, model = load_settings(), load_model(path)
    warehouse = connections.warehouse(settings)
    if apply:
        ops.create_tables(warehouse)
    report = pushing(lambda: connections.salesloft(settings), warehouse, model, apply=apply)
    click.echo(json.dumps(words.as_json(report), indent=2) if as_json else "\n".join(words.words_for(report)))
    sys.exit(0 if report.well else 1)
