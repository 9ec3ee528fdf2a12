"""`doctor`: is everything in place? One finding per part, each with what to do when it is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from salesloft_pipeline import connections
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.settings import Settings, SettingsError, load_settings
from salesloft_pipeline.warehouse import WarehouseError


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
    ]


def _salesloft(settings: Settings) -> Iterator[Finding]:
    yield (identity := _part("key", _identity, settings))
    if identity.well:
        yield _part("budget", _budget, settings)


def _part(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, look(settings))
    except (SettingsError, SalesloftError, WarehouseError) as error:
        return Finding(name, False, str(error))


def _identity(settings: Settings) -> str:
    client = connections.salesloft(settings)
    me, team = client.get("/me").data, client.get("/team").data
    role = (me.get("role") or {}).get("id")
    advice = "" if role == "Admin" else ": only an admin's key sees everything a warehouse wants"
    return f"user {me.get('id')} with role {role} of team {team.get('id')} at {settings.salesloft_api_url}{advice}"


def _budget(settings: Settings) -> str:
    client = connections.salesloft(settings)
    client.get("/me")
    return f"{client.budget.left_this_minute} points are ours to spend in what is left of this minute"


def _warehouse(settings: Settings) -> str:
    warehouse = connections.warehouse(settings)
    if warehouse.path and not warehouse.path.exists():
        return f"{warehouse.path} is not there yet: the first sync makes it"
    until = ops.loaded_until(warehouse)
    return f"{warehouse!r} answers; " + (
        f"loaded until {until:%Y-%m-%d %H:%M} UTC" if until else "no sync has ended yet"
    )
