"""What every benchmark tells: ratios of one run, as rows of one table.

    benchmarks/<name>.py: measure()  ->  list[Row]  ->  print_table

Each runs alone, too: python -m benchmarks.<name>.

A ratio compares two things that ran in turns on the same machine, so it holds on another one; figures do not.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPEATS = 3


@dataclass(frozen=True)
class Row:
    """what: the question. ratio: the answer. target: what was wanted of it, such as ">= 0.6". detail: the figures."""

    what: str
    ratio: float
    target: str
    detail: str

    @property
    def met(self) -> bool | None:
        """Does the ratio meet its target? None where the target is no comparison."""
        sign, _, bound = self.target.partition(" ")
        compare = {">=": float.__ge__, "<=": float.__le__}.get(sign)
        return compare(float(self.ratio), float(bound)) if compare else None


def in_turns(contenders: Mapping[str, Callable[[], float]], repeats: int = REPEATS) -> dict[str, list[float]]:
    """Each measured once a round, one after the other, so that whatever else the machine does meets all of them."""
    rounds = [{name: measured() for name, measured in contenders.items()} for _ in range(repeats)]
    return {name: [each[name] for each in rounds] for name in contenders}


def ratio_of(found: Mapping[str, Sequence[float]], ours: str, other: str) -> float:
    """The median over the rounds of ours divided by the other of the same round."""
    return statistics.median(mine / theirs for mine, theirs in zip(found[ours], found[other], strict=True))


def machine() -> str:
    """One line about where this ran: cores, memory, Python and the libraries that do the work."""
    from importlib.metadata import version

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dlt", "dagster", "pyarrow"))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a table that reads well as text too."""
    heads = ("what", "ratio", "target", "met", "figures")
    return aligned(
        heads, [(row.what, f"{row.ratio:.3g}", row.target, _MET[row.met], row.detail) for row in rows]
    )


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns stand below each other, whatever the cells hold."""
    cells = [[cell.replace("|", "/") for cell in row] for row in rows]
    widths = [max(len(line[place]) for line in [heads, *cells]) for place in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *cells]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def print_table(rows: Sequence[Row]) -> None:
    """The table and the machine, for people."""
    print(markdown(rows))
    print(f"\n{machine()}")


def write_table(rows: Sequence[Row], path: Path) -> None:
    """The same as a page of the documentation."""
    path.write_text(
        "<!-- Written by `make bench`; docs/performance.md says how to read it. -->\n\n"
        f"# Benchmarks\n\n{machine()}\n\n{markdown(rows)}\n"
    )


_MET = {True: "yes", False: "NO", None: ""}
