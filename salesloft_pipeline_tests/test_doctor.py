"""`doctor`: one clear line for each part, what to do where it is not well, exit code 1 where something is broken."""

from __future__ import annotations

import json
import re
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat

from salesloft_pipeline import doctor
from salesloft_pipeline.doctor import stores
from salesloft_pipeline.doctor.finding import Patient, look_at
from salesloft_pipeline.landing import Arrival, Landing
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.settings import load_settings
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.test_cli import NOWHERE, account, bare_environment, called  # noqa: F401  # fixtures

ROOT = Path(__file__).parent.parent
TOKEN = "0123456789abcdef0123456789abcdef"
PARTS = [
    *("settings", "key", "team", "budget", "access", "clock"),
    *("warehouse", "disk", "files", "landing", "receiver", "dagster"),
]


@pytest.fixture(autouse=True)
def no_dagster_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster's two variables are none of our settings."""
    for name in ("DAGSTER_HOME", "DAGSTER_POSTGRES_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def of_today(account: Scene) -> Scene:  # noqa: F811
    """An account whose SalesLoft has the same time as this machine."""
    account.world.budget.clock = lambda: datetime.now(UTC).timestamp()
    return account


def found() -> dict[str, Any]:
    """Every finding by its part: state and words."""
    return {each["part"]: each for each in json.loads(called("doctor", "--json").stdout)}


@both_engines
def test_all_is_well(of_today: Scene) -> None:
    """Each part is a line, all are ok, the warehouse tells its size and age, and no secret is shown."""
    before = called("doctor")
    assert before.exit_code == 0
    assert [line.split()[:2] for line in before.stdout.splitlines()] == [["ok", part] for part in PARTS]
    called("sync", "--only", "team")
    assert "MiB; loaded until" in found()["warehouse"]["words"]
    assert DEMO_KEY not in before.output
    assert of_today.world.requests


def test_what_is_wrong_is_told_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and yet the warehouse is looked at. Exit code 1."""
    assert called("doctor").exit_code == 1
    parts = found()
    assert parts["settings"]["state"] == "ok"
    assert parts["key"]["state"] == "fail"
    assert "SALESLOFT_API_KEY" in parts["key"]["words"]
    assert "budget" not in parts
    assert parts["warehouse"]["state"] == "ok"
    monkeypatch.setenv("REPORTING_TIME_ZONE", "Mars/Olympus")
    assert called("doctor").stdout.startswith("FAIL  settings   REPORTING_TIME_ZONE: ")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """SalesLoft down is a finding, not a traceback."""
    monkeypatch.setenv("SALESLOFT_API_URL", NOWHERE)
    monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    result = called("doctor")
    assert result.exit_code == 1
    assert "FAIL  key" in result.stdout
    assert "no complete answer" in result.stdout


def test_lists_that_the_key_may_not_read(of_today: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning with the scope that each needs; a point a list, and none is spent where they would not last."""
    of_today.world.keys[DEMO_KEY] = of_today.world.keys[DEMO_KEY].without("notes:read")
    assert called("doctor").exit_code == 0
    assert found()["access"]["state"] == "warn"
    assert found()["access"]["words"].endswith(f"and not (needs): notes ({BY_NAME['notes'].scope})")
    monkeypatch.setenv("SALESLOFT_COST_PER_MINUTE", "10")
    spent = of_today.world.points_spent
    assert found()["access"]["words"].startswith("not asked")
    assert of_today.world.points_spent - spent < 5


@both_engines
def test_another_team(of_today: Scene) -> None:
    """A warehouse that another team filled is broken, and both teams are named."""
    called("sync", "--only", "team")
    of_today.warehouse.execute("update ops.identity set team_id = '77'")
    result = called("doctor")
    assert result.exit_code == 1
    assert "FAIL  team       the warehouse holds the data of team 77" in result.stdout


@pytest.mark.parametrize(("seconds", "how"), [(-300, "ahead of"), (300, "behind")])
def test_a_clock_that_is_wrong(of_today: Scene, seconds: int, how: str) -> None:
    """It is told by how much and which way; a minute of points is counted by SalesLoft's clock anyway."""
    of_today.world.budget.clock = lambda: datetime.now(UTC).timestamp() + seconds
    clock = found()["clock"]
    assert clock["state"] == "warn"
    told = re.match(r"this machine is (\d+) seconds (.*) SalesLoft: ", clock["words"])
    assert told
    assert told[2] == how
    assert abs(int(told[1]) - 300) <= 5


def test_files_that_others_can_read(of_today: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A warehouse is its owner's alone from the start; what was opened to others, or written by hand, is told."""
    called("sync", "--only", "team")
    warehouse, tokens = of_today.warehouse.path, tmp_path / "tokens.json"
    assert warehouse
    assert stat.S_IMODE(warehouse.stat().st_mode) == 0o600
    assert found()["files"]["state"] == "ok"
    tokens.write_text("{}")
    monkeypatch.setenv("SALESLOFT_OAUTH_TOKEN_FILE", str(tokens))
    for file in (tokens, warehouse):
        file.parent.chmod(0o755)
        file.chmod(0o644)
    told = found()["files"]
    assert told["state"] == "warn"
    assert f"chmod 600 {warehouse} {tokens}" in told["words"]
    for folder in {tokens.parent, warehouse.parent}:
        folder.chmod(0o700)
    assert found()["files"]["state"] == "ok"


def test_old_data_and_a_full_disk(of_today: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are warnings, with what is wanted and what to do."""
    called("sync", "--only", "team")
    of_today.warehouse.execute("update ops.sync_log set finished_at = finished_at - interval 3 hour")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    parts = found()
    assert parts["warehouse"]["state"] == parts["disk"]["state"] == "warn"
    assert "salesloft-pipeline sync" in parts["warehouse"]["words"]
    assert parts["disk"]["words"].startswith("1.0 MiB free beside ")


def test_a_postgres_that_may_not_be_written(postgres_url: str) -> None:
    """Reachable is not enough: its user has to be allowed to make schemas."""

    # The tests' own user is a superuser, so it asks as a role of every server that may do less.
    class Reader(Warehouse):
        def query(self, sql: str, params: Any = ()) -> Any:
            with self.transaction() as transaction:
                transaction.execute("set local role pg_monitor")
                return transaction.query(sql, params)

    patient = Patient(load_settings())
    patient.__dict__["warehouse"] = Reader(postgres_url)
    finding = look_at("warehouse", stores.warehouse, patient)
    assert finding.state == "fail"
    assert "grant create" in finding.words


def test_a_server_that_does_not_answer(of_today: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warehouse, landing and Dagster's storage are told each by its setting, and no password is shown."""
    gone = f"postgresql://ann:{TOKEN}@127.0.0.1:9/gone"
    for name in ("WAREHOUSE_URL", "LANDING_URL", "DAGSTER_POSTGRES_URL"):
        monkeypatch.setenv(name, gone)
    shutil.copy(ROOT / "dagster.yaml", ".")
    result = called("doctor")
    assert result.exit_code == 1
    lines = {line.split()[1]: line for line in result.stdout.splitlines()}
    assert {part for part, line in lines.items() if line.startswith("FAIL")} == {
        *("team", "warehouse", "landing", "dagster")
    }
    assert "DAGSTER_POSTGRES_URL" in lines["dagster"]
    assert TOKEN not in result.output


def test_deliveries_that_wait(of_today: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """How many and since when; old ones and those in quarantine are warnings; a receiver elsewhere is a hint."""
    monkeypatch.setenv("LANDING_URL", f"sqlite:///{tmp_path}/landing.sqlite")
    monkeypatch.setenv("SALESLOFT_WEBHOOK_TOKENS", f"main={TOKEN}")
    monkeypatch.setenv("RECEIVER_PORT", "9")
    landing, now = Landing(f"sqlite:///{tmp_path}/landing.sqlite"), datetime.now(UTC)
    landing.land([Arrival("person_updated", b"{}", now, "main")])
    assert (found()["landing"]["state"], "1 wait since" in found()["landing"]["words"]) == ("ok", True)
    landing.land([Arrival("person_updated", b"[]", now - timedelta(hours=1), "main")])
    assert found()["landing"]["state"] == "warn"
    (late, _) = landing.pending(10, 1 << 20)
    landing.mark_quarantined({late.id: "not_an_object"})
    assert found()["landing"]["words"].endswith("in quarantine: 1 not_an_object")
    assert found()["receiver"]["state"] == "warn"
    assert TOKEN not in called("doctor").output
    assert called("doctor").exit_code == 0


@pytest.mark.parametrize("storage", ["sqlite", "postgres"])
def test_dagsters_storage(
    of_today: Scene, storage: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Runs, places in the pool and the daemon's last heartbeat; too many places for a DuckDB file is broken."""
    if storage == "postgres":
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", request.getfixturevalue("postgres_url"))
    shutil.copy(ROOT / "dagster.yaml", ".")
    with dg.DagsterInstance.from_config(".") as instance:
        assert instance.get_runs_count() == 0
        assert "not heard of ever" in found()["dagster"]["words"]
        beat = DaemonHeartbeat(datetime.now(UTC).timestamp(), "SCHEDULER", "some-daemon", None)
        instance.add_daemon_heartbeat(beat)
        assert found()["dagster"]["words"].endswith(
            "keeps 0 runs, 1 at a time may stand in pool warehouse; its daemon is alive"
        )
        instance.event_log_storage.set_concurrency_slots("warehouse", 3)
    assert found()["dagster"]["state"] == "fail"
    assert "dagster instance concurrency set warehouse 1" in found()["dagster"]["words"]


def test_every_part_says_what_it_looks_at() -> None:
    """The table of examinations is all that there is, in the order of the lines."""
    table = [*doctor._BY_KEY, *doctor._HERE]
    assert ["settings", "key", *(part for part, _ in table)] == PARTS
    assert all(look.__doc__ for _, look in table)
