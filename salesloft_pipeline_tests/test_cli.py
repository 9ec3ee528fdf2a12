"""The commands as a person meets them: what they print, how they end, and the whole demo once."""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline import connections
from salesloft_pipeline.cli import main
from salesloft_pipeline.commands.told import TOLD, TellingGroup
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import AMPLE, Scene, both_engines, staged

NOWHERE = "http://127.0.0.1:9/v2"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests, no .env, and waits that take no time."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connections, "Budget", partial(Budget, sleep=lambda _: None))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, warehouse_url: str) -> Iterator[Scene]:
    """Settings that lead to a simulated SalesLoft."""
    with staged(warehouse_url) as scene:
        monkeypatch.setenv("SALESLOFT_API_URL", scene.url)
        monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
        monkeypatch.setenv("SALESLOFT_COST_PER_MINUTE", str(AMPLE))
        monkeypatch.setenv("WAREHOUSE_URL", scene.warehouse.url)
        yield scene


def called(*arguments: str) -> Result:
    """What the command did. Only click's own exits may leave it: any other exception is shown."""
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_without_a_key_the_setting_is_named() -> None:
    """One line: which setting, where to put it, and what works without it."""
    result = called("sync")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: SALESLOFT_API_KEY .*\.env.*demo.*\n", result.stderr)


@pytest.mark.usefixtures("account")
def test_a_refused_key_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """401 names the setting, ends with 2 and never shows the key."""
    monkeypatch.setenv("SALESLOFT_API_KEY", "no-such-key")
    result = called("sync", "--only", "people")
    assert result.exit_code == 2
    assert "SALESLOFT_API_KEY" in result.stderr
    assert "no-such-key" not in result.output


def test_a_key_with_a_line_break_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that no header can carry is refused before anything is asked."""
    monkeypatch.setenv("SALESLOFT_API_KEY", "half\nkey")
    result = called("sync")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: SALESLOFT_API_KEY")


def test_a_wrong_setting_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that cannot be read ends with 2 and names its setting."""
    monkeypatch.setenv("SALESLOFT_BUDGET_SHARE", "80")
    result = called("sync")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: SALESLOFT_BUDGET_SHARE: ")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """SalesLoft down ends with 1 and tells which request found nobody."""
    monkeypatch.setenv("SALESLOFT_API_URL", NOWHERE)
    monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    result = called("sync", "--only", "people")
    assert result.exit_code == 1
    assert "GET /me page 1: no complete answer" in result.stderr


@pytest.mark.usefixtures("account")
def test_an_unknown_name_lists_the_names() -> None:
    """--only with a name that is none ends with 2 and shows all that there are."""
    result = called("sync", "--only", "people,emials")
    assert result.exit_code == 2
    assert "emials" in result.stderr
    assert all(name in result.stderr for name in BY_NAME)


def test_a_sync_as_json_is_json_only(account: Scene) -> None:
    """A machine that reads stdout gets the report and nothing beside it."""
    result = called("sync", "--only", "people,users", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert [each["resource"] for each in report["resources"]] == ["people", "users"]
    assert {each["outcome"] for each in report["resources"]} == {"done"}
    assert report["rows"] == sum(account.world.sizes()[name] for name in ("people", "users"))


@both_engines
def test_a_sync_for_people_ends_in_a_line(account: Scene) -> None:
    """The last words are what was read, for how many points; a second sync finds nothing new; --full all again."""
    people = account.world.sizes()["people"]
    assert f"\n{people} new or changed records, " in "\n" + called("sync", "--only", "people").stdout
    assert "\n0 new or changed records, " in "\n" + called("sync", "--only", "people").stdout
    assert f"\n{people} new or" in "\n" + called("sync", "--only", "people", "--full").stdout


@pytest.mark.usefixtures("account")
def test_a_file_that_is_no_warehouse_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is no warehouse ends with 1 and a sentence, not with a driver's traceback."""
    (tmp_path / "letter.txt").write_text("Dear reader, this is no database." * 500)
    monkeypatch.setenv("WAREHOUSE_URL", f"duckdb:///{tmp_path}/letter.txt")
    result = called("sync", "--only", "team")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: cannot open the warehouse")


# Refuses every connection beyond this machine, in the process and in those it starts.
_WATCH = """
import sys
def hook(event, arguments):
    address = arguments[1] if event == "socket.connect" else arguments[0] if event == "socket.getaddrinfo" else None
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, str) and not host.startswith(("127.", "/", "localhost")) and event.startswith("socket"):
        print("NETWORK", event, address, file=sys.stderr, flush=True)
        raise OSError("no network in this test")
sys.addaudithook(hook)
"""


def test_the_demo_runs_from_nothing_to_the_daily_engagement(tmp_path: Path) -> None:
    """One command, an empty folder, no account, no network: rows in every room, and the days at the end."""
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(_WATCH)
    folder, home = tmp_path / "a folder", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from salesloft_pipeline.cli import main; main()", "demo"],
        cwd=folder,
        env={"PYTHONPATH": str(watch), "HOME": str(home), "PATH": os.environ["PATH"], "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr
    assert "Traceback" not in done.stderr
    printed = [line.split() for line in done.stdout.splitlines()]
    assert ["emails", "3,500"] in printed
    assert ["mart", "rows"] in printed
    assert "mart.daily_engagement, the last ten days with anything in them" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["data"]

    warehouse = Warehouse(f"duckdb:///{folder}/data/warehouse.duckdb", read_only=True)
    daily = warehouse.frame("select * from mart.daily_engagement")
    assert ["daily_engagement", f"{len(daily):,}"] in printed
    newest = daily["engagement_date"].max()
    assert datetime.now(UTC).date() - newest.date() <= timedelta(days=4)
    assert any(f"{newest:%Y-%m-%d}" in words for words in printed)
    assert daily["emails_sent"].sum() > 3_000
    ((failed,),) = warehouse.query("select count(*) from ops.sync_log where outcome <> 'done'")
    assert failed == 0


def test_the_errors_that_are_told_exist() -> None:
    """The table names them by text, so that a class that moves would be missed."""
    for name, code in TOLD.items():
        module, _, kind = name.rpartition(".")
        assert issubclass(getattr(importlib.import_module(module), kind), Exception)
        assert code in (1, 2)


def test_a_full_disk_is_told() -> None:
    """Whichever library met it, and however it wrapped that; any other error of that library is a defect."""

    @click.group(cls=TellingGroup)
    def group() -> None: ...

    @group.command()
    @click.argument("number", type=int)
    def write(number: int) -> None:
        raise RuntimeError("the load failed") from OSError(number, os.strerror(number))

    full = CliRunner().invoke(group, ["write", str(errno.ENOSPC)])
    assert full.output.startswith("Error: the disk is full: [Errno 28] No space left on device. Make room")
    assert full.exit_code == 1
    assert isinstance(CliRunner().invoke(group, ["write", str(errno.EPERM)]).exception, RuntimeError)
