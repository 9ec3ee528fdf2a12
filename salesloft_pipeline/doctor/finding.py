"""What a look at one part finds: ok, warn (it works, and yet), fail (it does not); always with what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from salesloft_pipeline import connections
from salesloft_pipeline.dagster_storage import StorageError
from salesloft_pipeline.landing import LandingError
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.settings import Settings, SettingsError
from salesloft_pipeline.warehouse import Warehouse, WarehouseError

State: TypeAlias = Literal["ok", "warn", "fail"]


class Unwell(Exception):
    """Everything answers, and yet it will not work; the message says what to do."""


class Doubtful(Exception):
    """It works, and somebody should look at it; the message says why."""


@dataclass(frozen=True)
class Patient:
    """What is looked at: everything that the settings lead to, made when first asked for."""

    settings: Settings

    @cached_property
    def client(self) -> SalesloftClient:
        """SalesLoft's API; one budget for all looks. Raises SettingsError."""
        return connections.salesloft(self.settings)

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse. Raises WarehouseError."""
        return connections.warehouse(self.settings)


Look: TypeAlias = Callable[[Patient], str]


@dataclass(frozen=True)
class Finding:
    """One part: its name, how it is, and one line about it."""

    part: str
    state: State
    words: str

    def __str__(self) -> str:
        shown = self.state.upper() if self.state == "fail" else self.state
        return f"{shown:<4}  {self.part:<10} {self.words}"

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return asdict(self)


def look_at(part: str, look: Look, patient: Patient) -> Finding:
    """One finding. Only a defect of ours raises."""
    try:
        return Finding(part, "ok", look(patient))
    except Doubtful as doubt:
        return Finding(part, "warn", str(doubt))
    except (SettingsError, SalesloftError, WarehouseError, LandingError, StorageError, Unwell) as error:
        return Finding(part, "fail", str(error))
