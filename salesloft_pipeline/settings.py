"""The one reader of the environment: everything that can be set, what it means, and what it is by default.

environment, else .env  ->  load_settings()  ->  one frozen Settings, handed to whoever needs it
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

LogFormat: TypeAlias = Literal["text", "json"]


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


def _mail_server(url: SecretStr | None) -> SecretStr | None:
    if url and not url.get_secret_value().startswith(("smtp://", "smtps://")):
        raise ValueError(
            "write smtp://<user>:<password>@<host>:<port>, or smtps://<...> for TLS from the start"
        )
    return url


def _landing_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://")) or not url.partition("://")[2].strip("/"):
        raise ValueError("write sqlite:///<path> or postgresql://<user>@<host>/<database>")
    return url


class Settings(BaseSettings):
    """Every setting, named in the environment in capitals. Descriptions are what .env.example says."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    salesloft_api_key: SecretStr | None = Field(
        None,
        description="An admin's API key from SalesLoft, Settings, API keys. Goes before OAuth; without either, use the simulator.",
    )
    salesloft_oauth_client_id: str | None = Field(
        None, description="Instead of a key: the id of your OAuth application in SalesLoft."
    )
    salesloft_oauth_client_secret: SecretStr | None = Field(
        None, description="The secret of that application."
    )
    salesloft_oauth_token_file: Path | None = Field(
        None,
        description="File that `salesloft-pipeline authorize` writes its tokens to; empty: a private app acts for itself.",
    )
    salesloft_oauth_redirect_uri: Annotated[str, AfterValidator(_web_address)] = Field(
        "http://127.0.0.1:8912/callback",
        description="Where the browser brings the answer to `authorize`; the same as in your application.",
    )
    salesloft_oauth_scopes: str | None = Field(
        None,
        description="Scopes a private app asks for, such as people:read emails:read; empty takes what it was granted.",
    )
    salesloft_oauth_url: Annotated[str, AfterValidator(_web_address)] = Field(
        "https://accounts.salesloft.com",
        description="Where OAuth answers; for the simulator its address without /v2.",
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
    serving_folder: Path = Field(
        Path("data/serving"),
        description="Folder of what people look at: the copy of the mart for BI tools, and the dashboard.",
    )
    serving_url: str | None = Field(
        None,
        description="With several machines: the store that these files go to as well, such as s3://<bucket>/<folder>.",
    )
    landing_url: Annotated[str, AfterValidator(_landing_url)] = Field(
        "sqlite:///data/landing.sqlite",
        description="Where webhook deliveries wait: sqlite:///<path>, or postgresql://<user>@<host>/<database> for several receivers.",
    )
    salesloft_webhook_tokens: SecretStr | None = Field(
        None,
        description="callback_token of each webhook subscription, 32 characters or more, as [name=]token[@event+event], separated by commas.",
    )
    salesloft_webhook_tokens_file: Path | None = Field(
        None, description="Instead: a file that holds the same, one a line."
    )
    receiver_host: str = Field(
        "127.0.0.1",
        description="Address that the receiver listens on; a proxy that speaks TLS belongs before it.",
    )
    receiver_port: int = Field(8088, ge=0, le=65535, description="Port that the receiver listens on.")
    receiver_max_body_bytes: int = Field(
        1_048_576, ge=1, description="Longest delivery that the receiver takes, in bytes."
    )
    cache_url: SecretStr | None = Field(
        None,
        description="Where look-ups of people, users and cadences are remembered: redis://<host>/<number>; empty: in each process.",
    )
    reporting_time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC",
        description="IANA name of the zone whose calendar days the marts use, such as America/New_York.",
    )
    report_to: SecretStr | None = Field(
        None,
        description="Who gets reports, by audience: all=<address>, or <id of a team>=<address>; more addresses, Slack webhooks and folders after commas.",
    )
    report_from: str | None = Field(
        None, description="Sender of mailed reports, such as reports@example.com; mail needs it."
    )
    smtp_url: Annotated[SecretStr | None, AfterValidator(_mail_server)] = Field(
        None,
        description="Server that takes mail: smtp://<user>:<password>@<host>:<port>, encrypted where it can be, or smtps://<...>.",
    )
    engaged_includes_opens: bool = Field(
        False,
        description="true counts people who opened an email as engaged; scanners and mail programs open much by themselves.",
    )
    connected_by_duration_seconds: int | None = Field(
        None, ge=1, description="Calls of so many seconds are marked connected_by_duration; empty marks none."
    )
    mart_whole_up_to_emails: int = Field(
        500_000,
        ge=0,
        description="With more emails than this, a build changes the large tables of the mart in place.",
    )
    alert_to: SecretStr | None = Field(
        None,
        description="Who is told when runs begin to fail: addresses and Slack webhooks, separated by commas; mail needs REPORT_FROM and SMTP_URL.",
    )
    log_format: LogFormat = Field(
        "text", description="How log lines look: text for people, json for what collects logs."
    )
    sync_metrics_file: Path | None = Field(
        None,
        description="File that each sync run by Dagster writes its metrics to, for Prometheus's node_exporter, such as data/salesloft.prom.",
    )

    @property
    def start(self) -> datetime | None:
        """SALESLOFT_START_DATE as an instant: midnight UTC."""
        day = self.salesloft_start_date
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    @property
    def points_per_minute(self) -> int:
        """The points of a minute that are ours."""
        return int(self.salesloft_cost_per_minute * self.salesloft_budget_share)

    @property
    def cache_at(self) -> str | None:
        """CACHE_URL, which may hold a password: for connecting only."""
        return self.cache_url.get_secret_value() if self.cache_url else None

    @property
    def secrets(self) -> list[str]:
        """The values that nobody may see, for whoever has to find them in a text."""
        return [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]

    @property
    def has_credentials(self) -> bool:
        """Does anything here mean an account of SalesLoft? connections.py says what is still missing."""
        app = self.salesloft_oauth_client_id or self.salesloft_oauth_client_secret
        return bool(self.salesloft_api_key or app)


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. Raises SettingsError that names each wrong setting, never its value."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        problems = [
            f"{str(p['loc'][0]).upper()}: {p['msg'].removeprefix('Value error, ')}" for p in error.errors()
        ]
        raise SettingsError("\n".join(problems)) from None
