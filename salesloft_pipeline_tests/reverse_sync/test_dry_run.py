"""Nothing is written to SalesLoft unasked: every command that can write is tried dry, and the simulator's log is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from salesloft_pipeline.cli import main
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import AMPLE
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

URL = ("--url", "http://127.0.0.1:9/webhooks/salesloft")
# Command: what makes it plan something, and whether it writes when left to itself. {who}: an id, {mail}: an address,
# {on}: a cadence with that person, {off}: one without.
DRY: dict[str, tuple[tuple[str, ...], str]] = {
    "people push": (("--model", "model.yaml"), "--apply"),
    "cadences enroll": (("--cadence", "{off}", "--email", "{mail}"), "--apply"),
    "cadences remove": (("--cadence", "{on}", "--person-id", "{who}"), "--apply"),
    "cadences import": (("cadence.json",), "--apply"),
    "webhooks subscribe": ((*URL, "--dry-run"), ""),
    "webhooks remove": ((*URL, "--dry-run"), ""),
}
# Commands that only read SalesLoft, or never ask it.
READING = {
    *("authorize", "cadences export", "cadences list", "cadences show", "dashboard", "demo", "dev", "doctor"),
    *("erase", "export", "metrics", "plan", "prometheus", "receiver", "report", "schema diff", "simulator"),
    *("sweep", "sync", "webhooks list", "webhooks verify"),
}


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_command_is_known_to_write_or_not() -> None:
    """A new one has to be entered above; what takes --apply or --dry-run can write."""
    known = dict(leaves(main))
    assert DRY.keys() | READING >= known.keys()
    flags = {"--apply", "--dry-run"}
    assert {n for n, c in known.items() if flags & {o for p in c.params for o in p.opts}} == DRY.keys()


@pytest.fixture
def names(push: Push, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Settings that lead to the scene, files that plan something, and who is meant."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SALESLOFT_API_URL": push.scene.url,
        "SALESLOFT_API_KEY": DEMO_KEY,
        "SALESLOFT_COST_PER_MINUTE": str(AMPLE),
        "WAREHOUSE_URL": push.scene.warehouse.url,
        "SALESLOFT_WEBHOOK_TOKENS": "a-callback-token-of-32-characters-or-more",
    }.items():
        monkeypatch.setenv(name, value)
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Chief"}])
    push.path()
    content = {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]}
    file = {
        "settings": {"name": "Fresh"},
        "sharing_settings": {"team_cadence": True},
        "cadence_content": content,
    }
    Path("cadence.json").write_text(json.dumps(file))
    client = push.scene.client()
    on, off = (int(client.create("/cadence_imports", file).data["cadence"]["id"]) for _ in range(2))
    client.create("/cadence_memberships", {"person_id": ann["id"], "cadence_id": on})
    return {"who": str(ann["id"]), "mail": ann["email_address"], "on": str(on), "off": str(off)}


@pytest.mark.parametrize("command", sorted(DRY))
def test_a_dry_run_sends_no_write(push: Push, names: dict[str, str], command: str) -> None:
    """And the same command, told to, sends one, so that the log would have shown it."""
    options, telling = DRY[command]
    arguments = [*command.split(), *(each.format(**names) for each in options)]
    if command == "webhooks remove":
        CliRunner().invoke(main, ["webhooks", "subscribe", *URL])
    before = writes(push.scene)
    dry = CliRunner().invoke(main, arguments)
    assert dry.exception is None or isinstance(dry.exception, SystemExit), dry.exception
    assert "Usage" not in dry.output
    assert writes(push.scene) == before
    told = [*arguments, telling] if telling else [each for each in arguments if each != "--dry-run"]
    CliRunner().invoke(main, told)
    assert len(writes(push.scene)) > len(before)
