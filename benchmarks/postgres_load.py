"""How fast rows reach Postgres, against psycopg's plain COPY of the same rows in the same run.

    python -m benchmarks.postgres_load --rows 50000

    the load    records -> Arrow -> parquet -> ADBC's COPY into a staging table -> merge by key   (ingest/pipeline.py)
    plain COPY  the same values -> the same columns, an empty table without a key

Both commit. The server is one of the tests: what it commits outlives it, but it does not wait for the disk.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
import psycopg

from benchmarks.table import Row, in_turns, print_table
from salesloft_pipeline.ingest import arrow, columns
from salesloft_pipeline.ingest.columns import KEY, RAW_SCHEMA, table_columns
from salesloft_pipeline.ingest.loading import load
from salesloft_pipeline.ingest.source import BATCH_ROWS, merged
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.simulator import World
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests import postgres

EMAILS = BY_NAME["emails"]
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
COLUMNS = table_columns(EMAILS)


def records(rows: int) -> list[Any]:
    """So many emails, as the API shows them."""
    return list(World(rows // 40, rows, days=365, seed=1, now=NOW).truth("emails"))


def loaded(url: str, given: list[Any]) -> float:
    """Rows a second by our way, into a table that is there and empty."""
    warehouse = Warehouse(url)
    with warehouse.turn():
        columns.create_tables(warehouse)
        warehouse.execute(f"truncate {RAW_SCHEMA}.emails")
        began = time.perf_counter()
        tables = [
            merged(
                arrow.convert(EMAILS, given[at : at + BATCH_ROWS], synced_at=NOW, source="poll").table,
                "emails",
                KEY,
                COLUMNS,
                {"disposition": "merge", "strategy": "delete-insert"},
                newest_by="_synced_at",
            )
            for at in range(0, len(given), BATCH_ROWS)
        ]
        load(warehouse, "measured", tables)
        seconds = time.perf_counter() - began
    assert warehouse.query(f"select count(*) from {RAW_SCHEMA}.emails") == [(len(given),)]
    return len(given) / seconds


def copied(url: str, values: list[tuple[Any, ...]]) -> float:
    """Rows a second by COPY."""
    kinds = ", ".join(f'"{column.name}" {column.kind.sql}' for column in COLUMNS)
    with closing(psycopg.connect(url)) as connection:
        connection.execute(f"drop table if exists plain; create table plain ({kinds})".encode())
        connection.commit()
        began = time.perf_counter()
        with connection.cursor().copy("copy plain from stdin") as copy:
            for row in values:
                copy.write_row(row)
        connection.commit()
        return len(values) / (time.perf_counter() - began)


def compare(rows: int) -> list[Row]:
    """Both, in turns."""
    given = records(rows)
    table = arrow.convert(EMAILS, given, synced_at=NOW, source="poll").table
    values = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    with postgres.mortal() as server, server.database() as url:
        found = in_turns({"load": partial(loaded, url, given), "copy": partial(copied, url, values)})
    ours, plain = (sorted(found[name])[len(found[name]) // 2] for name in ("load", "copy"))
    detail = (
        f"{len(given):,} emails of {len(COLUMNS)} columns: {ours:,.0f} rows/s against {plain:,.0f} by COPY"
    )
    return [Row("rows a second into Postgres, to psycopg's COPY", ours / plain, ">= 0.25", detail)]


def measure() -> list[Row]:
    """Within a minute."""
    return compare(30_000)


@click.command()
@click.option("--rows", default=100_000, show_default=True)
def main(rows: int) -> None:
    """Measure one table."""
    print_table(compare(rows))


if __name__ == "__main__":
    main()
