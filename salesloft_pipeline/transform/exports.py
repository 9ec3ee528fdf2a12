"""The metrics as semantic layers read them, with every table that they, or their dimensions, need.

    metrics.yml  ->  ossie()  ->  JSON of Apache Ossie (Open Semantic Interchange) 0.1.1
                 ->  cube()   ->  a data model of Cube, as YAML

A rate is a ratio of sums in both; a stored rate is left out, so that nobody averages it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from salesloft_pipeline.transform.description import Column, Metric, Table, metrics, tables
from salesloft_pipeline.transform.marts import SCHEMA

_NAME = "salesloft_engagement"
_MEANS = "What a sales team sent, called, answered and won, from SalesLoft."
# Types of Cube's dimensions; the others are strings.
_CUBE_TYPES = {
    "bigint": "number",
    "integer": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "time",
    "timestamp": "time",
}


def ossie() -> str:
    """One semantic model: datasets, the joins to their dimensions, metrics in ANSI SQL."""
    datasets = _needed()
    model = {
        "name": _NAME,
        "description": _MEANS,
        "datasets": [_dataset(table) for table in datasets],
        "relationships": [_relationship(table, column) for table in datasets for column in _joins(table)],
        "metrics": [
            {
                "name": metric.name,
                "expression": _ansi(_qualified(metric)),
                "description": _told(metric),
            }
            for metric in metrics().values()
        ],
    }
    return json.dumps({"version": "0.1.1", "semantic_model": [model]}, indent=2)


def cube() -> str:
    """One cube for each table: its joins, its dimensions, sums of its counts and the metrics as measures."""
    cubes = [
        {
            "name": table.name,
            "sql_table": f"{SCHEMA}.{table.name}",
            "description": table.means,
            "joins": [
                {
                    "name": column.references,
                    "relationship": "many_to_one",
                    "sql": f"{{CUBE}}.{column.name} = {{{column.references}}}.{_key(column)}",
                }
                for column in _joins(table)
            ],
            "dimensions": [_dimension(table, column) for column in _kept(table) if not column.is_additive],
            "measures": [*_sums(table), *_ratios(table)],
        }
        for table in _needed()
    ]
    return str(yaml.safe_dump({"cubes": cubes}, sort_keys=False, allow_unicode=True, width=110))


def _needed() -> list[Table]:
    """Tables of metrics, then the dimensions that they join, none with personal data alone."""
    asked = dict.fromkeys(metric.table for metric in metrics().values())
    joined = dict.fromkeys(
        c.references for name in asked for c in tables()[name].columns.values() if c.references
    )
    return [tables()[name] for name in dict.fromkeys([*asked, *joined])]


def _joins(table: Table) -> Iterator[Column]:
    """The columns by which a table joins others of the model: of several into one dimension, the first."""
    needed, seen = {each.name for each in _needed()}, {table.name}
    for column in table.columns.values():
        if column.references in needed - seen:
            seen.add(column.references)
            yield column


def _key(column: Column) -> str:
    (key,) = tables()[column.references or ""].key
    return key


def _kept(table: Table) -> Iterator[Column]:
    """All columns but those that store a metric of each row."""
    return (column for column in table.columns.values() if column.name not in metrics())


def _told(metric: Metric) -> str:
    return f"{metric.means} {metric.note} NULL where {metric.null_when}. Unit: {metric.unit}. Family: {metric.family}."


def _ansi(expression: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": expression}]}


def _dataset(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "source": f"{SCHEMA}.{table.name}",
        "primary_key": list(table.key),
        "description": table.means,
        "fields": [
            {
                "name": column.name,
                "expression": _ansi(column.name),
                "dimension": {"is_time": column.type in ("date", "timestamp")},
                "description": column.comment,
            }
            for column in _kept(table)
        ],
    }


def _relationship(table: Table, column: Column) -> dict[str, Any]:
    return {
        "name": f"{table.name}_{column.name}",
        "from": table.name,
        "to": column.references,
        "from_columns": [column.name],
        "to_columns": [_key(column)],
    }


def _qualified(metric: Metric) -> str:
    """The expression with the dataset before each of its columns; a subquery has tables of its own."""
    tree = sqlglot.parse_one(metric.expression, dialect="postgres")
    for column in tree.find_all(exp.Column):
        if not column.find_ancestor(exp.Subquery):
            column.set("table", exp.to_identifier(metric.table))
    return tree.sql(dialect="postgres")


def _dimension(table: Table, column: Column) -> dict[str, Any]:
    kind = _CUBE_TYPES.get(column.type, "string")
    # Cube takes time as a timestamp, and so a date has to become one.
    sql = f"cast({{CUBE}}.{column.name} as timestamp)" if column.type == "date" else f"{{CUBE}}.{column.name}"
    key = {"primary_key": True, "public": True} if column.name in table.key else {}
    return {"name": column.name, "sql": sql, "type": kind, "description": column.comment, **key}


def _sums(table: Table) -> Iterator[dict[str, Any]]:
    for column in table.columns.values():
        if column.is_additive:
            sql = f"{{CUBE}}.{column.name}"
            yield {"name": column.name, "sql": sql, "type": "sum", "description": column.comment}


def _ratios(table: Table) -> Iterator[dict[str, Any]]:
    for metric in metrics().values():
        if metric.table == table.name:
            yield {
                "name": metric.name,
                "sql": _qualified(metric).replace(f"{table.name}.", "{CUBE}."),
                "type": "number",
                "description": _told(metric),
            }
