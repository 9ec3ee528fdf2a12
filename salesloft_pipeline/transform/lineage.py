"""Which columns each column of a mart table is made of, read from its SQL.

    mart/daily_engagement.sql  ->  lineage  ->  emails_replied: fct_email.was_replied

What decides on rows alone (where, join) is no source of a column. A column that counts rows comes from the keys of
the tables whose rows they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node
from sqlglot.lineage import lineage as lineage_of
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from salesloft_pipeline.transform.description import tables
from salesloft_pipeline.transform.marts import SCHEMA, Mart

_DIALECT = "postgres"


def lineage(mart: Mart) -> dict[str, tuple[tuple[str, str], ...]]:
    """The sources of each column as pairs of table and column, sorted; `mart` may read tables of the mart alone."""
    # A parameter has no columns, whatever it stands for.
    sql = mart.sql.replace(":as_of", "current_timestamp").replace(":time_zone", "'UTC'")
    known = {table.name: {c.name: c.type for c in table.columns.values()} for table in tables().values()}
    query = qualify(
        sqlglot.parse_one(sql, dialect=_DIALECT), dialect=_DIALECT, schema={SCHEMA: known}, identify=False
    )
    steps = {step.alias: step.this for step in query.find_all(exp.CTE)}
    scope = build_scope(query)
    nodes = {
        column: lineage_of(column, query, dialect=_DIALECT, scope=scope, copy=False, trim_selects=False)
        for column in mart.columns
    }
    return {column: tuple(sorted(set(_sources(node, steps)))) for column, node in nodes.items()}


def _sources(node: Node, steps: Mapping[str, exp.Expr]) -> Iterator[tuple[str, str]]:
    for leaf in node.walk():
        if leaf.downstream:
            continue
        if isinstance(leaf.source, exp.Table):
            yield leaf.source.name, leaf.name.rpartition(".")[2]
        elif leaf.expression.find(exp.Count):
            for table in _counted(leaf.source, steps):
                yield from ((table, column) for column in tables()[table].key)


def _counted(query: exp.Expr, steps: Mapping[str, exp.Expr]) -> Iterator[str]:
    """The tables of the mart whose rows a select goes through, by way of the `with` steps before it."""
    for select in query.find_all(exp.Select):
        origin = select.find(exp.From)
        if origin and isinstance(origin.this, exp.Table):
            table = origin.this
            yield from [table.name] if table.db else _counted(steps[table.name], steps)
