"""The walls between the rooms, and the promise that importing does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "salesloft_pipeline"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Who may import whom of ours. A new edge is a decision, made here.
ROOMS: dict[str, set[str]] = {
    "settings": set(),
    "logs": {"settings"},
    "tracing": set(),
    "salesloft": {"tracing"},
    "simulator": set(),
    "landing": set(),
    "engines": set(),
    "warehouse": {"engines"},
    "dagster_storage": set(),
    "dagster_launcher": {"dagster_celery_launcher"},
    "dagster_celery_launcher": set(),
    "dagster_celery_worker": set(),
    "standin": set(),
    "token_file": {"salesloft"},
    "receiver": {"settings", "logs", "landing", "salesloft"},
    "connections": {"settings", "salesloft", "token_file", "landing", "warehouse"},
    "authorize": {"settings", "connections", "salesloft"},
    "ingest": {"salesloft", "landing", "tracing", "warehouse"},
    "transform": {"tracing", "warehouse"},
    "dashboard": {"warehouse"},
    "report": {"warehouse"},
    "reverse_sync": {"salesloft", "tracing", "warehouse"},
    "progress": {"ingest", "salesloft"},
    "served": {"settings", "transform", "warehouse"},
    "erase": {
        *("settings", "connections", "ingest", "landing", "salesloft", "served", "transform", "warehouse"),
    },
    "doctor": {
        "settings",
        "connections",
        "dagster_storage",
        "ingest",
        "landing",
        "receiver",
        "salesloft",
        "warehouse",
    },
    "defs": {
        "dashboard",
        "report",
        "reporting",
        "settings",
        "connections",
        "landing",
        "salesloft",
        "served",
        "ingest",
        "transform",
        "warehouse",
        "reverse_sync",
    },
    "reporting": {"settings", "connections", "ingest", "report", "served", "transform", "warehouse"},
    "definitions": {"defs"},
    "demo": {"settings", "connections", "progress", "standin", "ingest", "warehouse", "definitions", "defs"},
    "dev": {"settings", "standin", "receiver"},
    "cli": {"commands"},
    "commands": {
        "logs",
        "dashboard",
        "report",
        "reporting",
        "served",
        "transform",
        "settings",
        "connections",
        "progress",
        "ingest",
        "reverse_sync",
        "salesloft",
        "simulator",
        "receiver",
        "authorize",
        "demo",
        "dev",
        "doctor",
        "erase",
    },
}
# Foreign packages that only some rooms may know.
FOREIGN: dict[str, set[str]] = {
    "dlt": {"ingest"},
    "dagster": {
        *("defs", "definitions", "demo"),
        *("dagster_celery_launcher", "dagster_launcher", "dagster_storage"),
    },
    "dagster_postgres": {"dagster_storage"},
    "dagster_celery": {"dagster_celery_launcher", "dagster_celery_worker"},
    "celery": {"dagster_celery_worker"},
    "httpx": {"salesloft", "simulator", "demo", "report"},
    "starlette": {"simulator", "receiver"},
    "uvicorn": {"simulator", "receiver"},
    "prometheus_client": {"receiver", "ingest"},
    "structlog": {"logs"},
    "opentelemetry": {"tracing"},
    "sqlalchemy": {"landing"},
    "duckdb": {"warehouse", "engines"},
    "psycopg": {"warehouse", "engines"},
    "pandas": {"warehouse", "engines", "demo", "report", "reverse_sync"},
    "matplotlib": {"report"},
    "jinja2": {"report"},
    "xlsxwriter": {"transform"},
    "dogpile": {"reverse_sync"},
    "fsspec": {"served"},
    "redis": {"reverse_sync"},
    "pyarrow": {"ingest"},
    "numpy": {"simulator"},
    "sqlglot": {"transform"},
    "pydantic": {"salesloft", "settings", "ingest"},
    "pydantic_settings": {"settings"},
    "click": {"cli", "commands", "dev", "authorize"},
    "rich": {"progress", "demo", "commands"},
}
# Reading the environment or the disk is not for these rooms: what they need is handed to them.
PURE = {"salesloft": {"os", "pathlib", "sqlite3", "subprocess", "tempfile", "dotenv"}}
LONGEST_MODULE_LINES = 250
LONGEST_FUNCTION_LINES = 45


def room_of(module: Path) -> str:
    first = module.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(module: Path) -> Iterator[str]:
    """Full names of everything a module imports, wherever in it."""
    package = ["salesloft_pipeline", *module.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def named(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_room_imports_only_from_rooms_it_may(module: Path) -> None:
    """DESIGN's table of rooms, held."""
    room = room_of(module)
    if room == "__init__":
        return
    others = {name.split(".")[1] for name in imports(module) if name.startswith("salesloft_pipeline.")}
    assert others - {room} <= ROOMS[room]


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_foreign_package_stays_in_its_rooms(module: Path) -> None:
    """Only ingest knows dlt, only orchestration knows Dagster, and so on."""
    known = {name.split(".")[0] for name in imports(module)}
    for package in known & FOREIGN.keys():
        assert room_of(module) in FOREIGN[package], f"{package} is not for this room"
    assert not known & PURE.get(room_of(module), set())


