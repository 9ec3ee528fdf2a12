"""One text for two engines: of the same raw data, DuckDB and Postgres make the same mart, row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.transform import CHECKS, MARTS, SEEDS, build, run_checks
from salesloft_pipeline.transform.indexes import INDEXES
from salesloft_pipeline.warehouse import Warehouse, quote
from salesloft_pipeline_tests.conftest import NOW, sized, staged
from salesloft_pipeline_tests.transform.rows import NEW_YORK

# What an engine calls the zones of the world is its own.
OWN = {"ref_time_zone"}


def copy(source: Warehouse, target: Warehouse) -> None:
    """Every row of every raw table."""
    columns.create_tables(target)
    ops.create_tables(target)
    with source.transaction() as read, target.transaction() as write:
        for table, _, table_columns in columns.raw_tables():
            names = ", ".join(quote(column.name) for column in table_columns)
            places = ", ".join(f"${number}" for number, _ in enumerate(table_columns, start=1))
            for row in read.query(f"select {names} from raw_salesloft.{quote(table)}"):
                write.execute(f"insert into raw_salesloft.{quote(table)} ({names}) values ({places})", row)


def plain(value: Any) -> Any:
    """A value as it is on both engines: JSON parsed, a fraction to nine digits, an instant in one UTC."""
    if isinstance(value, float):
        # Hours of whole microseconds often lie just between two; the engines differ in the sixteenth digit.
        return round(value + 1e-12, 9)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return json.loads(value)
    return value


def rows(warehouse: Warehouse, table: str) -> list[str]:
    found = warehouse.query(f"select * from mart.{table}")
    return sorted(repr(tuple(map(plain, row))) for row in found)


def test_both_engines_make_the_same_mart(tmp_path: Path, postgres_url: str) -> None:
    """Of a simulated team's weeks every table has the same rows, in the same columns, and the checks say the same."""
    with staged(f"duckdb:///{tmp_path}/w.duckdb", people=sized(60, 1000), emails=sized(400, 20_000)) as scene:
        scene.sync()
    duckdb, postgres = scene.warehouse, Warehouse(postgres_url)
    copy(duckdb, postgres)
    for warehouse in (duckdb, postgres):
        build(warehouse, NOW, NEW_YORK)
    with duckdb.kept_open():
        for table in [mart.name for mart in MARTS] + [seed.name for seed in SEEDS]:
            assert list(duckdb.columns("mart", table)) == list(postgres.columns("mart", table))
            if table not in OWN:
                assert rows(duckdb, table) == rows(postgres, table), table
        asked = [check for check in CHECKS if check.table.startswith("mart.")]
        assert run_checks(duckdb, now=NOW, schedules={}, checks=asked) == run_checks(
            postgres, now=NOW, schedules={}, checks=asked
        )


def test_postgres_finds_days_and_people_by_index(postgres_url: str) -> None:
    """Every index of the table is there after a build, and after the next, whose tables take the place of the old."""
    warehouse = Warehouse(postgres_url)
    columns.create_tables(warehouse)
    ops.create_tables(warehouse)
    wanted = {(table, column) for table, by in INDEXES.items() for column in by}
    for _ in range(2):
        build(warehouse, NOW, NEW_YORK)
        found = warehouse.query(
            "select tablename, substring(indexdef from '\\((.*)\\)') from pg_indexes where schemaname = 'mart'"
        )
        assert set(found) == wanted
        assert len(found) == len(wanted)
