"""What tables, columns and metrics of the mart mean: `metrics.yml`, read when first asked for.

metrics.yml  ->  tables(), metrics()  ->  comments, Dagster's columns, the dictionary, check Q32, exports
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "metrics.yml"
NO_FAMILY = "none"


@dataclass(frozen=True)
class Column:
    """One column. `type` in words of neither engine, `family` cohort, activity or none, `references` a dimension."""

    name: str
    type: str
    means: str
    unit: str | None = None
    family: str = NO_FAMILY
    personal: bool = False
    references: str | None = None

    @property
    def is_additive(self) -> bool:
        """Whether the sum over several rows is a number of the same kind."""
        return self.unit in ("count", "seconds") and self.family != NO_FAMILY

    @property
    def comment(self) -> str:
        """What a BI tool shows of the column: its meaning, then unit, family and whether it is personal."""
        facts = {
            "Unit": self.unit,
            "Family": None if self.family == NO_FAMILY else self.family,
            "Joins": self.references,
        }
        told = [self.means, *(f"{fact}: {value}." for fact, value in facts.items() if value)]
        return " ".join([*told, *(["Personal data."] if self.personal else [])])


@dataclass(frozen=True)
class Table:
    """One table: what it is for, its key, its columns in their order."""

    name: str
    means: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class Metric:
    """An aggregate over rows of `table`, by days of its column `date`; of a ratio, both parts are aggregates."""

    name: str
    table: str
    date: str
    numerator: str
    unit: str
    family: str
    null_when: str
    means: str
    note: str
    denominator: str | None = None

    @property
    def expression(self) -> str:
        """The metric as SQL for both engines: a ratio of sums, NULL where there is nothing to divide by."""
        if self.denominator is None:
            return self.numerator
        return f"cast({self.numerator} as double precision) / nullif({self.denominator}, 0)"


@cache
def tables() -> Mapping[str, Table]:
    """Every table of the mart by name, in the order of the file."""
    content = _content()
    return {name: _table(name, told, content["columns"]) for name, told in content["tables"].items()}


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by name, in the order of the file."""
    return {name: Metric(name, **told) for name, told in _content()["metrics"].items()}


def columns_of(table: str) -> Mapping[str, Column]:
    """The columns of a table; none for a table that is not ours."""
    return tables()[table].columns if table in tables() else {}


@cache
def _content() -> Any:
    # In C, because Dagster reads this file whenever it loads the definitions.
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(_FILE.read_text(encoding="utf-8"), safe)  # noqa: S506


def _table(name: str, told: Mapping[str, Any], shared: Mapping[str, Any]) -> Table:
    key, columns = tuple(told["key"]), {}
    for column, own in _flat(told["columns"]):
        facts = {**shared.get(column, {}), **own}
        if facts.get("references") == name and column in key:
            facts["references"] = None
        columns[column] = Column(column, **facts)
    return Table(name, told["means"], key, columns)


def _flat(listed: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A name, a mapping of one name, or a list of these, as pairs of a name and what is its own."""
    if isinstance(listed, str):
        yield listed, {}
    elif isinstance(listed, dict):
        yield from listed.items()
    else:
        for each in listed:
            yield from _flat(each)
