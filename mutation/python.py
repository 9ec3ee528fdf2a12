"""Mutants of the modules that [tool.mutmut] names, by mutmut, each against the tests that call its function.

mutmut works on a copy of the tree, mutants/, and lives in a virtual environment of its own that sees ours.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path

from mutation.outcome import Outcome, drawn

_MUTMUT = Path(".venv/mutants/bin/mutmut")
_COPY = Path("mutants")
_NOTICED, _SURVIVED, _UNTESTED = {1, 3}, 0, 33


def outcomes(sample: int, seed: int) -> list[Outcome]:
    """All mutants, or so many of each module, drawn by `seed`; 0 is all. Raises CalledProcessError."""
    # Named after nothing, it makes the mutants and finds out which test calls what.
    subprocess.run([_MUTMUT, "run", "nothing"], capture_output=True, check=False)
    chosen = [name for names in _names().values() for name in drawn(sorted(names), sample, seed)]
    subprocess.run([_MUTMUT, "run", "--max-children", "2", *chosen], check=True)
    return [_outcome(name, code) for name, code in _codes().items() if name in set(chosen)]


def _codes() -> dict[str, int | None]:
    """The exit code of the tests by mutant, of the modules that are mutated."""
    files = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]["only_mutate"]
    found: dict[str, int | None] = {}
    for file in files:
        found |= json.loads((_COPY / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"]
    return found


def _names() -> dict[str, list[str]]:
    by_module = defaultdict(list)
    for name in _codes():
        by_module[name.rpartition(".")[0]].append(name)
    return by_module


def _outcome(name: str, code: int | None) -> Outcome:
    module, _, mangled = name.rpartition(".")
    place = mangled.partition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    killed = code not in (_SURVIVED, _UNTESTED, None)
    change = "" if killed else _change(name)
    return Outcome(f"{module.replace('.', '/')}.py", place, change, killed, killed and code not in _NOTICED)


def _change(name: str) -> str:
    """The first line that the mutant has and the module has not."""
    shown = subprocess.run([_MUTMUT, "show", name], capture_output=True, text=True, check=True).stdout
    added = [line[1:].strip() for line in shown.splitlines() if line.startswith("+") and line[1:2] != "+"]
    taken = [line[1:].strip() for line in shown.splitlines() if line.startswith("-") and line[1:2] != "-"]
    return next(
        (line for line in added if line not in taken), f"without {taken[0]}" if taken else shown.strip()
    )
