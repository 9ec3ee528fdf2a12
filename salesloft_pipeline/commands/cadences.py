"""Cadences: looking at them, making them out of files, putting people on them and taking people off."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_HOW = (
    click.option("--cadence", "named", required=True, metavar="NAME|ID", help="Which cadence."),
    click.option(
        "--file",
        "path",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="CSV or Parquet with a column named as --match says.",
    ),
    click.option(
        "--person-id", "ids", type=int, multiple=True, help="SalesLoft's id of a person; repeatable."
    ),
    click.option("--email", "addresses", multiple=True, help="Address of a person; repeatable."),
    click.option(
        "--match",
        type=click.Choice(["id", "crm_id", "email_address"]),
        default="email_address",
        show_default=True,
        help="What the file knows people by.",
    ),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N changes."),
    click.option("--apply", is_flag=True, help="Write it; without this, only the plan is shown."),
    click.option("--json", "as_json", is_flag=True, help="Print plan and results as JSON."),
)


def _how(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_HOW):
        command = option(command)
    return command


@click.group()
def cadences() -> None:
    """List, show, import and export cadences; put people on them and take people off.

    Example: salesloft-pipeline cadences list
    """


@cadences.command("list")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Only the N that most people were added to."
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(limit: int | None, as_json: bool) -> None:
    """Every cadence with how many people it reached and what came of it, out of the marts.

    Example: salesloft-pipeline cadences list
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.reverse_sync.cadences import listed
    from salesloft_pipeline.settings import load_settings

    _print(listed(connections.warehouse(load_settings()))[:limit], as_json)


@cadences.command()
@click.argument("cadence_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(cadence_id: int, as_json: bool) -> None:
    """One cadence, and each of its steps with what came of it, out of the marts.

    Example: salesloft-pipeline cadences show 123
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.reverse_sync.cadences import listed, steps
    from salesloft_pipeline.settings import load_settings

    warehouse = connections.warehouse(load_settings())
    known = listed(warehouse)
    one = known[known["cadence_id"] == cadence_id]
    if one.empty:
        raise click.BadParameter(
            f"there is no cadence {cadence_id}: `salesloft-pipeline cadences list` shows them"
        )
    if as_json:
        (head,) = json.loads(one.to_json(orient="records"))
        rows = json.loads(steps(warehouse, cadence_id).to_json(orient="records"))
        click.echo(json.dumps({**head, "steps": rows}, indent=2))
        return
    click.echo(one.iloc[0].to_string() + "\n")
    _print(steps(warehouse, cadence_id), as_json)


@cadences.command()
@click.argument("cadence_id", type=int)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there, not to the screen."
)
def export(cadence_id: int, output: Path | None) -> None:
    """One cadence as JSON that `cadences import` takes: settings, sharing and steps, without ids.

    Example: salesloft-pipeline cadences export 123 --output outbound.json
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.reverse_sync.cadences import export as exporting
    from salesloft_pipeline.settings import load_settings

    text = json.dumps(exporting(connections.salesloft(load_settings()), cadence_id), indent=2)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)


@cadences.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--apply", is_flag=True, help="Make it; without this, the file is only checked.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def import_(path: Path, apply: bool, as_json: bool) -> None:
    """Make a cadence out of a JSON or YAML file, once: the same content again makes no second one.

    Example: salesloft-pipeline cadences import outbound.json --apply
    """
    from salesloft_pipeline.reverse_sync.cadences import import_cadence, load_cadence, name_of

    content = load_cadence(path)
    days = content["cadence_content"]["step_groups"]
    count = sum(len(day["steps"]) for day in days)
    told: dict[str, Any] = {"name": name_of(content), "days": len(days), "steps": count, "cadence_id": None}
    outcome = "nothing was made: this was a dry run; --apply makes it"
    if apply:
        desk = _desk()
        desk.settle()
        cadence_id, now = import_cadence(desk.client, desk.ledger, content)
        desk.lookups.forget_cadence(name_of(content))
        outcome = f"made cadence {cadence_id}" if now else f"this content is cadence {cadence_id} already"
        told |= {"cadence_id": cadence_id, "made": now}
    if as_json:
        click.echo(json.dumps({"applied": apply, **told}, indent=2))
    else:
        click.echo(f"{told['name'] or 'steps for a cadence'}: {count} steps on {len(days)} days\n{outcome}")


@cadences.command()
@_how
@click.option("--user", metavar="ADDRESS|ID", help="For whom; the key's own user when left out.")
@click.option("--step-id", type=int, help="Begin at this step; the first when left out.")
@click.option(
    "--consent", metavar="COLUMN", help="Column of the file: may this resident of the EU be contacted?"
)
@click.option(
    "--recent-days", type=int, default=90, show_default=True, help="Skip who was added within these days."
)
def enroll(user: str | None, step_id: int | None, recent_days: int, **how: Any) -> None:
    """Put people on a cadence. Shows who would be and who not, and why; writes with --apply only.

    Exit code 1 where a row was wrong or a write failed.
    Example: salesloft-pipeline cadences enroll --cadence 123 --file people.csv --apply
    """
    from salesloft_pipeline.reverse_sync.desk import How

    _carried_out("enroll", "enrolled", How(user, step_id, recent_days), **how)


@cadences.command()
@_how
def remove(**how: Any) -> None:
    """Take people off a cadence. Shows who would be; writes with --apply only.

    Exit code 1 where a row was wrong or a write failed.
    Example: salesloft-pipeline cadences remove --cadence 123 --person-id 456 --apply
    """
    from salesloft_pipeline.reverse_sync.desk import How

    _carried_out("remove", "removed", How(), **how)


def _desk() -> Any:
    from salesloft_pipeline import connections
    from salesloft_pipeline.ingest import ops
    from salesloft_pipeline.reverse_sync.cache import open_cache
    from salesloft_pipeline.reverse_sync.desk import Desk
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    warehouse = connections.warehouse(settings)
    ops.create_tables(warehouse)
    return Desk(connections.salesloft(settings), warehouse, open_cache(settings.cache_at))


def _carried_out(
    kind: Any,
    done: str,
    how: Any,
    *,
    named: str,
    path: Path | None,
    match: str,
    consent: str | None = None,
    ids: tuple[int, ...],
    addresses: tuple[str, ...],
    as_json: bool,
    **asked: Any,
) -> None:
    from rich.console import Console

    from salesloft_pipeline import progress
    from salesloft_pipeline.reverse_sync import words
    from salesloft_pipeline.reverse_sync.desk import Whom

    if (path is None) == (not ids and not addresses):
        raise click.UsageError(
            "whom? either --person-id 123 or --email ann@example.com (both repeatable), or --file people.csv"
        )
    with progress.counted(Console(stderr=True, quiet=as_json), kind) as watch:
        whom = Whom(path, match, consent, ids, addresses)
        report = _desk().enrollment(kind, whom, named, how, watch=watch, **asked)
    counts = words.of_memberships(report, done)
    if as_json:
        click.echo(json.dumps({"report": counts, **words.as_json(report)}, indent=2))
    else:
        told = ", ".join(f"{number:,} {reason}" for reason, number in counts["reasons"].items())
        summary = f"{done} {counts[done]:,}, skipped {counts['skipped']:,}, failed {counts['failed']:,}"
        click.echo("\n".join([*words.words_for(report), summary + (f": {told}" if told else "")]))
    sys.exit(0 if report.well else 1)


def _print(frame: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(json.loads(frame.to_json(orient="records", date_format="iso")), indent=2))
    else:
        click.echo(frame.to_string(index=False) if len(frame) else "none")
