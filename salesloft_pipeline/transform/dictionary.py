"""The data dictionary: `docs/data-dictionary.md`, written from `metrics.yml` and the grains.

python -m salesloft_pipeline.transform.dictionary  ->  docs/data-dictionary.md
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from salesloft_pipeline.transform.build_info import BUILD_INFO, BUILD_INFO_GRAIN
from salesloft_pipeline.transform.description import NO_FAMILY, Column, Metric, Table, metrics, tables
from salesloft_pipeline.transform.marts import MARTS
from salesloft_pipeline.transform.seeds import SEEDS

PAGE = Path("docs/data-dictionary.md")
_HEAD = """# Data dictionary

Every table, column and metric of schema `mart`; the columns of a key are bold. `make docs` writes this page from
`metrics.yml` and from the first line of each table's SQL file, and a test fails where it is out of date.

Times are instants in UTC, days are those of the reporting time zone. Counts and rates are of two families: *cohort*
belongs to the day of sending and matures for two weeks, *activity* to the day on which a thing happened. Rates are NULL
where there is nothing to divide by; to roll them up, divide the sum of the numerators by that of the denominators.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_contents(), *_metrics(), *_tables()])


def _grains() -> dict[str, str]:
    told = [*((seed.name, seed.grain) for seed in SEEDS), *((mart.name, mart.grain) for mart in MARTS)]
    return dict([*told, (BUILD_INFO, BUILD_INFO_GRAIN)])


def _contents() -> Iterator[str]:
    yield "## Contents\n"
    yield "[Metrics](#metrics)\n"
    yield ", ".join(f"[{name}](#{name})" for name in tables()) + "\n"


def _metrics() -> Iterator[str]:
    yield "## Metrics\n"
    yield "| metric | meaning | of | expression | unit | family |"
    yield "|---|---|---|---|---|---|"
    yield from map(_metric, metrics().values())
    yield ""


def _metric(metric: Metric) -> str:
    meaning = f"{metric.means} {metric.note} NULL where {metric.null_when}."
    cells = (metric.name, meaning, f"`{metric.table}`, by `{metric.date}`", f"`{metric.expression}`")
    return _row(*cells, metric.unit, metric.family)


def _tables() -> Iterator[str]:
    grains = _grains()
    for table in tables().values():
        yield f"## {table.name}\n"
        yield f"{grains[table.name]} {table.means}\n"
        yield "| column | type | meaning | unit | family |"
        yield "|---|---|---|---|---|"
        yield from (_column(table, column) for column in table.columns.values())
        yield ""


def _column(table: Table, column: Column) -> str:
    meaning = column.means
    if column.references:
        meaning += f" Joins [{column.references}](#{column.references})."
    if column.personal:
        meaning += " **Personal data.**"
    name = f"**{column.name}**" if column.name in table.key else column.name
    return _row(
        name, column.type, meaning, column.unit or "", "" if column.family == NO_FAMILY else column.family
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
