"""Settings: read in one place, clear when wrong, silent about secrets, and all of them in .env.example."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesloft_pipeline.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[1]
HEADER = """\
# Copy to .env and fill in what differs from the default. The environment wins over this file.
"""
# Read by Dagster's instance before any of our code runs, so it is no field of Settings.
DAGSTER_URL = """\

# Where Dagster keeps runs and events: postgresql://<user>@<host>/<database>; empty is SQLite under data/dagster.
# It is read from the environment only, not from .env.
# DAGSTER_POSTGRES_URL=
"""


def example() -> str:
    """What .env.example should say: each setting's meaning and default."""
    lines = [HEADER]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        lines += ["", *textwrap.wrap(field.description or "", 116, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"{'' if name == 'salesloft_api_key' else '# '}{name.upper()}={default}")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n" + DAGSTER_URL


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_example_names_every_setting_with_its_meaning_and_default() -> None:
    """A reader of .env.example needs no other page."""
    assert (ROOT / ".env.example").read_text() == example()


def test_the_example_is_valid_as_it_stands() -> None:
    """Copying it changes nothing."""
    assert load_settings(ROOT / ".env.example") == load_settings(None)


def test_a_missing_key_names_the_setting_and_the_way_without_it() -> None:
    """Nothing pretends to work without a key."""
    with pytest.raises(SettingsError, match=r"SALESLOFT_API_KEY is not set.*demo"):
        load_settings(None).required_api_key()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPORTING_TIME_ZONE", "Mars/Olympus"),
        ("SALESLOFT_BUDGET_SHARE", "1.5"),
        ("SALESLOFT_BUDGET_SHARE", "half"),
        ("SALESLOFT_COST_PER_MINUTE", "0"),
        ("SALESLOFT_START_DATE", "last year"),
        ("SALESLOFT_API_URL", "api.salesloft.com"),
        ("WAREHOUSE_URL", "mysql://host/hidden-password"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The message says which setting; a value may be a secret."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings(None)
    assert value not in str(caught.value)


def test_the_key_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by str, repr, or a dump."""
    monkeypatch.setenv("SALESLOFT_API_KEY", "ak_secret")
    settings = load_settings(None)
    assert settings.required_api_key() == "ak_secret"
    assert "ak_secret" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_start_date_is_midnight_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day becomes an instant in one way only."""
    monkeypatch.setenv("SALESLOFT_START_DATE", "2024-02-29")
    assert load_settings(None).start == datetime(2024, 2, 29, tzinfo=UTC)


def test_an_empty_setting_is_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files pass empty values for what is not set."""
    monkeypatch.setenv("SALESLOFT_START_DATE", "")
    assert load_settings(None).start is None
