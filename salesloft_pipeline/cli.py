"""The front door: `salesloft-pipeline <command>`. Each command hands over to its room; nothing is decided here.

Exit codes: 0 done, 1 failed, 2 wrong use (a missing or wrong setting or option).
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from salesloft_pipeline.salesloft.endpoints import Endpoint


class _Refusal(click.ClickException):
    """Wrong use: one line that says what to do, exit code 2."""

    exit_code = 2


class _Front(click.Group):
    """Turns the errors that teach into one message without a traceback; everything else is a defect and shows it."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise _explained(error) from error


def _explained(error: Exception) -> Exception:
    # Imported here, so that `--help` answers at once.
    from salesloft_pipeline.demo import DemoError
    from salesloft_pipeline.ingest.pipeline import SyncFailed
    from salesloft_pipeline.salesloft.errors import SalesloftError, Unauthorized
    from salesloft_pipeline.settings import SettingsError
    from salesloft_pipeline.warehouse import WarehouseError

    if isinstance(error, SettingsError | Unauthorized):
        return _Refusal(str(error))
    if isinstance(error, SyncFailed | SalesloftError | WarehouseError | DemoError):
        return click.ClickException(str(error))
    return error


@click.group(cls=_Front, context_settings={"help_option_names": ["-h", "--help"]})
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
    with progress.shown(Console(stderr=True, quiet=as_json), settings.salesloft_cost_per_minute) as watch:
        report = pipeline.sync(
            connections.salesloft(settings),
            connections.warehouse(settings),
            endpoints=_chosen(only) if only else ENDPOINTS,
            start=settings.start,
            full=full,
            watch=watch,
        )
    click.echo(json.dumps(report.as_dict(), indent=2) if as_json else str(report))


def _chosen(names: str) -> list[Endpoint]:
    from salesloft_pipeline.salesloft.endpoints import BY_NAME

    wanted = [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in BY_NAME]:
        raise click.BadParameter(
            f"no resource is called {' or '.join(unknown)}: choose from {', '.join(sorted(BY_NAME))}",
            param_hint="--only",
        )
    return [BY_NAME[name] for name in wanted]


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
