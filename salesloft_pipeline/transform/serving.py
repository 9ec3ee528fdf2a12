"""The serving copy: the mart for everybody who looks, so that no reader stands in the way of a load.

    mart.* but *_pii  ->  <folder>/salesloft.duckdb  ->  <folder>/parquet/<table>.parquet

The file is written beside the old one and takes its place at once: who has the old one open goes on reading it. The
Parquet files follow one by one, build_info.parquet last.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from salesloft_pipeline.transform.build_info import BUILD_INFO
from salesloft_pipeline.transform.marts import MARTS, SCHEMA
from salesloft_pipeline.transform.seeds import SEEDS
from salesloft_pipeline.transform.statements import text
from salesloft_pipeline.transform.workbook import MOST_ROWS, write_workbook
from salesloft_pipeline.warehouse import Sql, Warehouse

COPY = "salesloft.duckdb"
Format: TypeAlias = Literal["csv", "parquet", "xlsx"]
# What the engine writes by itself, and how it is told.
_COPIED: dict[Format, str] = {"csv": "format csv, header", "parquet": "format parquet, compression zstd"}
# Rows that are held in memory on their way into a workbook.
_PAGE = 20_000
# Personal data is granted apart, and a file cannot be granted by table.
SERVED = tuple(
    name
    for name in (*(seed.name for seed in SEEDS), *(mart.name for mart in MARTS), BUILD_INFO)
    if not name.endswith("_pii")
)


_SILENT = """
    select table_name from duckdb_tables() where comment is null
    union all
    select table_name || '.' || column_name from duckdb_columns() where not internal and comment is null
    order by 1
"""


class ServingError(Exception):
    """The serving copy is missing, or is not what it should be; the message says what to do."""


@dataclass(frozen=True)
class Published:
    """What a publication wrote: of which build, and the rows by table."""

    build_id: str
    rows: dict[str, int]


def serving_copy(folder: Path) -> Warehouse:
    """The copy in a serving folder, to read. Opens nothing yet; raises ServingError where there is none."""
    path = folder / COPY
    if not path.exists():
        raise ServingError(
            f"there is no serving copy at {path} yet: run `salesloft-pipeline demo`, or materialize publish_serving "
            "in Dagster after the mart was built (SERVING_FOLDER says where it lies)"
        )
    return Warehouse(f"duckdb:///{path}", read_only=True)


def publish(warehouse: Warehouse, folder: Path) -> Published:
    """Write the serving copy of the mart as it is now. A failure leaves the old one.

    Raises WarehouseError when the warehouse cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / COPY, folder / f"{COPY}.fresh"
    for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        left.unlink(missing_ok=True)
    warehouse.copy(SCHEMA, SERVED, fresh)
    fresh.replace(path)
    copy = serving_copy(folder)
    _publish_parquet(copy, folder / "parquet")
    with copy.transaction() as sql:
        return Published(build_id(sql), _counts(sql, SERVED))


def _publish_parquet(copy: Warehouse, folder: Path) -> None:
    fresh = folder.with_name("parquet.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    export(copy, fresh, "parquet", SERVED)
    folder.mkdir(exist_ok=True)
    for name in SERVED:
        (fresh / f"{name}.parquet").replace(folder / f"{name}.parquet")
    fresh.rmdir()
    for left in folder.glob("*.parquet"):
        if left.stem not in SERVED:
            left.unlink()


def export(copy: Warehouse, folder: Path, form: Format, tables: Sequence[str] = SERVED) -> dict[str, int]:
    """Write tables of the copy as <folder>/<table>.<form>; how many rows each has.

    Raises ServingError, before anything is written, for a table that no sheet of Excel can hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with copy.transaction() as sql:
        counts = _counts(sql, tables)
        if form == "xlsx":
            _export_workbooks(sql, folder, counts)
        else:
            for name in tables:
                path = text(str(folder / f"{name}.{form}"))
                sql.execute(f"copy (from {SCHEMA}.{name}) to {path} ({_COPIED[form]})")
        return counts


def _export_workbooks(sql: Sql, folder: Path, counts: dict[str, int]) -> None:
    for name, count in counts.items():
        if count >= MOST_ROWS:
            raise ServingError(
                f"{name} has {count:,} rows, and a sheet of Excel {MOST_ROWS:,}: export it as csv or parquet, or leave "
                "it out by --only"
            )
    ((as_of,),) = sql.query(f"select as_of from {SCHEMA}.{BUILD_INFO}")
    for name in counts:
        columns = [column for column, *_ in sql.query(f"describe {SCHEMA}.{name}")]
        write_workbook(folder / f"{name}.xlsx", name, columns, _rows(sql, name), as_of)


def _rows(sql: Sql, name: str) -> Iterator[tuple[Any, ...]]:
    """All rows of a table in their order, some at a time."""
    place = 0
    while page := sql.query(f"from {SCHEMA}.{name} limit {_PAGE} offset {place}"):
        yield from page
        place += _PAGE


def faults(warehouse: Warehouse, folder: Path) -> list[str]:
    """What is wrong with the copy, held against the warehouse: another build, other rows, no comment. Check Q28."""
    with warehouse.transaction() as sql:
        made, rows = build_id(sql), _counts(sql, SERVED)
    with serving_copy(folder).transaction() as sql:
        served, copied = build_id(sql), _counts(sql, SERVED)
        silent = sql.query(_SILENT)
    another = [f"the copy is of build {served}, the mart of build {made}"] if served != made else []
    counted = [
        f"{name} has {copied[name]} rows in the copy and {rows[name]} in the mart"
        for name in SERVED
        if copied[name] != rows[name]
    ]
    return another + counted + [f"{name} has no comment in the copy" for (name,) in silent]


def build_id(sql: Sql) -> str:
    """The id of the build that mart.build_info tells."""
    ((found,),) = sql.query(f"select build_id from {SCHEMA}.{BUILD_INFO}")
    return str(found)


def _counts(sql: Sql, tables: Sequence[str]) -> dict[str, int]:
    listed = " union all ".join(f"select {text(name)}, count(*) from {SCHEMA}.{name}" for name in tables)
    return {name: int(rows) for name, rows in sql.query(listed)}
