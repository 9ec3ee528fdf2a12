"""Three ways to bring emails from SalesLoft into a DuckDB file, each in a process of its own.

    python -m benchmarks.contenders <name> <api url> <folder>

    ours    the pipeline's sync: positions, rounds that survive a kill, typed columns, versions, a merge
    dlt     the same pages as dicts through plain dlt, merged by id, at the settings that were fastest for it
    floor   httpx -> orjson -> Arrow -> insert into DuckDB, and nothing else

Prints one JSON object: rows in the table, CPU seconds without imports, peak memory in MiB.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb
import httpx
import orjson
import pyarrow as pa

from salesloft_pipeline.ingest import arrow
from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import connect
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline.warehouse import Warehouse

AMPLE = 10_000_000
BATCH_PAGES = 50


def pages(url: str) -> Iterator[list[Any]]:
    """The emails by change, each page once; what shares the last instant of a page comes twice."""
    params: dict[str, Any] = {"per_page": 100, "sort_by": "updated_at", "sort_direction": "ASC"}
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {DEMO_KEY}"}) as http:
        while True:
            answer = orjson.loads(http.get("/activities/emails", params=params).content)
            yield answer["data"]
            if answer["metadata"]["paging"]["next_page"] is None:
                return
            params["updated_at[gte]"] = answer["data"][-1]["updated_at"]


def batches(url: str) -> Iterator[list[Any]]:
    """As many pages at once as make a good Arrow table."""
    rows: list[Any] = []
    for number, page in enumerate(pages(url), 1):
        rows += page
        if number % BATCH_PAGES == 0:
            yield rows
            rows = []
    if rows:
        yield rows


def floor(url: str, folder: Path) -> str:
    """Typed columns as ours, because untyped ones are slower still."""
    with duckdb.connect(str(folder / "floor.duckdb")) as database:
        for number, rows in enumerate(batches(url)):
            table = arrow.convert(BY_NAME["emails"], rows, synced_at=datetime.now(UTC), source="poll").table
            assert isinstance(table, pa.Table)
            database.register("batch", table)
            database.execute(
                "insert into emails from batch" if number else "create table emails as from batch"
            )
    return "floor.duckdb/emails"


def plain_dlt(url: str, folder: Path) -> str:
    """Whole batches as lists, no nested tables, Parquet, a merge by id."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    emails = dlt.resource(
        batches(url), name="emails", write_disposition="merge", primary_key="id", max_table_nesting=0
    )
    pipeline = dlt.pipeline(
        "plain",
        destination=dlt.destinations.duckdb(str(folder / "plain.duckdb")),
        dataset_name="raw",
        pipelines_dir=str(folder / "dlt"),
    )
    pipeline.run(emails, loader_file_format="parquet").raise_on_failed_jobs()
    return "plain.duckdb/raw.emails"


def ours(url: str, folder: Path) -> str:
    """A sync of the one list."""
    client = connect(url, ApiKey(DEMO_KEY), Budget(AMPLE, 1.0))
    sync(client, Warehouse(f"duckdb:///{folder}/ours.duckdb"), endpoints=[BY_NAME["emails"]])
    return "ours.duckdb/raw_salesloft.emails"


CONTENDERS: dict[str, Callable[[str, Path], str]] = {"ours": ours, "dlt": plain_dlt, "floor": floor}


def warm_up(folder: Path) -> None:
    """Load one row with plain dlt, so that what is imported at first use is no contender's."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    pipeline = dlt.pipeline(
        "warm_up",
        destination=dlt.destinations.duckdb(str(folder / "warm_up.duckdb")),
        dataset_name="raw",
        pipelines_dir=str(folder / "warm_up"),
    )
    pipeline.run(dlt.resource([pa.table({"id": [1]})], name="one"), loader_file_format="parquet")


def main(name: str, url: str, folder: Path) -> None:
    """Run one, count what it brought, print what it took."""
    warm_up(folder)
    cpu, began = time.process_time(), time.monotonic()
    file, _, table = CONTENDERS[name](url, folder).partition("/")
    cpu, seconds = time.process_time() - cpu, time.monotonic() - began
    with duckdb.connect(str(folder / file), read_only=True) as database:
        ((rows,),) = database.execute(f"select count(distinct id) from {table}").fetchall()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "cpu_seconds": cpu, "seconds": seconds, "peak_mib": peak}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
