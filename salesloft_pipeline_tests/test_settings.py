"""Settings come from the environment and .env, say what is wrong by name, and stand in .env.example."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from salesloft_pipeline import connections
from salesloft_pipeline.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parent.parent
SECRET = "ak_planted_5e0c1f"

_HEAD = "# Copy this file to .env and take the # away from what you set. An empty value counts as not set.\n"
# Dagster makes its storage and its launcher before any of our code runs, so these two are read there.
_BESIDE_SETTINGS = """
# Where Dagster keeps runs and events: postgresql://<user>@<host>/<database>; empty keeps them in data/dagster.
#DAGSTER_POSTGRES_URL=

# Where Celery's workers get the runs from: redis://<host>/<number>; empty runs them beside the code.
#CELERY_BROKER_URL=
"""
_PROFILES = "\n# Three ways to run it, by settings alone."


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests, and no .env."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def example() -> Iterator[str]:
    """What .env.example says: the meaning and the default of every setting, in the order of the class."""
    yield _HEAD
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        yield f"\n# {field.description}\n#{name.upper()}={default}\n"
    yield _BESIDE_SETTINGS


def test_env_example_is_what_the_settings_say() -> None:
    """.env.example names every setting with its meaning and default, and nothing else."""
    settings, _, _ = (ROOT / ".env.example").read_text(encoding="utf-8").partition(_PROFILES)
    assert settings == "".join(example())


def test_env_example_taken_as_it_is_changes_nothing(tmp_path: Path) -> None:
    """A copy with every # taken away gives the defaults."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = "\n".join(line.removeprefix("#") for line in lines if not line.startswith("# "))
    (tmp_path / ".env").write_text(given)
    assert load_settings() == load_settings(None)


@pytest.mark.parametrize(
    ("profile", "engine", "in_files"),
    [("Embedded", "duckdb", True), ("Production", "postgres", False), ("Test", "duckdb", True)],
)
def test_a_profile_is_settings_alone(profile: str, engine: str, in_files: bool, tmp_path: Path) -> None:
    """The lines of each profile are settings with values that are taken, and lead where it says."""
    _, _, profiles = (ROOT / ".env.example").read_text(encoding="utf-8").partition(_PROFILES)
    (part,) = [part for part in profiles.split("\n#\n") if part.startswith(f"# {profile}, ")]
    lines = [line.removeprefix("#   ") for line in part.splitlines()[1:] if "=" in line]
    known = {name.upper() for name in Settings.model_fields} | {"DAGSTER_POSTGRES_URL", "CELERY_BROKER_URL"}
    assert {line.partition("=")[0] for line in lines} <= known
    (tmp_path / ".env").write_text("\n".join(lines))
    settings = load_settings()
    assert connections.warehouse(settings).dialect == engine
    assert (connections.landing(settings).path is not None) is in_files
    assert lines or settings == load_settings(None)


def test_nothing_is_required_until_it_is_used() -> None:
    """Settings load in an empty environment; only the way to SalesLoft asks for more, and says what to do."""
    settings = load_settings()
    assert settings.start is None
    with pytest.raises(SettingsError, match=r"SALESLOFT_API_KEY.*SALESLOFT_OAUTH_CLIENT_ID.*\.env.*demo"):
        connections.salesloft(settings)


@pytest.mark.parametrize(
    ("given", "missing"),
    [("CLIENT_ID", "SALESLOFT_OAUTH_CLIENT_SECRET"), ("CLIENT_SECRET", "SALESLOFT_OAUTH_CLIENT_ID")],
)
def test_half_an_app_is_told_what_is_missing(
    given: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an OAuth app counts as an account, so nothing is simulated; its use names the other half."""
    monkeypatch.setenv(f"SALESLOFT_OAUTH_{given}", SECRET)
    settings = load_settings()
    assert settings.has_credentials
    with pytest.raises(SettingsError, match=f"^{missing} is not set") as caught:
        connections.salesloft(settings)
    assert SECRET not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the process counts more than the same line in .env."""
    (tmp_path / ".env").write_text("SALESLOFT_API_KEY=from-file\nREPORTING_TIME_ZONE=Europe/Berlin\n")
    monkeypatch.setenv("SALESLOFT_API_KEY", "from-process")
    settings = load_settings()
    assert settings.salesloft_api_key == SecretStr("from-process")
    assert settings.reporting_time_zone == "Europe/Berlin"


def test_the_start_date_is_midnight_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """SALESLOFT_START_DATE is an instant of UTC, whatever the machine's zone."""
    monkeypatch.setenv("SALESLOFT_START_DATE", "2024-01-02")
    assert load_settings().start == datetime(2024, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALESLOFT_API_URL", "api.salesloft.com"),
        ("SALESLOFT_OAUTH_URL", "accounts.salesloft.com"),
        ("SALESLOFT_OAUTH_REDIRECT_URI", "urn:ietf:wg:oauth:2.0:oob"),
        ("SALESLOFT_COST_PER_MINUTE", "0"),
        ("SALESLOFT_COST_PER_MINUTE", "many"),
        ("SALESLOFT_BUDGET_SHARE", "1.5"),
        ("SALESLOFT_START_DATE", "yesterday"),
        ("WAREHOUSE_URL", "mysql://somewhere/db"),
        ("LANDING_URL", "sqlite:///"),
        ("LANDING_URL", "duckdb:///data/landing.duckdb"),
        ("RECEIVER_PORT", "99999"),
        ("REPORTING_TIME_ZONE", "Mars/Olympus"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line per wrong setting that begins with its name and never repeats its value."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert value not in str(caught.value).removeprefix(name).split()
    assert len(str(caught.value).splitlines()) == 1


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes are two lines, so that nobody mends one to meet the next."""
    monkeypatch.setenv("SALESLOFT_API_URL", "nowhere")
    monkeypatch.setenv("REPORTING_TIME_ZONE", "nowhere")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    names = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert names == ["SALESLOFT_API_URL", "REPORTING_TIME_ZONE"]


@pytest.mark.parametrize(
    "name", ["SALESLOFT_API_KEY", "SALESLOFT_OAUTH_CLIENT_SECRET", "SALESLOFT_WEBHOOK_TOKENS"]
)
def test_a_secret_is_unprintable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the printed settings nor their dump shows it, and settings cannot be changed afterwards."""
    monkeypatch.setenv(name, SECRET)
    settings = load_settings()
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    with pytest.raises(ValueError, match="frozen"):
        settings.salesloft_api_url = "http://elsewhere"  # type: ignore[misc]


def test_settings_is_the_only_reader_of_the_environment() -> None:
    """Variables that this class does not name are left alone: loading changes nothing in the environment."""
    before = dict(os.environ)
    load_settings()
    assert dict(os.environ) == before
