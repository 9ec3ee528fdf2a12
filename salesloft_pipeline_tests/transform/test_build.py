"""The build: all or nothing, the same from the same, and of what its files say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest
import sqlglot
from sqlglot import exp

from salesloft_pipeline.transform import BUILD_INFO, MARTS, SEEDS, BuildError, Mart, build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import NEW_YORK, at, email, fill
from salesloft_pipeline_tests.transform.world import AS_OF

NOW = at(f"{AS_OF} 10:00")
TABLES = [seed.name for seed in SEEDS] + [mart.name for mart in MARTS] + [BUILD_INFO]
by_name = pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)


def contents(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the mart, rows in the order in which they are stored."""
    with warehouse.transaction() as sql:
        return {name: sql.query(f"select * from mart.{name}") for name in TABLES}


def test_building_twice_gives_identical_tables(built_warehouse: Warehouse) -> None:
    """Same raw data, same as_of, same zone: same rows in the same order, same build id."""
    before = contents(built_warehouse)
    if built_warehouse.path:
        # Whichever of several threads is the first to be done.
        built_warehouse.execute("set threads = 4")
    report = build(built_warehouse, NOW, NEW_YORK)
    assert contents(built_warehouse) == before
    assert [report.build_id] == [row[0] for row in before[BUILD_INFO]]


def test_another_zone_is_another_build(built_warehouse: Warehouse) -> None:
    """The zone is on record, and changing it rebuilds everything."""
    first = built_warehouse.query("select build_id, reporting_time_zone, as_of_date from mart.build_info")
    build(built_warehouse, NOW, "Pacific/Kiritimati")
    second = built_warehouse.query("select build_id, reporting_time_zone, as_of_date from mart.build_info")
    assert first[0][0] != second[0][0]
    assert [row[1:] for row in (*first, *second)] == [
        (NEW_YORK, AS_OF),
        ("Pacific/Kiritimati", at("11-21 00:00").date()),
    ]


def test_build_info_tells_of_the_build(built_warehouse: Warehouse) -> None:
    """As of when, since when versions are recorded, and how many rows each table has."""
    ((as_of, started, counts),) = built_warehouse.query(
        "select as_of, history_started_at, cast(row_counts as text) from mart.build_info"
    )
    assert (as_of, started) == (NOW, at("11-09 15:00"))
    rows = json.loads(counts)
    assert rows["fct_email"] == 63
    assert set(rows) == set(TABLES) - {BUILD_INFO}


def test_a_failing_table_leaves_the_last_build(built_warehouse: Warehouse) -> None:
    """Nothing of a half build is seen, and the message names the table."""
    before = contents(built_warehouse)
    fill(built_warehouse, email(99))
    broken = tuple(
        replace(mart, sql="select 1 / cast('x' as integer) as n") if mart.name == "dim_user" else mart
        for mart in MARTS
    )
    with pytest.raises(BuildError, match=r"mart\.dim_user could not be made"):
        build(built_warehouse, NOW, NEW_YORK, marts=broken)
    assert contents(built_warehouse) == before
    assert "mart_next" not in [
        name for (name,) in built_warehouse.query("select schema_name from information_schema.schemata")
    ]


def test_readers_see_the_old_mart_until_the_new_one_is_whole(built_warehouse: Warehouse) -> None:
    """A reader in the middle of a build sees the last one."""
    seen: list[int] = []

    class Peek(Mart):
        """A mart at whose making somebody looks at the tables made so far."""

        def __getattribute__(self, name: str) -> object:
            if name == "sql":
                ((rows,),) = Warehouse(built_warehouse.url).query("select count(*) from mart.fct_email")
                seen.append(rows)
            return super().__getattribute__(name)

    fill(built_warehouse, email(99))
    last = MARTS[-1]
    peeking = (*MARTS[:-1], Peek(last.name, last.grain, last.sql, last.upstream))
    build(built_warehouse, NOW, NEW_YORK, marts=peeking)
    assert set(seen) == {63}
    assert built_warehouse.query("select count(*) from mart.fct_email") == [(64,)]


def test_other_tables_of_the_schema_stay(built_warehouse: Warehouse) -> None:
    """What somebody else keeps in the schema is not the build's to drop."""
    built_warehouse.execute("create table mart.quotas as select 7 as user_id, 50 as calls_a_day")
    build(built_warehouse, NOW, NEW_YORK)
    assert built_warehouse.query("select * from mart.quotas") == [(7, 50)]


def test_an_unknown_zone_is_refused_with_a_hint(built_warehouse: Warehouse) -> None:
    """Before anything runs, with the names that come near."""
    before = contents(built_warehouse)
    with pytest.raises(
        BuildError, match=r"unknown reporting time zone 'America/NewYork': did you mean .*America/New_York"
    ):
        build(built_warehouse, NOW, "America/NewYork")
    with pytest.raises(BuildError, match="unknown reporting time zone"):
        build(built_warehouse, NOW, "UTC'; drop table mart.dim_user; --")
    assert contents(built_warehouse) == before


def test_as_of_needs_a_zone(warehouse: Warehouse) -> None:
    """An instant without zone could be any of 26 hours."""
    with pytest.raises(BuildError, match="has no time zone"):
        build(warehouse, datetime(2026, 11, 20), "UTC")  # noqa: DTZ001 - the fault under test


@by_name
@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_one_text_for_both_engines(mart: Mart, dialect: str) -> None:
    """Every file parses as the SQL of either engine, as one select."""
    (statement,) = sqlglot.parse(mart.sql, dialect=dialect)
    assert isinstance(statement, exp.Query)


@by_name
def test_files_say_what_they_are(mart: Mart) -> None:
    """The first line is the grain with its key, tables come sorted, views are named as such."""
    assert mart.grain.startswith("One row per ")
    assert mart.is_view or "\norder by " in mart.sql
    assert "::" not in mart.sql


@by_name
def test_upstream_is_what_the_sql_reads(mart: Mart) -> None:
    """The references found by pattern are those found by a parser, and each comes earlier in the order."""
    query = sqlglot.parse_one(mart.sql, dialect="postgres")
    read = {f"{table.db}.{table.name}" for table in query.find_all(exp.Table) if table.db}
    assert set(mart.upstream) == read
    earlier = [f"mart.{name}" for name in TABLES[: TABLES.index(mart.name)]]
    assert {name for name in read if name.startswith("mart.")} <= set(earlier)


def test_columns_are_known_before_the_build(built_warehouse: Warehouse) -> None:
    """What MARTS says of a table's columns is what the engine made."""
    for mart in MARTS:
        assert tuple(built_warehouse.columns("mart", mart.name)) == mart.columns, mart.name
