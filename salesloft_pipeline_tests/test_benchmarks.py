"""The table of `make bench`: which benchmarks stand in it, and what it says of a target."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.__main__ import MODULES
from benchmarks.table import Row, in_turns, markdown, ratio_of

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_can_be_measured_without_a_word(name: str) -> None:
    """`measure()` is there and needs nothing, and the module says how it is run alone."""
    tree = ast.parse((BENCHMARKS / f"{name}.py").read_text())
    (measure,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "measure"]
    assert len(measure.args.args) == len(measure.args.defaults)
    assert f"python -m benchmarks.{name}" in (ast.get_docstring(tree) or "")


@pytest.mark.parametrize(
    ("ratio", "target", "met"),
    [(0.6, ">= 0.6", True), (0.59, ">= 0.6", False), (3, "<= 3", True), (3.1, "<= 3", False), (1, "", None)],
)
def test_a_row_knows_whether_its_target_is_met(ratio: float, target: str, met: bool | None) -> None:
    """A bound belongs to what is allowed; without a comparison nothing is judged."""
    assert Row("what", ratio, target, "").met is met


def test_a_missed_target_shows_and_the_table_stays_a_table() -> None:
    """NO in capitals, columns under each other, whatever a detail holds."""
    table = markdown([Row("slow", 0.2, ">= 2", "a | b"), Row("told", 1234.5, "", "")])
    lines = table.splitlines()
    assert "| NO" in lines[2]
    assert len({len(line) for line in lines}) == len({line.count("|") for line in lines}) == 1


def test_a_ratio_compares_within_a_round() -> None:
    """The machine that is slow in one round is slow for all, and the median of the ratios does not see it."""
    speeds = iter([10.0, 5.0, 100.0, 50.0, 1.0, 0.5])
    found = in_turns({"ours": lambda: next(speeds), "floor": lambda: next(speeds)}, repeats=3)
    assert ratio_of(found, "ours", "floor") == 2.0
