"""metrics.yml describes the mart as it is built, in words that can be relied on, and its metrics are true."""

from __future__ import annotations

import re

import pytest

from salesloft_pipeline.transform import BUILD_INFO, BUILD_INFO_GRAIN, MARTS, SEEDS, metrics, tables
from salesloft_pipeline.transform.checks.columns import DAILY_KEY
from salesloft_pipeline.transform.checks.contract import TYPES
from salesloft_pipeline.transform.checks.keys import KEYS, REFERENCES
from salesloft_pipeline.transform.description import Metric, Table, _content
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import (
    activity,
    built,
    call,
    email,
    meeting,
    membership,
    record,
    success,
    user,
)
from salesloft_pipeline_tests.transform.world import ANN

GRAINS = {
    **{seed.name: seed.grain for seed in SEEDS},
    **{mart.name: mart.grain for mart in MARTS},
    BUILD_INFO: BUILD_INFO_GRAIN,
}
COLUMNS = [(table, column) for table in tables().values() for column in table.columns.values()]
ADDITIVE_UNITS = {"count", "seconds"}
RATE_UNITS = {"fraction", "per_1000", "touches", "touches_a_day", "hours"}
UNITS = ADDITIVE_UNITS | RATE_UNITS | {"people", "days", "percent", "ordinal", "id"}
COMMENTS = {
    "duckdb": (
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'mart'",
        "select table_name, comment from duckdb_tables() where schema_name = 'mart' "
        "union all select view_name, comment from duckdb_views() where schema_name = 'mart'",
    ),
    "postgres": (
        "select c.relname, a.attname, col_description(c.oid, a.attnum) from pg_class c join pg_attribute a "
        "on a.attrelid = c.oid where c.relnamespace = 'mart'::regnamespace and c.relkind in ('r', 'v') "
        "and a.attnum > 0",
        "select relname, obj_description(oid, 'pg_class') from pg_class "
        "where relnamespace = 'mart'::regnamespace and relkind in ('r', 'v')",
    ),
}
# One day of one user, cadence and step on which no two counts of a rate are the same.
DAY = (
    user(7, guid=ANN),
    *(record("people", number, account_id=number - 45) for number in (50, 51, 52, 53)),
    record("accounts", 5, name="Touched"),
    record("accounts", 6, name="Untouched"),
    email(1, views=3, clicks=1, replies=2, updated_at="03-03 15:00"),
    email(2, views=1, replies=1, person=51, updated_at="03-03 15:00"),
    email(3, views=2, clicks=1, person=51, updated_at="03-03 15:00"),
    email(4, bounced=True, person=52),
    email(5, tracking=False),
    email(6),
    call(1, "Connected", "Interested"),
    call(2, "Connected", "Not Interested"),
    call(3, "Left Voicemail"),
    call(4),
    meeting(1, "03-04 15:00", "03-06 15:00", booked_by=ANN, person=50),
    meeting(2, "03-04 15:00", "03-06 15:00", booked_by=ANN, person=53, canceled_at="03-05 15:00"),
    meeting(3, "03-04 15:00", "03-06 15:00", booked_by=ANN, person=53, no_show=True),
    meeting(4, "03-04 15:00", "03-30 15:00", booked_by=ANN, person=53),
    meeting(5, "03-04 15:00", "03-06 15:00", booked_by=ANN, person=53, status="pending"),
    success(1, "03-05 15:00", emails=8, calls=3),
    success(2, "03-05 15:00", emails=40, person=53, deleted_at="03-06 15:00"),
    membership(1, "03-02 12:00"),
    membership(2, "03-02 13:00", person=51),
    membership(3, "03-02 14:00", person=52),
    membership(4, "03-01 12:00", person=53, deleted_at="03-09 12:00"),
    membership(5, "03-02 14:00", person=54),
    activity("optout", "dnc_event", "03-02 16:00"),
)
by_metric = pytest.mark.parametrize("metric", metrics().values(), ids=lambda metric: metric.name)


def test_every_table_and_column_is_described_and_nothing_else(built_warehouse: Warehouse) -> None:
    """Names, order and types of a built mart, on each engine, are those of the file."""
    built = {name: built_warehouse.columns("mart", name) for name in built_warehouse.tables("mart")}
    found = {
        name: [(column, TYPES.get(kind.lower(), kind.lower())) for column, kind in columns.items()]
        for name, columns in built.items()
    }
    assert found == {
        name: [(column.name, column.type) for column in table.columns.values()]
        for name, table in tables().items()
    }


def test_what_is_described_stands_in_the_database(built_warehouse: Warehouse) -> None:
    """Every column carries its meaning as a comment, every table its grain and what it is for."""
    of_columns, of_tables = (built_warehouse.query(sql) for sql in COMMENTS[built_warehouse.dialect])
    assert {(table, column): said for table, column, said in of_columns} == {
        (table.name, column.name): column.comment for table, column in COLUMNS
    }
    assert dict(of_tables) == {name: f"{GRAINS[name]} {table.means}" for name, table in tables().items()}


