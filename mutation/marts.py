"""Mutants of the SQL behind the daily mart: one token changed at a time, in the text as sqlglot reads it.

First a few teams are computed by the mutant and, independently, in pandas (the tests' twin); a mutant that agrees on
all of them then meets the worked examples. Both on DuckDB.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from sqlglot.dialects.postgres import Postgres

from mutation.outcome import Outcome, drawn
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.transform import MARTS, build
from salesloft_pipeline.transform.marts import Mart
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.agreement import assert_built_of
from salesloft_pipeline_tests.transform.rows import fill
from salesloft_pipeline_tests.transform.teams import raw_rows, teams
from salesloft_pipeline_tests.transform.twin import AS_OF, ZONE, Team

_MART = "daily_engagement"
_TEAMS, _DRAWN = 3, 60
_EXAMPLES = "salesloft_pipeline_tests/transform/test_examples.py"
# What stands for what; a word is replaced where it stands alone.
_SWAPS = {
    "=": "<>", "<>": "=", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+",
    "and": "or", "or": "and", "not": "", "distinct": "", "left": "inner", "when": "when not", "where": "where not",
    "min": "max", "max": "min", "sum": "max", "count": "max", "greatest": "least", "least": "greatest",
    "coalesce": "nullif", "true": "false", "false": "true", "desc": "asc", "0": "1", "1": "2",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A mart whose SQL differs in one token; line: the changed line as it now stands."""

    mart: Mart
    number: int
    line: str


@dataclass(frozen=True)
class World:
    """A team and a DuckDB file that holds its raw rows."""

    team: Team
    file: Path


def outcomes(sample: int, seed: int) -> list[Outcome]:
    """All mutants of the facts and of the daily mart, or so many of them drawn by `seed`; 0 is all."""
    mutants = [mutant for mart in _needed() if mart.name.startswith(("fct_", _MART)) for mutant in _of(mart)]
    with tempfile.TemporaryDirectory() as folder:
        worlds = _worlds(Path(folder))
        return [_outcome(mutant, worlds, Path(folder)) for mutant in drawn(mutants, sample, seed)]


def _needed() -> tuple[Mart, ...]:
    """The daily mart and all that it is made of, in the order of building."""
    by_name, needed, waiting = {mart.name: mart for mart in MARTS}, set[str](), [_MART]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in needed:
            needed.add(name)
            waiting += [each.removeprefix("mart.") for each in by_name[name].upstream]
    return tuple(mart for mart in MARTS if mart.name in needed)


def _of(mart: Mart) -> Iterator[Mutant]:
    for token in Postgres.Tokenizer().tokenize(mart.sql):
        new = _SWAPS.get(token.text.lower())
        if new is None or mart.sql[token.start] == "'":
            continue
        sql = f"{mart.sql[: token.start]}{new}{mart.sql[token.end + 1 :]}"
        yield Mutant(replace(mart, sql=sql), token.line, sql.splitlines()[token.line - 1].strip())


def _worlds(folder: Path) -> list[World]:
    """The fullest of the teams that hypothesis draws, always the same ones."""
    drawn: list[Team] = []

    @settings(
        max_examples=_DRAWN, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(teams)
    def draw(team: Team) -> None:
        drawn.append(team)

    draw()
    drawn.sort(key=lambda team: len(list(raw_rows(team))), reverse=True)
    return [_world(team, folder / f"{number}.duckdb") for number, team in enumerate(drawn[:_TEAMS])]


def _world(team: Team, file: Path) -> World:
    warehouse = Warehouse(f"duckdb:///{file}")
    create_tables(warehouse)
    ops.create_tables(warehouse)
    fill(warehouse, *raw_rows(team))
    build(warehouse, AS_OF, ZONE, marts=_needed())
    assert_built_of(warehouse, team)
    return World(team, file)


def _outcome(mutant: Mutant, worlds: list[World], folder: Path) -> Outcome:
    killed = not all(_agrees(mutant.mart, world, folder) for world in worlds) or not _passes(
        mutant.mart, folder
    )
    print(
        f"{'killed' if killed else 'SURVIVED'}  {mutant.mart.name}:{mutant.number}  {mutant.line}", flush=True
    )
    return Outcome(f"{mutant.mart.name}.sql", f"line {mutant.number}", mutant.line, killed)


def _agrees(mart: Mart, world: World, folder: Path) -> bool:
    file = folder / "mutant.duckdb"
    shutil.copyfile(world.file, file)
    warehouse = Warehouse(f"duckdb:///{file}")
    try:
        build(
            warehouse,
            AS_OF,
            ZONE,
            marts=tuple(mart if mart.name == each.name else each for each in _needed()),
        )
        assert_built_of(warehouse, world.team)
    except Exception:  # also SQL that no engine takes
        return False
    return True


def _passes(mart: Mart, folder: Path) -> bool:
    """Do the worked examples pass with it?"""
    file = folder / f"{mart.name}.sql"
    file.write_text(mart.sql, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-x",
        "-k",
        "duckdb",
        "-p",
        "mutation.mutated",
        _EXAMPLES,
    ]
    run = subprocess.run(
        command, env={**os.environ, "MART_MUTANT": str(file)}, capture_output=True, check=False
    )
    return run.returncode == 0
