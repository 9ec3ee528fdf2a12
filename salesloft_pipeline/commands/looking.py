"""What people look at, out of the serving copy: the dashboard, and tables as files."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Literal

import click


@click.command()
@click.option("--open", "opened", is_flag=True, help="Show it in the browser of this machine.")
def dashboard(opened: bool) -> None:
    """Write the dashboard, one HTML file that needs no server, out of the serving copy.

    Example: salesloft-pipeline dashboard --open
    """
    from salesloft_pipeline.dashboard import build_dashboard
    from salesloft_pipeline.settings import load_settings
    from salesloft_pipeline.transform.serving import serving_copy

    folder = load_settings().serving_folder
    path = build_dashboard(serving_copy(folder), folder)
    click.echo(f"wrote {path}")
    if opened and not webbrowser.open(path.resolve().as_uri()):
        click.echo("no browser was found here: open the file in one", err=True)


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--only", help="Tables of the mart, separated by commas; all when left out.")
def export(form: Literal["csv", "parquet"], folder: Path, only: str | None) -> None:
    """Write tables of the mart as files, one each, out of the serving copy.

    Example: salesloft-pipeline export --format csv --to export --only daily_engagement,dim_user
    """
    from salesloft_pipeline.settings import load_settings
    from salesloft_pipeline.transform.serving import SERVED, export, serving_copy

    tables = [name.strip() for name in only.split(",")] if only else list(SERVED)
    if unknown := [name for name in tables if name not in SERVED]:
        raise click.BadParameter(
            f"the serving copy has no table {' or '.join(unknown)}: choose from {', '.join(sorted(SERVED))}",
            param_hint="--only",
        )
    rows = export(serving_copy(load_settings().serving_folder), folder, form, tables)
    for name, count in rows.items():
        click.echo(f"{folder / f'{name}.{form}'}  {count:,} rows")
