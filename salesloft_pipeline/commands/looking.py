"""What people look at, out of the serving copy: the dashboard, the report, and tables as files."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from salesloft_pipeline.reporting import Made


@click.command()
@click.option("--open", "opened", is_flag=True, help="Show it in the browser of this machine.")
def dashboard(opened: bool) -> None:
    """Write the dashboard, one HTML file that needs no server, out of the serving copy.

    With SERVING_URL the copy is taken from there, and the page goes there too.
    Example: salesloft-pipeline dashboard --open
    """
    from salesloft_pipeline.dashboard import build_dashboard
    from salesloft_pipeline.served import copy_at_hand, hand_on
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    path = build_dashboard(copy_at_hand(settings), settings.serving_folder)
    hand_on(settings, path)
    click.echo(f"wrote {path}")
    if opened and not webbrowser.open(path.resolve().as_uri()):
        click.echo("no browser was found here: open the file in one", err=True)


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet", "xlsx"]), default="csv", show_default=True
)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--only", help="Tables of the mart, separated by commas; all when left out.")
def export(form: Literal["csv", "parquet", "xlsx"], folder: Path, only: str | None) -> None:
    """Write tables of the mart as files, one each, out of the serving copy: that of SERVING_URL where it is set.

    Example: salesloft-pipeline export --format csv --to export --only daily_engagement,dim_user
    """
    from salesloft_pipeline.served import copy_at_hand
    from salesloft_pipeline.settings import load_settings
    from salesloft_pipeline.transform.serving import SERVED, export

    tables = [name.strip() for name in only.split(",")] if only else list(SERVED)
    if unknown := [name for name in tables if name not in SERVED]:
        raise click.BadParameter(
            f"the serving copy has no table {' or '.join(unknown)}: choose from {', '.join(sorted(SERVED))}",
            param_hint="--only",
        )
    rows = export(copy_at_hand(load_settings()), folder, form, tables)
    for name, count in rows.items():
        click.echo(f"{folder / f'{name}.{form}'}  {count:,} rows")


@click.command()
@click.argument("name", type=click.Choice(["daily", "weekly", "monthly"]), default="daily")
@click.option(
    "--audience",
    "named",
    help="all, or ids of teams, separated by commas; all whom REPORT_TO names when left out.",
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to report on; today when left out."
)
@click.option("--send", is_flag=True, help="Send it; without this, it is only written and shown.")
@click.option("--json", "as_json", is_flag=True, help="Print reports and what became of them as JSON.")
def report(
    name: Literal["daily", "weekly", "monthly"],
    named: str | None,
    day: datetime | None,
    send: bool,
    as_json: bool,
) -> None:
    """Write the engagement report: daily, weekly or monthly. Sends it with --send only, to each audience once.

    Exit code 1 where a way failed. Example: salesloft-pipeline report weekly --audience all,5392 --send
    """
    from salesloft_pipeline.reporting import run_report
    from salesloft_pipeline.settings import load_settings

    today = day.date() if day else None
    made = run_report(load_settings(), name, today=today, audiences=_audiences(named), send=send)
    lines = [json.dumps([_as_dict(each) for each in made], indent=2)] if as_json else _told(made, send)
    click.echo("\n".join(lines))
    sys.exit(any(outcome.state == "failed" for each in made for outcome in each.outcomes))


def _audiences(named: str | None) -> list[int | None] | None:
    try:
        return [None if each.strip() == "all" else int(each) for each in named.split(",")] if named else None
    except ValueError:
        raise click.BadParameter("write all, or ids of teams such as 5392", param_hint="--audience") from None


def _as_dict(made: Made) -> dict[str, Any]:
    return {
        "report": json.loads(made.content.as_json()),
        "files": list(map(str, made.paths)),
        "outcomes": [asdict(outcome) for outcome in made.outcomes],
    }


def _told(made: Sequence[Made], send: bool) -> Iterator[str]:
    """The first report itself; of all, where they were written and what became of them."""
    from salesloft_pipeline.report import markdown

    yield markdown(made[0].content)
    yield from (f"wrote {path}" for each in made for path in each.paths)
    yield from (str(outcome) for each in made for outcome in each.outcomes)
    if not send:
        yield "nothing was sent: this was a dry run; --send sends it to whom REPORT_TO names"
