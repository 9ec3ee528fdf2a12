"""What is between SalesLoft and us: authorize, doctor, erase."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.option("--code", help="What the browser brought, or the whole address it ended at.", metavar="CODE")
def authorize(code: str | None) -> None:
    """Let your OAuth app read SalesLoft: opens a door for the browser and keeps the tokens it is given.

    Example: salesloft-pipeline authorize
    """
    from salesloft_pipeline.authorize import run_authorize

    run_authorize(code)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--bundle",
    is_flag=False,
    flag_value="salesloft-pipeline-bundle.tar.gz",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write what a helper needs into one file: no secret and no address of a person is in it.",
)
def doctor(as_json: bool, bundle: Path | None) -> None:
    """Look at settings, key, team, budget, lists, clock, warehouse, disk, files, landing, receiver and Dagster, a line each.

    Exit code 1 where something is broken; a warning is no failure.

    Example: salesloft-pipeline doctor --bundle
    """
    from salesloft_pipeline.doctor import examine, write_bundle
    from salesloft_pipeline.settings import load_settings

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(str(finding))
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    if bundle:
        write_bundle(load_settings(), findings, bundle)
        click.echo(f"wrote {bundle}: look into it before you pass it on", err=True)
    sys.exit(1 if any(finding.state == "fail" for finding in findings) else 0)


@click.command()
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
