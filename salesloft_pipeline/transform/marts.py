"""The mart tables as rows: one per file of `mart/`, in an order in which each finds what it reads.

    mart/<name>.sql         ->  Mart(name, grain, sql, upstream, columns), made anew by every build
    mart/append/<name>.sql  ->  the same, but a build adds its rows once a day and changes none (append.py)

A file is one select, after a comment whose first line states the grain. It names its sources in full
(`raw_salesloft.emails`, `mart.fct_email`), which is where the order comes from. `:as_of` and `:time_zone` stand
for the instant of the raw load and the reporting zone, others for what the team decided (rules.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

SCHEMA = "mart"
_FOLDER = Path(__file__).parent / "mart"
_APPEND = "append"
_REFERENCE = re.compile(r"\b(?:from|join)\s+((?:raw_salesloft|mart)\.\w+)")


@dataclass(frozen=True)
class Mart:
    """One mart table (or view, by its prefix `v_`): what a row is, how it is made and from which tables.

    `appended`: its rows stay for ever, and each day's first build adds its own.
    """

    name: str
    grain: str
    sql: str
    upstream: tuple[str, ...]
    appended: bool = False

    @property
    def is_view(self) -> bool:
        return self.name.startswith("v_")

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names in their order, read from the SQL."""
        import sqlglot

        select = sqlglot.parse_one(self.sql, dialect="postgres")
        return tuple(select.named_selects) if isinstance(select, sqlglot.exp.Query) else ()


def read_marts(folder: Path) -> tuple[Mart, ...]:
    """The SQL files of a folder in dependency order; files that do not depend on each other by name."""
    files = sorted([*folder.glob("*.sql"), *folder.glob(f"{_APPEND}/*.sql")], key=lambda path: path.stem)
    marts = {mart.name: mart for mart in map(_read, files)}
    reads = {
        name: [source.removeprefix(f"{SCHEMA}.") for source in mart.upstream] for name, mart in marts.items()
    }
    return tuple(marts[name] for name in TopologicalSorter(reads).static_order() if name in marts)


def _read(path: Path) -> Mart:
    text = path.read_text(encoding="utf-8")
    comment, _, _ = text.partition("\n")
    upstream = tuple(sorted(set(_REFERENCE.findall(_without_comments(text)))))
    return Mart(path.stem, comment.removeprefix("-- "), text, upstream, path.parent.name == _APPEND)


def _without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text)


MARTS = read_marts(_FOLDER)
