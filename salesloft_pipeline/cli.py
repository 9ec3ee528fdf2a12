"""The front door: `salesloft-pipeline <command>`. Each command hands over to its room; nothing is decided here.

Exit codes: 0 done, 1 failed, 2 wrong use (a missing or wrong setting or option).
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from salesloft_pipeline.told import TellingGroup

if TYPE_CHECKING:
    from salesloft_pipeline.salesloft.endpoints import Endpoint


@click.group(cls=TellingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salesloft-pipeline")
def main() -> None:
    """SalesLoft data in a warehouse you own."""


@main.command()
def demo() -> None:
    """Run everything once on a simulated SalesLoft, without an account.

    Example: salesloft-pipeline demo
    """
    from salesloft_pipeline.demo import run_demo

    run_demo()


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port of Dagster's UI on 127.0.0.1.")
def dev(port: int) -> None:
    """Run Dagster's UI and daemon here until Ctrl-C; without a key, on a simulated SalesLoft.

    Example: salesloft-pipeline dev --port 3000
    """
    from salesloft_pipeline.dev import run_dev

    run_dev(port)


@main.command()
@click.option("--code", help="What the browser brought, or the whole address it ended at.", metavar="CODE")
def authorize(code: str | None) -> None:
    """Let your OAuth app read SalesLoft: opens a door for the browser and keeps the tokens it is given.

    Example: salesloft-pipeline authorize
    """
    from salesloft_pipeline.authorize import run_authorize

    run_authorize(code)


@main.command()
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
    from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    endpoints = _chosen(only) if only else ENDPOINTS
    client, warehouse = connections.salesloft(settings), connections.warehouse(settings)
    with progress.shown(Console(stderr=True, quiet=as_json), settings.salesloft_cost_per_minute) as watch:
        report = pipeline.sync(
            client, warehouse, endpoints=endpoints, start=settings.start, full=full, watch=watch
        )
    for refusal in report.refusals:
        click.echo(refusal, err=True)
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else str(report))


@main.command()
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
    endpoints = _chosen(only) if only else ENDPOINTS
    planned = planning.plan(client, warehouse, endpoints, start=settings.start, full=full)
    if as_json:
        click.echo(json.dumps(planned.as_dict(), indent=2))
    else:
        Console().print(progress.table_of(planned))


@main.group()
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

    found = compare(connections.salesloft(load_settings()), _chosen(only) if only else ENDPOINTS)
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in found], indent=2))
    else:
        Console().print(progress.table_of_differences(found))
    sys.exit(1 if any(each.differences for each in found) else 0)


@main.command()
@click.option("--person-id", "named", type=int, multiple=True, help="SalesLoft's id of a person; repeatable.")
@click.option("--requests", is_flag=True, help="Also everybody whom SalesLoft was asked to forget.")
@click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")
def erase(named: tuple[int, ...], requests: bool, yes: bool) -> None:
    """Remove people from everything that is kept here, for good, and keep them from coming back.

    Example: salesloft-pipeline erase --person-id 123 --person-id 456
    """
    from salesloft_pipeline.erase import people_to_erase, run_erase, words_for
    from salesloft_pipeline.settings import load_settings

    if not named and not requests:
        raise click.UsageError("whom? --person-id 123, or --requests for those SalesLoft was asked to forget")
    settings = load_settings()
    people = people_to_erase(settings, named, requests=requests)
    if not people:
        click.echo("nobody is waiting to be forgotten")
        return
    if not yes:
        listed = ", ".join(map(str, people))
        click.confirm(f"Remove {len(people)} of SalesLoft's people ({listed}) for good?", abort=True)
    traces, deeds = run_erase(settings, people)
    click.echo("\n".join(words_for(traces, deeds)))
    sys.exit(0 if all(deed.done for deed in deeds) else 1)


def _chosen(names: str) -> list[Endpoint]:
    from salesloft_pipeline.salesloft.endpoints import BY_NAME

    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in BY_NAME]:
        raise click.BadParameter(
            f"no resource is called {' or '.join(unknown)}: choose from {', '.join(sorted(BY_NAME))}",
            param_hint="--only",
        )
    return [BY_NAME[name] for name in wanted]


@main.command()
@click.option("--host", help="Address to listen on; RECEIVER_HOST when left out.")
@click.option("--port", type=int, help="Port to listen on; RECEIVER_PORT when left out.")
@click.option("--demo", is_flag=True, help="Believe a published token, on this machine only.")
def receiver(host: str | None, port: int | None, demo: bool) -> None:
    """Receive SalesLoft's webhooks: verify, keep on the disk, answer. Until Ctrl-C or SIGTERM.

    Example: salesloft-pipeline receiver --port 8088
    """
    from salesloft_pipeline.receiver import run_receiver
    from salesloft_pipeline.settings import load_settings

    run_receiver(load_settings(), host=host, port=port, demo=demo)


@main.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def simulator(options: tuple[str, ...]) -> None:
    """Serve a simulated SalesLoft on this machine.

    Example: salesloft-pipeline simulator --port 8400 --people 2000 --emails 20000
    """
    from salesloft_pipeline.simulator.__main__ import main as serve

    serve(options)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check the settings, the key, the budget and the warehouse, one line each.

    Example: salesloft-pipeline doctor
    """
    from salesloft_pipeline.doctor import examine

    findings = examine()
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(str(finding))
    sys.exit(0 if all(finding.well for finding in findings) else 1)
