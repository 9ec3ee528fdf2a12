"""Webhook subscriptions in SalesLoft: made, listed, removed, verified."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from salesloft_pipeline.salesloft.client import SalesloftClient
    from salesloft_pipeline.salesloft.subscriptions import Subscription
    from salesloft_pipeline.salesloft.webhooks import WebhookToken

Found = tuple["SalesloftClient", dict[str, "WebhookToken"], list["Subscription"]]
WELL = ("ok", "made", "enabled", "removed")

_url = click.option(
    "--url", required=True, help="Where SalesLoft reaches your receiver.", metavar="https://..."
)
_only = click.option("--only", default="", help="Event types, separated by commas.", metavar="EVENTS")
_stale = click.option(
    "--stale", is_flag=True, help="Only those that are signed with another token than ours now."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group()
def webhooks() -> None:
    """Subscribe to SalesLoft's webhooks, one subscription for each event type.

    Example: salesloft-pipeline webhooks subscribe --url https://hooks.example.com/webhooks/salesloft
    """


@webhooks.command()
@_options(_url, _only, _dry_run, _json)
def subscribe(url: str, only: str, dry_run: bool, as_json: bool) -> None:
    """Make what is missing and enable what is disabled; each is signed with the token that is bound to its event.

    Repeating it changes nothing. Exit code 1 where something is not as it should be, also of a dry run.
    Example: salesloft-pipeline webhooks subscribe --url https://hooks.example.com/webhooks/salesloft --dry-run
    """
    from salesloft_pipeline.salesloft import subscriptions

    client, signed_by, found = _found(url, only)
    well = _show(found if dry_run else subscriptions.subscribe(client, url, signed_by, found), as_json)
    sys.exit(0 if well else 1)


@webhooks.command("list")
@_json
def list_(as_json: bool) -> None:
    """List every subscription of the team, wherever it leads; never a token.

    Example: salesloft-pipeline webhooks list
    """
    from salesloft_pipeline import connections
    from salesloft_pipeline.salesloft import subscriptions
    from salesloft_pipeline.settings import load_settings

    shown = ("id", "event_type", "enabled", "callback_url")
    records = [
        {name: each.get(name) for name in shown}
        for each in subscriptions.there(connections.salesloft(load_settings()))
    ]
    if as_json:
        click.echo(json.dumps(records, indent=2))
        return
    for each in records:
        click.echo(
            f"{each['id']:<10} {'enabled ' if each['enabled'] else 'DISABLED'}  {each['event_type']:<34} "
            f"{each['callback_url']}"
        )


@webhooks.command()
@_options(_url, _only, _stale, _dry_run, _json)
def remove(url: str, only: str, stale: bool, dry_run: bool, as_json: bool) -> None:
    """Delete the subscriptions that lead to an address, whatever their token, or those that a new token left behind.

    Example: salesloft-pipeline webhooks remove --url https://hooks.example.com/webhooks/salesloft
    """
    from salesloft_pipeline.salesloft import subscriptions

    client, _, found = _found(url, only)
    listed = [each for each in found if each.id is not None and (each.state == "stale" or not stale)]
    _show(listed if dry_run else subscriptions.remove(client, listed), as_json)


@webhooks.command()
@_options(_url, _only, _json)
def verify(url: str, only: str, as_json: bool) -> None:
    """Does everything that is wanted reach us? Looks at the subscriptions and whether a receiver answers; sends nothing.

    Exit code 1 where not. Example: salesloft-pipeline webhooks verify --url https://hooks.example.com/webhooks/salesloft
    """
    from salesloft_pipeline.salesloft import subscriptions

    _, _, found = _found(url, only)
    fault = subscriptions.fault_at(url)
    click.echo(f"{url}: {fault or 'a receiver answers'}", err=as_json)
    sys.exit(0 if _show(found, as_json) and fault is None else 1)


def _found(url: str, only: str) -> Found:
    """The client, what is wanted, and how it compares with what is there."""
    from salesloft_pipeline import connections
    from salesloft_pipeline.receiver import tokens_of
    from salesloft_pipeline.salesloft import subscriptions
    from salesloft_pipeline.settings import load_settings

    settings = load_settings()
    names = [name.strip() for name in only.split(",") if name.strip()]
    try:
        signed_by = subscriptions.wanted(tokens_of(settings), names)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from None
    client = connections.salesloft(settings)
    found = subscriptions.compare(subscriptions.there(client), url, signed_by)
    return client, signed_by, [each for each in found if not names or each.event_type in names]


def _show(found: Iterable[Subscription], as_json: bool) -> bool:
    """Print one line for each as it comes. Are all as they should be?"""
    shown = []
    for each in found:
        shown.append(each)
        if not as_json:
            line = f"{each.state:<9} {each.event_type:<34} {each.id or '':<10} {each.token or ''}"
            click.echo(line.rstrip())
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in shown], indent=2))
    return all(each.state in WELL for each in shown)
