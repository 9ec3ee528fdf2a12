"""Reading SalesLoft: sync, plan, sweep, and how its lists compare with our tables."""

from __future__ import annotations

import json
import logging
import sys

import click

from salesloft_pipeline.commands.chosen import chosen


@click.command()
@click.option("--only", help="Resources to read, separated by commas; all when left out.", metavar="NAMES")
@click.option("--full", is_flag=True, help="Forget where the last sync stopped and read everything again.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def sync(only: str | None, full: bool, as_json: bool) -> None:
    """Bring the raw tables up to date with SalesLoft.

    Example: salesloft-pipeline sync --only people,emails
    """
    from rich.console import Console

    from salesloft_pipeline import connections, progress
    from salesloft_pipeline.ingest import pipeline
    from salesloft_pipeline.logs import log_to_stderr
    from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    log_to_stderr(settings.log_format, logging.INFO if settings.log_format == "json" else logging.ERROR)
    endpoints = chosen(only) if only else ENDPOINTS
    client, warehouse = connections.salesloft(settings), connections.warehouse(settings)
    with progress.shown(Console(stderr=True, quiet=as_json), settings.salesloft_cost_per_minute) as watch:
        report = pipeline.sync(
            client, warehouse, endpoints=endpoints, start=settings.start, full=full, watch=watch
        )
    for refusal in report.refusals:
        click.echo(refusal, err=True)
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else str(report))


@click.command()
@click.option(
    "--only", help="Resources to plan for, separated by commas; all when left out.", metavar="NAMES"
)
@click.option("--full", is_flag=True, help="Plan a sync that reads everything again.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(only: str | None, full: bool, as_json: bool) -> None:
    """Tell what the next sync will cost, in points and minutes. Reads counts only: a point a list.

    Example: salesloft-pipeline plan --only people,emails
    """
    from rich.console import Console

    from salesloft_pipeline import connections, progress
    from salesloft_pipeline.ingest import plan as planning
    from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    client, warehouse = connections.salesloft(settings), connections.warehouse(settings)
    endpoints = chosen(only) if only else ENDPOINTS
    planned = planning.plan(client, warehouse, endpoints, start=settings.start, full=full)
    if as_json:
        click.echo(json.dumps(planned.as_dict(), indent=2))
    else:
        Console().print(progress.table_of(planned))


@click.command()
@click.option(
    "--only", help="Resources to sweep, separated by commas; all that can be when left out.", metavar="NAMES"
)
@click.option("--trusting", is_flag=True, help="Believe it, however many records are missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def sweep(only: str | None, trusting: bool, as_json: bool) -> None:
    """Ask SalesLoft for all we hold, by name, and mark what is gone: a point for a hundred records.

    Example: salesloft-pipeline sweep --only people,accounts
    """
    from rich.console import Console

    from salesloft_pipeline import connections, progress
    from salesloft_pipeline.ingest.sweep import sweep
    from salesloft_pipeline.salesloft.endpoints import SWEPT
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    endpoints = chosen(only, {endpoint.name: endpoint for endpoint in SWEPT}) if only else SWEPT
    client, warehouse = connections.salesloft(settings), connections.warehouse(settings)
    with progress.shown(Console(stderr=True, quiet=as_json), settings.salesloft_cost_per_minute) as watch:
        report = sweep(client, warehouse, endpoints=endpoints, trusting=trusting, watch=watch)
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else str(report))


@click.group()
def schema() -> None:
    """Compare our tables with what SalesLoft sends.

    Example: salesloft-pipeline schema diff --only people
    """


@schema.command()
@click.option("--only", help="Resources to compare, separated by commas; all when left out.", metavar="NAMES")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def diff(only: str | None, as_json: bool) -> None:
    """Tell fields that are new, missing or of another type, out of one page of each list: a point each.

    Exit code 1 where something differs. Example: salesloft-pipeline schema diff --only people,emails
    """
    from rich.console import Console

    from salesloft_pipeline import connections, progress
    from salesloft_pipeline.ingest.drift import compare
    from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
    from salesloft_pipeline.settings import load_settings

    found = compare(connections.salesloft(load_settings()), chosen(only) if only else ENDPOINTS)
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in found], indent=2))
    else:
        Console().print(progress.table_of_differences(found))
    sys.exit(1 if any(each.differences for each in found) else 0)
