"""`doctor`: is everything in place? One finding per part, each with what to do when it is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from salesloft_pipeline import connections
from salesloft_pipeline.ingest import identity, ops
from salesloft_pipeline.landing import LandingError, State
from salesloft_pipeline.receiver import WEBHOOKS, tokens_of
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Reading
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.salesloft.sampling import sample
from salesloft_pipeline.salesloft.subscriptions import fault_at
from salesloft_pipeline.settings import Settings, SettingsError, load_settings
from salesloft_pipeline.warehouse import Warehouse, WarehouseError


@dataclass(frozen=True)
class Finding:
    """One part: its name, whether it is well, and one line about it."""

    part: str
    well: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'FAIL'}  {self.part:<10} {self.words}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return asdict(self)


def examine() -> list[Finding]:
    """All findings, settings first. Never raises for something that is merely not well."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Finding("settings", False, str(error))]
    return [
        Finding("settings", True, "all readable"),
        *_salesloft(settings),
        _part("warehouse", _warehouse, settings),
        _part("landing", _landing, settings),
        _part("receiver", _receiver, settings),
    ]


def _salesloft(settings: Settings) -> Iterator[Finding]:
    yield (key := _part("key", _identity, settings))
    if key.well:
        client = connections.salesloft(settings)
        yield _part("team", lambda each: _team(client, connections.warehouse(each)), settings)
        yield _part("budget", lambda _: _budget(client), settings)
        yield _part("access", lambda _: _access(client), settings)


def _part(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, look(settings))
    except (SettingsError, SalesloftError, WarehouseError, LandingError, _Unwell) as error:
        return Finding(name, False, str(error))


class _Unwell(Exception):
    """Everything answers, and yet something has to be done; the message says what."""


def _identity(settings: Settings) -> str:
    client = connections.salesloft(settings)
    me, team = client.get("/me").data, client.get("/team").data
    role = (me.get("role") or {}).get("id")
    advice = "" if role == "Admin" else ": only an admin's key sees everything a warehouse wants"
    return f"user {me.get('id')} with role {role} of team {team.get('id')} at {settings.salesloft_api_url}{advice}"


def _team(client: SalesloftClient, warehouse: Warehouse) -> str:
    ours, theirs = identity.team_of(client), identity.team_in(warehouse)
    if theirs not in (None, ours):
        raise _Unwell(
            f"the warehouse holds the data of team {theirs}, and the key belongs to team {ours}: no sync will run. Use "
            "a warehouse of its own for each team (WAREHOUSE_URL), or the right key"
        )
    return f"the warehouse holds the data of team {ours}" if theirs else "the warehouse is still nobody's"


def _budget(client: SalesloftClient) -> str:
    return f"{client.budget.left_this_minute} points are ours to spend in what is left of this minute"


def _access(client: SalesloftClient) -> str:
    """One record of each list, as long as this minute's points allow: nobody waits a minute for a doctor."""
    lists = [endpoint for endpoint in ENDPOINTS if endpoint.reading is not Reading.PER_PARENT]
    if client.budget.left_this_minute < len(lists):
        return f"not asked, because it takes {len(lists)} points: try again in the next minute"
    refused = [each for each in sample(client, lists, rows=1) if each.refusal]
    if not refused:
        return f"the key may read all {len(lists)} lists"
    closed = ", ".join(f"{each.endpoint.name} ({each.endpoint.scope})" for each in refused)
    return f"the key may read {len(lists) - len(refused)} of {len(lists)} lists, and not (needs): {closed}"


def _warehouse(settings: Settings) -> str:
    warehouse = connections.warehouse(settings)
    if warehouse.path and not warehouse.path.exists():
        return f"{warehouse.path} is not there yet: the first sync makes it"
    until = ops.loaded_until(warehouse)
    return f"{warehouse!r} answers; " + (
        f"loaded until {until:%Y-%m-%d %H:%M} UTC" if until else "no sync has ended yet"
    )


def _landing(settings: Settings) -> str:
    landing = connections.landing(settings)
    if landing.path and not landing.path.exists():
        return f"{landing.path} is not there yet: the first webhook makes it"
    counts, oldest = landing.counts(), landing.oldest_pending()
    waiting = f"{counts[State.PENDING]} wait since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none waits"
    refused = ", ".join(f"{count} {reason}" for reason, count in sorted(landing.quarantined().items()))
    return (
        f"{landing!r} answers; {counts[State.INGESTED]} deliveries are in the warehouse, {waiting}"
        f"{f'; in quarantine: {refused}' if refused else ''}"
    )


def _receiver(settings: Settings) -> str:
    if not (settings.salesloft_webhook_tokens or settings.salesloft_webhook_tokens_file):
        return "not in use: SALESLOFT_WEBHOOK_TOKENS is not set"
    tokens = tokens_of(settings)
    names = ", ".join(token.name for token in tokens)
    address = f"http://{settings.receiver_host}:{settings.receiver_port}{WEBHOOKS}"
    fault = fault_at(address)
    where = f"not on this machine ({fault} at {address})" if fault else f"answers at {address}"
    return f"{where}; tokens: {names}"
