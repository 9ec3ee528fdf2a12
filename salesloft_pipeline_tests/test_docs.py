"""The documentation says what is there: commands, make targets, settings, files, numbers of tables."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from salesloft_pipeline import transform
from salesloft_pipeline.cli import main
from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import DEMO_KEY, World, running
from salesloft_pipeline_tests.conftest import NOW

ROOT = Path(__file__).parent.parent
README, CONTRIBUTING, CHANGELOG = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
)
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
# What people follow, as against what they read once.
GUIDES = {"README": README, "CONTRIBUTING": CONTRIBUTING, "runbook": RUNBOOK}
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
    *(f"docs/adr/{p.name}" for p in (ROOT / "docs/adr").glob("*")),
]
COMMANDS = sorted(main.commands)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, flags=re.MULTILINE))
# Long, for a person at the keyboard, or in need of a word more; test_cli.py runs the demo.
NOT_RUN = {
    "authorize",
    "cadences",
    "dashboard",
    "demo",
    "dev",
    "erase",
    "export",
    "people",
    "report",
    "schema",
    "simulator",
    "receiver",
    "sync",
    "webhooks",
}


def code_blocks(page: str) -> Iterator[str]:
    """What stands between three backticks and after one, without the language."""
    yield from re.findall(r"^```\w*\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", page)


def mentioned_commands(page: str) -> Iterator[list[str]]:
    """The words after `salesloft-pipeline` wherever code shows it."""
    for block in code_blocks(page):
        for words in re.findall(r"salesloft-pipeline +([a-z][^\n#&`]*)", block):
            yield shlex.split(words)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example(name: str) -> None:
    """`<command> --help` says what it does and shows one line that can be typed."""
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example: salesloft-pipeline {name}\b", result.output), result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_stands_in_the_readme(name: str) -> None:
    """The table of commands has a row for each, with its options."""
    (row,) = re.findall(rf"^\| `salesloft-pipeline {name}` \|.*$", README, flags=re.MULTILINE)
    options = {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if name == "sync"
    }
    assert all(option in row for option in options)


@pytest.mark.parametrize("page", GUIDES.values(), ids=GUIDES)
def test_no_command_is_made_up(page: str) -> None:
    """Every `salesloft-pipeline ...` in the text is a command, and its options exist."""
    for words in mentioned_commands(page):
        command: click.Command = main
        for word in words:
            if not isinstance(command, click.Group):
                break
            command = command.commands[word]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, words


def test_cheap_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the README tells to type works on a simulated SalesLoft."""
    monkeypatch.chdir(tmp_path)
    cheap = {tuple(words) for words in mentioned_commands(README) if words[0] not in NOT_RUN}
    assert ("doctor",) in cheap
    with running(World(20, 50, 30, 1, now=NOW)) as url:
        monkeypatch.setenv("SALESLOFT_API_URL", url)
        monkeypatch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
        for words in cheap:
            result = CliRunner().invoke(main, words)
            assert result.exit_code == 0, result.output


@pytest.mark.parametrize("page", GUIDES.values(), ids=GUIDES)
def test_no_make_target_is_made_up(page: str) -> None:
    """Every `make ...` in code is a target of the Makefile."""
    found = {target for block in code_blocks(page) for target in re.findall(r"\bmake ([a-z]+)", block)}
    assert found
    assert found <= TARGETS


def test_every_make_target_is_told() -> None:
    """The README names each target, and `make` alone lists them with a word on each."""
    assert {target for target in TARGETS if f"make {target}" not in README} <= {"help"}
    if shutil.which("make"):
        listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert set(re.findall(r"^make ([a-z]+) +\S", listed, flags=re.MULTILINE)) == TARGETS


def test_settings_named_in_the_text_exist() -> None:
    """A setting that the text names is one; test_settings.py holds that .env.example names all."""
    known = {name.upper() for name in Settings.model_fields} | {
        "CELERY_BROKER_URL",
        "DAGSTER_HOME",
        "DAGSTER_POSTGRES_URL",
        "SALESLOFT_FULL_SIZE",
    }
    for page in GUIDES.values():
        named = set(re.findall(r"\b(?:SALESLOFT|DAGSTER|WAREHOUSE|REPORTING)_[A-Z_]+\b", page))
        assert named <= known


def test_the_runbook_quotes_what_is_said() -> None:
    """The first column of "What goes wrong" is made of texts that the code holds; three dots stand for what varies."""
    said = "\n".join(
        node.value
        for path in (ROOT / "salesloft_pipeline").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    rows = RUNBOOK.partition("## What goes wrong")[2].partition("\n## ")[0].splitlines()
    quotes = [
        quote
        for row in rows
        if row.startswith("| `")
        for quote in re.findall(r"`([^`]+)`", row.split(" | ")[0])
    ]
    assert len(quotes) > 10
    parts = {part.strip() for quote in quotes for part in quote.split("...") if part.strip()}
    assert not {part for part in parts if part not in said}


def test_tables_named_in_the_readme_exist() -> None:
    """Each table of "What you get" is there, and "n more" counts right."""
    raw = [name for name, _, _ in columns.raw_tables()]
    mart = {mart.name for mart in transform.MARTS} | {seed.name for seed in transform.SEEDS}
    known = {*raw, *mart, *ops.TABLES, transform.BUILD_INFO}
    rows = README.partition("## What you get")[2].partition("\n\nEvery mart table")[0].splitlines()
    tables = {row: re.findall(r"`(\w+)`", row.split("|")[2]) for row in rows if row.count("|") == 4}
    assert {name for names in tables.values() for name in names} <= known
    for row, names in tables.items():
        if more := re.search(r"(\d+) more", row):
            kind = [name for name in raw if name.endswith("_versions") == names[0].endswith("_versions")]
            assert len(names) + int(more[1]) == len(kind), row


@pytest.mark.parametrize("page", PAGES)
def test_links_and_files_exist(page: str) -> None:
    """A relative link leads to a file, and a path in code is one of the repository or the package."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^):#]+)\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target
    for path in re.findall(r"`([\w./]+/[\w./]*|[\w/]+\.(?:py|sql|toml|lock|yaml))`", text):
        if not path.startswith(("data/", ".venv/")) and "*" not in path and not path.startswith("test_"):
            places = [
                ROOT,
                ROOT / "salesloft_pipeline",
                ROOT / "salesloft_pipeline/transform",
                ROOT / "salesloft_pipeline_tests",
            ]
            assert any((place / path).exists() for place in places), path


@pytest.mark.parametrize("path", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts(path: Path) -> None:
    """Context, decision, consequence; numbered like its file, and short."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequence"]
    assert len(text.splitlines()) <= 40


def test_the_changelog_knows_this_version() -> None:
    """The version of pyproject.toml has its entry."""
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    assert version
    assert f"## {version[1]} " in CHANGELOG


def tracked() -> list[Path]:
    """Every file of the repository; none where this is no checkout."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return []
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_nothing_tracked_names_a_place() -> None:
    """No package host and no folder of somebody's machine: the repository works wherever it lies."""
    # In brackets, so that these lines do not find themselves.
    hosts = r"py[p]i\.org|python[h]osted\.org|[a]naconda\.org"
    folders = r"(?<![\w.)}])/(?:[h]ome|[U]sers|[r]oot|[w]ork|[o]pt|[m]nt)/\w"
    place = re.compile(f"{hosts}|{folders}")
    files = tracked()
    if not files:
        pytest.skip("not a git checkout")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if place.search(line)
    ]
    assert not found, found
