"""`salesloft-pipeline report`: shows and writes, sends only when told, and says what became of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesloft_pipeline.cli import main

SETTINGS = {
    "WAREHOUSE_URL": "duckdb:///warehouse.duckdb",
    "REPORTING_TIME_ZONE": "America/New_York",
    "REPORT_TO": "all=kept, 2=kept",
}


@pytest.fixture(autouse=True)
def deployment(built_file: Path, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A built warehouse and its serving copy, in a folder without .env."""
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(built_file, "warehouse.duckdb")
    Path("data/serving").mkdir(parents=True)
    shutil.copyfile(served / "salesloft.duckdb", "data/serving/salesloft.duckdb")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def report(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["report", *arguments, "--date", "2026-11-20"])


def test_it_shows_and_writes_and_sends_nothing() -> None:
    """The Markdown, where the files are, what would go where; the log stays as it was, since there is none."""
    result = report()
    assert result.exit_code == 0, result.output
    assert result.output.startswith("# Sales engagement, Thursday 19 November 2026")
    assert "wrote data/serving/reports/daily-2.html" in result.output
    assert "daily for 2, a folder: would be sent" in result.output
    assert result.output.endswith("--send sends it to whom REPORT_TO names\n")
    assert not Path("kept").exists()


def test_send_sends_once() -> None:
    """The second time it says so, and fails at nothing."""
    assert report("--send").output.splitlines()[-1] == "daily for 2, a folder: sent"
    assert len(list(Path("kept").iterdir())) == 6
    again = report("--send")
    assert again.exit_code == 0
    assert again.output.splitlines()[-1] == "daily for 2, a folder: was sent before"


def test_json_is_for_programs() -> None:
    """The report itself, its files, and what became of it."""
    (made,) = json.loads(report("weekly", "--audience", "2", "--json").output)
    assert made["report"]["audience_name"] == "West"
    assert made["report"]["tiles"][0]["title"] == "Emails sent"
    assert [Path(path).exists() for path in made["files"]] == [True] * 3
    assert made["outcomes"][0]["state"] == "would be sent"


@pytest.mark.parametrize(
    ("arguments", "setting", "code", "said"),
    [
        (["--audience", "East"], None, 2, "write all, or ids of teams"),
        (["--audience", "99"], None, 1, "there is no team 99"),
        ([], "all=vp@acme.test", 2, "REPORT_FROM is not set"),
        ([], "vp@acme.test", 2, "REPORT_TO: item 1 belongs to no audience"),
        (["--send"], "all=warehouse.duckdb/kept", 1, "a folder: failed: the folder cannot be written to"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: list[str], setting: str | None, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a line, by the setting or option, with the exit code for it."""
    if setting:
        monkeypatch.setenv("REPORT_TO", setting)
    result = report(*arguments)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert "acme" not in result.output
