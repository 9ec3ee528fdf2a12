"""The commands that look at the serving copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner

from salesloft_pipeline.cli import main
from salesloft_pipeline.dashboard import build_dashboard
from salesloft_pipeline.transform.serving import serving_copy


@pytest.fixture(autouse=True)
def settings(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env, and the serving folder of the test team."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVING_FOLDER", str(served))


def test_dashboard_writes_the_page(served: Path) -> None:
    """It says where, and needs neither the warehouse nor a key."""
    (served / "dashboard.html").unlink(missing_ok=True)
    result = CliRunner().invoke(main, ["dashboard"])
    assert result.exit_code == 0, result.output
    assert result.output == f"wrote {served / 'dashboard.html'}\n"
    assert (served / "dashboard.html").exists()


def test_open_shows_it(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is handed the file; where there is none, a line says so and nothing fails."""
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(shown.append(url)))
    result = CliRunner().invoke(main, ["dashboard", "--open"])
    assert result.exit_code == 0, result.output
    assert shown == [(served / "dashboard.html").as_uri()]
    assert "no browser was found" in result.output


def test_export_writes_the_named_tables(tmp_path: Path) -> None:
    """One file a table, and how many rows it has."""
    result = CliRunner().invoke(main, ["export", "--to", "out", "--only", "dim_user, dim_step"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == "out/dim_user.csv  3 rows"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dim_step.csv", "dim_user.csv"]


def test_with_a_store_the_copy_is_that_of_the_store(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing was published, by SERVING_URL alone: the page is made and goes back there, tables are exported."""
    store = f"memory://{tmp_path.name}"
    monkeypatch.setenv("SERVING_URL", store)
    files = fsspec.filesystem("memory")
    files.put(str(served / "salesloft.duckdb"), f"{store}/salesloft.duckdb")
    monkeypatch.setenv("SERVING_FOLDER", str(tmp_path / "elsewhere"))
    for command in (["dashboard"], ["export", "--to", "out", "--only", "dim_user"]):
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
    assert "out/dim_user.csv  3 rows" in result.output
    assert files.cat(f"{store}/dashboard.html") == build_dashboard(serving_copy(served), served).read_bytes()


@pytest.mark.parametrize("name", ["dim_person_pii", "no_such"])
def test_export_knows_its_tables(name: str) -> None:
    """Personal data is not in the copy, so it cannot leave by it; wrong names are told with the right ones."""
    result = CliRunner().invoke(main, ["export", "--to", "out", "--only", name])
    assert result.exit_code == 2
    assert f"no table {name}: choose from" in result.output


def test_without_a_copy_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first build: no traceback, the setting and the next step."""
    monkeypatch.setenv("SERVING_FOLDER", "nowhere")
    for command in (["dashboard"], ["export", "--to", "out"]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1
        assert "SERVING_FOLDER" in result.output
        assert "Traceback" not in result.output