def test_every_room_has_its_row() -> None:
    """A new room is entered in the table, and a row whose room is gone is taken out."""
    assert {room_of(module) for module in MODULES} - {"__init__"} == ROOMS.keys()


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_is_short_and_its_functions_fit_a_screen(module: Path) -> None:
    """One idea per module, one screen per function."""
    text = module.read_text()
    assert len(text.splitlines()) <= LONGEST_MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert lines_of_thought(node) <= LONGEST_FUNCTION_LINES, node.name


def lines_of_thought(function: ast.FunctionDef) -> int:
    """Lines of a function without a dict that it returns: one row per field of the API is a table to look up."""
    table = function.body[-1].value if isinstance(function.body[-1], ast.Return) else None
    whole = (function.end_lineno or 0) - function.lineno
    return whole - ((table.end_lineno or 0) - table.lineno if isinstance(table, ast.Dict) else 0)


_IMPORT_ALL = """
import importlib, pkgutil, sys
effects = []
def hook(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes and "__pycache__" not in str(arguments[0]) or event in ("socket.connect", "socket.bind"):
        effects.append((event, str(arguments[0])))
sys.addaudithook(hook)
import salesloft_pipeline
for module in pkgutil.walk_packages(salesloft_pipeline.__path__, "salesloft_pipeline."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(effects)
"""
_IMPORT_CLI = """
import sys
sys.argv = ["salesloft-pipeline", "--help"]
from salesloft_pipeline.cli import main
main(standalone_mode=False)
print([name for name in ("dagster", "dlt", "pandas", "duckdb", "httpx", "pydantic") if name in sys.modules])
"""

# What only the bodies of assets, checks, ops and sensors work with.
OF_THE_BODIES = (
    *(
        "dlt",
        "duckdb",
        "psycopg",
        "psycopg2",
        "adbc_driver_manager",
        "sqlalchemy",
        "pandas",
        "numpy",
        "pyarrow",
    ),
    *(
        "httpx",
        "sqlglot",
        "prometheus_client",
        "jinja2",
        "matplotlib",
        "xlsxwriter",
        "fsspec",
        "dogpile",
        "redis",
    ),
    *("pydantic_settings", "rich", "structlog", "starlette", "opentelemetry"),
)
_IMPORT_DEFINITIONS = f"""
import sys
from salesloft_pipeline.definitions import defs
defs.get_repository_def()
print([name for name in {OF_THE_BODIES} if name in sys.modules])
"""


def in_fresh_python(code: str, folder: Path) -> str:
    """The last line that code prints in a process without any environment."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=folder, env={}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def test_importing_every_module_has_no_effect(tmp_path: Path) -> None:
    """No file written, no socket, no environment needed; definitions.py included."""
    assert in_fresh_python(_IMPORT_ALL, tmp_path) == "[]"
    assert list(tmp_path.iterdir()) == []


def test_help_answers_without_importing_the_machinery(tmp_path: Path) -> None:
    """`--help` should cost a tenth of a second, not three."""
    assert in_fresh_python(_IMPORT_CLI, tmp_path) == "[]"


def test_definitions_are_loaded_without_what_the_bodies_work_with(tmp_path: Path) -> None:
    """The webserver, the daemon, and each run of anything else do not pay for the import of pandas and the like."""
    assert in_fresh_python(_IMPORT_DEFINITIONS, tmp_path) == "[]"


def test_sql_is_quoted_in_one_place() -> None:
    """Names and texts become SQL by `quote` and `text` of engines/, and nobody doubles quotation marks by hand."""
    by_hand = ("""replace("'", "''")""", """replace('"', '""')""")
    found = {named(module) for module in MODULES if any(deed in module.read_text() for deed in by_hand)}
    assert found == {"engines/__init__.py"}
