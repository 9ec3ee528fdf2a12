"""Subscriptions from the terminal: one per event type, made once, and nothing is written unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline.cli import main
from salesloft_pipeline.landing import Landing
from salesloft_pipeline.salesloft.subscriptions import NOT_BY_ITSELF, wanted
from salesloft_pipeline.salesloft.webhooks import ROUTES, parse_tokens
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import AMPLE, Scene, staged
from salesloft_pipeline_tests.receiver.stand import SECRET, TOKEN, serving
from salesloft_pipeline_tests.simulator.receiving import send

FREE = "free-callback-token-of-32-characters-1"
BOUND = "bound-callback-token-of-32-characters-2"
URL = "http://127.0.0.1:9/webhooks/salesloft"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, warehouse_url: str) -> Iterator[Scene]:
    """Settings that lead to a simulated SalesLoft, with a token for everything and one for people's changes."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    with staged(warehouse_url, people=10, emails=20) as scene:
        for name, value in {
            "SALESLOFT_API_URL": scene.url,
            "SALESLOFT_API_KEY": DEMO_KEY,
            "SALESLOFT_COST_PER_MINUTE": str(AMPLE),
            "SALESLOFT_WEBHOOK_TOKENS": f"main={FREE},people={BOUND}@person_updated+person_created",
        }.items():
            monkeypatch.setenv(name, value)
        yield scene


def called(*arguments: str) -> Result:
    """What the command did; no output holds a token."""
    result = CliRunner().invoke(main, ["webhooks", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert FREE not in result.output
    assert BOUND not in result.output
    return result


def states(*arguments: str) -> dict[str, str]:
    """The state of each event type, as the command prints it as JSON."""
    return {each["event_type"]: each["state"] for each in json.loads(called(*arguments, "--json").stdout)}


def ours(scene: Scene, url: str = URL) -> list[dict[str, Any]]:
    return [each for each in scene.world.truth("webhook_subscriptions") if each["callback_url"] == url]


def writes(scene: Scene) -> list[str]:
    return [request.method for request in scene.world.log if request.method != "GET"]


def test_every_event_type_has_one_subscription(account: Scene) -> None:
    """Each with its token; a repeat makes none, and link_swap is never among them."""
    assert set(states("subscribe", "--url", URL).values()) == {"made"}
    made = {each["event_type"]: each["callback_token"] for each in ours(account)}
    assert made.keys() == ROUTES.keys() - NOT_BY_ITSELF
    assert {event for event, token in made.items() if token == BOUND} == {"person_updated", "person_created"}
    assert set(states("subscribe", "--url", URL).values()) == {"ok"}
    assert writes(account) == ["POST"] * len(made)


def test_the_list_that_salesloft_holds(account: Scene) -> None:
    """After subscribe twice, remove, subscribe: one enabled subscription for each event type, and the strangers'."""
    strangers = {each["id"] for each in account.world.truth("webhook_subscriptions")}
    for command in ("subscribe", "subscribe", "remove", "subscribe"):
        assert called(command, "--url", URL).exit_code == 0
    held = [each for each in account.world.truth("webhook_subscriptions") if each["id"] not in strangers]
    assert sorted(each["event_type"] for each in held) == sorted(ROUTES.keys() - NOT_BY_ITSELF)
    assert {(each["callback_url"], each["enabled"]) for each in held} == {(URL, True)}
    assert strangers <= {each["id"] for each in account.world.truth("webhook_subscriptions")}


def test_a_dry_run_writes_nothing(account: Scene) -> None:
    """It shows what is missing, and the exit code says that something is."""
    result = called("subscribe", "--url", URL, "--dry-run")
    assert result.exit_code == 1
    assert "missing   person_updated" in result.output
    assert called("remove", "--url", URL, "--dry-run").exit_code == 0
    assert called("verify", "--url", URL).exit_code == 1
    assert writes(account) == []


def test_a_disabled_one_is_shown_and_enabled(account: Scene) -> None:
    """SalesLoft disables what fails too often; subscribing again enables it."""
    only = ("--url", URL, "--only", "person_updated,task_completed")
    assert states("subscribe", *only) == {"person_updated": "made", "task_completed": "made"}
    person, task = sorted(ours(account), key=lambda each: each["event_type"])
    send(account.world, "PUT", f"/webhook_subscriptions/{person['id']}", {"enabled": False})
    assert "DISABLED  person_updated" in called("list").output
    assert states("verify", *only) == {"person_updated": "disabled", "task_completed": "ok"}
    assert states("subscribe", *only) == {"person_updated": "enabled", "task_completed": "ok"}
    assert all(each["enabled"] for each in ours(account))
    assert task["id"] in {each["id"] for each in ours(account)}


def test_a_token_that_is_no_longer_ours_is_stale(account: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a rotation there is a new subscription beside the old one, which is named until it is removed."""
    only = ("--url", URL, "--only", "task_created")
    called("subscribe", *only)
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS", "new=another-callback-token-of-the-tests-02")
    result = called("subscribe", *only)
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.output.splitlines()] == ["made", "stale"]
    assert len(ours(account)) == 2
    called("remove", *only, "--stale")
    assert [each["callback_token"] for each in ours(account)] == ["another-callback-token-of-the-tests-02"]
    assert called("remove", *only).exit_code == 0
    assert ours(account) == []
    assert called("remove", *only).output == ""


def test_what_the_key_may_not_read_is_refused_and_the_rest_made(account: Scene) -> None:
    """The event type is named, and the exit code says so."""
    key = account.world.keys[DEMO_KEY]
    account.world.keys[DEMO_KEY] = replace(key, scopes=key.scopes - {"tasks:read"})
    result = called("subscribe", "--url", URL, "--only", "task_created,person_updated")
    assert result.exit_code == 1
    assert "refused   task_created" in result.output
    assert [each["event_type"] for each in ours(account)] == ["person_updated"]


def test_verify_asks_the_receiver(account: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether one answers as ours does; nothing lands by it."""
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS", f"main={SECRET}")
    landing = Landing(f"sqlite:///{tmp_path}/landing.sqlite")
    with serving(landing) as receiver:
        only = ("--url", receiver.url, "--only", "person_updated")
        called("subscribe", *only)
        result = called("verify", *only)
        assert (result.exit_code, "a receiver answers" in result.output) == (0, True)
        assert (
            "answers 404" in called("verify", "--url", receiver.url + "x", "--only", "person_updated").output
        )
        assert receiver.rows() == []
    assert "nobody answers" in called("verify", *only).output


def test_wrong_use_is_told(account: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event type without a token, no token at all, no such command."""
    result = called("subscribe", "--url", URL, "--only", "person_reborn")
    assert result.exit_code == 2
    assert "no token in SALESLOFT_WEBHOOK_TOKENS is for person_reborn" in result.output
    monkeypatch.delenv("SALESLOFT_WEBHOOK_TOKENS")
    result = called("subscribe", "--url", URL)
    assert result.exit_code == 2
    assert "SALESLOFT_WEBHOOK_TOKENS is not set" in result.output
    assert writes(account) == []


def test_a_bound_token_goes_before_a_free_one() -> None:
    """Without a free token only what is bound is wanted; link_swap never."""
    tokens = parse_tokens(f"a={BOUND}@person_updated+link_swap,b={FREE}@task_created")
    assert {event: token.name for event, token in wanted(tokens).items()} == {
        "person_updated": "a",
        "task_created": "b",
    }
    assert wanted([TOKEN], ["task_created"]) == {"task_created": TOKEN}
