"""`doctor --bundle`: what a helper needs is in it; no secret and no address of anybody is, wherever it was."""

from __future__ import annotations

import gzip
import stat
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.arrow import Reject
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.test_cli import account, bare_environment, called  # noqa: F401  # fixtures

# By setting; each is searched for in what is written, whole and in parts.
PLANTED = {
    "SALESLOFT_OAUTH_CLIENT_SECRET": 'client"secret\\with_signs_7f',
    "SALESLOFT_WEBHOOK_TOKENS": "live=0123456789abcdef0123456789abcdef@email_updated+person_updated",
    "CACHE_URL": "redis://:cache_password_3e@127.0.0.1:9/0",
    "LANDING_URL": "postgresql://lander:landing_password_4f@127.0.0.1:9/landing",
    "SMTP_URL": "smtps://mailer:mail_password_5a@mail.example.com",
    "REPORT_TO": "all=leader@example.com, 7=https://hooks.slack.example/services/T0/B0/hook_secret_6b",
    "ALERT_TO": "ops-person@example.org",
}
SECRETS = [
    *("simulator-key", 'client"secret', "client\\", "with_signs_7f", "0123456789abcdef", "cache_password_3e"),
    *("landing_password_4f", "mail_password_5a", "hook_secret_6b", "oauth_access_token_9c"),
    *("leader@", "ops-person@", "ann.lee@", "bob+x@", "@example", "example.com"),
]


@pytest.fixture
def planted(account: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:  # noqa: F811
    """Secrets in every setting that may hold one, and secrets and addresses in the log, the quarantine and _extra."""
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    tokens = tmp_path / "tokens.json"
    tokens.write_text('{"access_token": "oauth_access_token_9c", "refresh_token": "oauth_refresh_token_9d"}')
    monkeypatch.setenv("SALESLOFT_OAUTH_TOKEN_FILE", str(tokens))
    account.world.malform(
        "users", account.world.ids("users")[0], **{"ann.lee@example.com": 1, "nickname": "x"}
    )
    account.sync("users", "people")
    at, said = datetime.now(UTC), " ".join(PLANTED.values())
    error = f"refused for ann.lee@example.com with simulator-key and oauth_access_token_9c: {said}"
    row = ("a-run", "people", at, at, "failed", 0, 1, 2, 3, error, "sync")
    ops.log(account.warehouse, [ops.SyncLogRow(*row)])
    reason = "email_address: bob+x@example.co.uk is none"
    ops.quarantine(
        account.warehouse, "people", [Reject({"email_address": "bob+x@example.co.uk"}, reason)], at
    )
    return account


def contents(file: Path) -> dict[str, Any]:
    """The parts of a bundle by name."""
    with tarfile.open(file) as bundle:
        return {
            member.name.removesuffix(".json"): orjson.loads(found.read())
            for member in bundle
            if (found := bundle.extractfile(member))
        }


@both_engines
def test_no_secret_and_no_address_is_in_any_byte(planted: Scene, tmp_path: Path) -> None:
    """Planted everywhere, found nowhere; and what a helper asks for is there, for its owner alone."""
    called("doctor", "--bundle")
    file = tmp_path / "salesloft-pipeline-bundle.tar.gz"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = gzip.decompress(file.read_bytes()).decode()
    assert [secret for secret in SECRETS if secret in told] == []
    assert [
        p for p in planted.world.truth("people") if p["email_address"] and p["email_address"] in told
    ] == []
    parts = contents(file)
    assert {finding["part"] for finding in parts["findings"]} >= {"key", "budget", "warehouse", "dagster"}
    assert parts["versions"].keys() >= {"python", "salesloft-pipeline", "dlt", "dagster", "duckdb"}
    assert parts["settings"]["SALESLOFT_API_KEY"] == "<hidden>"
    assert parts["settings"]["SALESLOFT_BUDGET_SHARE"] == 0.8
    assert parts["errors"][0]["error"].startswith("refused for <hidden> with <hidden> and <hidden>")
    assert parts["quarantine"][0]["reason"] == "email_address: <hidden> is none"
    assert parts["schema_drift"]["users"] == {"<hidden>": 1, "nickname": 1}
    assert sum(run["points"] for run in parts["runs"]) > 0


def test_a_bundle_is_written_where_nothing_works(tmp_path: Path) -> None:
    """No key, no warehouse, and nobody who answers: that is when it is wanted."""
    assert called("doctor", "--bundle", "mine.tar.gz").exit_code == 1
    parts = contents(tmp_path / "mine.tar.gz")
    assert parts["errors"] == parts["runs"] == []
    assert "SALESLOFT_API_KEY" in str(parts["findings"])
    assert BY_NAME.keys() >= parts["schema_drift"].keys()