def test_keys_are_those_that_checks_and_grains_know() -> None:
    """One key of a table: in the file, in check Q01, and in the line that says what a row is."""
    assert {name: tables()[name].key for name in KEYS} == KEYS
    assert tables()["daily_engagement"].key == DAILY_KEY
    for name in tables().keys() - {"v_daily_engagement", BUILD_INFO}:
        said = set(re.findall(r"\w+", GRAINS[name].partition("(")[2]))
        assert set(tables()[name].key) <= said, name


def test_references_lead_to_a_row() -> None:
    """A reference is to a table with one key column of the same type; all that check Q04 follows are there."""
    for table, column in COLUMNS:
        if column.references:
            target = tables()[column.references]
            (key,) = target.key
            assert target.columns[key].type == column.type, (table.name, column.name)
    for name, columns in REFERENCES.items():
        assert {c.name for c in tables()[name].columns.values() if c.references} >= set(columns), name


@pytest.mark.parametrize("table", tables().values(), ids=lambda table: table.name)
def test_a_table_is_described_in_full(table: Table) -> None:
    """Sentences; a unit for every number; a family for what is counted by the day; known words only."""
    assert table.means.endswith(".")
    assert set(table.key) <= table.columns.keys()
    for column in table.columns.values():
        assert column.means[0].isupper(), column
        assert column.means.endswith("."), column
        assert column.unit in {None, *UNITS}, column
        assert column.family in ("cohort", "activity", "none"), column
        number = column.type in ("bigint", "integer", "double") and not column.name.endswith("_id")
        assert column.unit or not number, column
        assert column.family != "none" or not (table.name.startswith("daily_") and column.unit), column
        assert column.personal or column.name in table.key or not table.name.endswith("_pii"), column


def test_nothing_is_described_in_vain() -> None:
    """What `columns` describes for all is used by some table."""
    used = {column.name for _, column in COLUMNS}
    assert not _content()["columns"].keys() - used


def test_every_stored_rate_is_a_metric() -> None:
    """A rate that a table stores can be asked for at any grain."""
    stored = {c.name for _, c in COLUMNS if c.type == "double" and c.family != "none"}
    assert stored <= metrics().keys()


@by_metric
def test_a_metric_is_defined_in_full(metric: Metric) -> None:
    """By days of a column that is there, with unit, family and the case in which it is unknown."""
    assert tables()[metric.table].columns[metric.date].type == "date"
    assert metric.unit in RATE_UNITS
    assert metric.family in ("cohort", "activity")
    assert metric.null_when
    assert metric.means.endswith(".")
    assert metric.note.endswith(".")


def test_metrics_equal_the_rates_that_are_stored(warehouse: Warehouse) -> None:
    """At the grain of a table that stores the rate, a metric gives that rate; over nothing it is NULL, on each engine."""
    built(warehouse, *DAY, as_of="03-20 15:00")
    for metric in metrics().values():
        asked = f"select {metric.expression} from mart.{metric.table} where "
        ((everything,),) = warehouse.query(asked + "true")
        # No part equals another, so that a wrong one would be found.
        assert everything, metric.name
        assert 0 < everything < 1 or metric.unit != "fraction", metric.name
        assert warehouse.query(asked + "false") == [(None,)], metric.name
    compared = [(metric, table) for metric in metrics().values() for table in stores(metric)]
    assert {metric.name for metric, _ in compared} >= {c.name for _, c in COLUMNS if c.unit == "fraction"}
    for metric, table in compared:
        assert warehouse.query(unequal(metric, table)) == [(0,)], (metric.name, table.name)


def stores(metric: Metric) -> list[Table]:
    return [table for table in tables().values() if metric.name in table.columns]


def unequal(metric: Metric, table: Table) -> str:
    """How many rows of the table store another rate than the metric gives, asked of the metric's table by the key.

    Where the table holds all that the metric adds up, it is asked itself.
    """
    named = set(re.findall(r"\w+", metric.expression)) & tables()[metric.table].columns.keys()
    source = table if named and named <= table.columns.keys() else tables()[metric.table]
    dates = {
        "engagement_date": metric.date,
        "cohort_month": f"cast(date_trunc('month', {metric.date}) as date)",
    }
    keys = {key: key if key in source.columns else dates[key] for key in table.key}
    picked = ", ".join(f"{sql} as {key}" for key, sql in keys.items())
    joined = " and ".join(f"s.{key} = m.{key}" for key in keys)
    return (
        f"select count(*) from mart.{table.name} s left join (select {picked}, {metric.expression} as asked "
        f"from mart.{source.name} group by {', '.join(keys.values())}) m on {joined} "
        f"where (s.{metric.name} is null) <> (m.asked is null) or abs(s.{metric.name} - m.asked) > 1e-9"
    )
