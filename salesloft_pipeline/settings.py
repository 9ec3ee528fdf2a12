"""The one reader of the environment: everything that can be set, what it means, and what it is by default.

environment, else .env  ->  load_settings()  ->  one frozen Settings, handed to whoever needs it
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no time zone has this name: write an IANA name such as UTC or America/New_York")
    return name


def _web_address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("this is no web address: it begins with https://")
    return url.rstrip("/")


def _database_url(url: str) -> str:
    if not url.startswith(("duckdb:///", "postgresql://")):
        raise ValueError("write duckdb:///<path> or postgresql://<user>@<host>/<database>")
    return url


class Settings(BaseSettings):
    """Every setting, named in the environment in capitals. Descriptions are what .env.example says."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    salesloft_api_key: SecretStr | None = Field(
        None,
        description="An admin's API key from SalesLoft, Settings, API keys. Without it, use the simulator.",
    )
    salesloft_api_url: Annotated[str, AfterValidator(_web_address)] = Field(
        "https://api.salesloft.com/v2",
        description="Where the API answers; the simulator prints its own address.",
    )
    salesloft_cost_per_minute: int = Field(
        600, ge=1, description="Cost points that SalesLoft grants your team per clock minute."
    )
    salesloft_budget_share: float = Field(
        0.8, gt=0, le=1, description="The part of these points that we may use; the rest is left to others."
    )
    salesloft_start_date: date | None = Field(
        None,
        description="Oldest change to read at the first sync, such as 2024-01-01; empty reads everything.",
    )
    warehouse_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "duckdb:///data/warehouse.duckdb",
        description="Where the tables live: duckdb:///<path> or postgresql://<user>@<host>/<database>.",
    )
    reporting_time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC",
        description="IANA name of the zone whose calendar days the marts use, such as America/New_York.",
    )

    @property
    def start(self) -> datetime | None:
        """SALESLOFT_START_DATE as an instant: midnight UTC."""
        day = self.salesloft_start_date
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    def required_api_key(self) -> str:
        """The key in clear, for the client alone. Raises SettingsError where there is none."""
        key = self.salesloft_api_key.get_secret_value() if self.salesloft_api_key else ""
        if not key:
            raise SettingsError(
                "SALESLOFT_API_KEY is not set: put your API key into .env, or try everything without an account "
                "by `salesloft-pipeline demo`"
            )
        return key


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. Raises SettingsError that names each wrong setting, never its value."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        problems = [
            f"{str(p['loc'][0]).upper()}: {p['msg'].removeprefix('Value error, ')}" for p in error.errors()
        ]
        raise SettingsError("\n".join(problems)) from None
