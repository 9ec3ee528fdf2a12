"""dlt's destination DuckDB, but files are merged from where they lie.

Parquet file  ->  (dlt: a staging table  ->)  its table, in one transaction

As dlt has it, each row is written twice, into a staging table and from there. DuckDB reads the file as it reads a
table, so it can merge without. A load has one file for a table.
"""

from __future__ import annotations

from typing import Any

import dlt
from dlt.common.destination.client import LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.utils import get_first_column_name_with_prop
from dlt.destinations.impl.duckdb.duck import DuckDbClient

from salesloft_pipeline.warehouse import quote, text


class MergingDuckDb(dlt.destinations.duckdb):
    """The destination; arguments as dlt's own."""

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What dlt asks for its work with the database."""
        return _Client


class _Client(DuckDbClient):
    def should_load_data_to_staging_dataset(self, table_name: str) -> bool:  # noqa: ARG002
        return False

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        if table["write_disposition"] == "merge":
            return MergeFile(file_path)
        return super().create_load_job(table, file_path, load_id, restore)


class MergeFile(RunnableLoadJob):
    """Since nothing has to follow it, dlt makes no second job that would merge out of a staging table."""

    def run(self) -> None:
        job_client: Any = self._job_client
        table: Any = self._load_table
        database = job_client.sql_client
        target = database.make_qualified_table_name(self.load_table_name)
        key = get_first_column_name_with_prop(table, "primary_key")
        insert_only = table["x-merge-strategy"] == "insert-only"
        with database.begin_transaction():
            for statement in merging(self._file_path, target, quote(str(key)), insert_only=insert_only):
                database.execute_sql(statement)


def merging(path: str, target: str, key: str, *, insert_only: bool) -> list[str]:
    """The statements that merge a Parquet file into a table by `key`.

    insert_only: what the table has already stays as it is; a key may not be twice in the file. Else the file's row
    takes its place, of several with the same key the last one.
    """
    file, insert = text(path), f"insert into {target} by name"
    if insert_only:
        return [
            f"{insert} select * from read_parquet({file}) as new "
            f"anti join {target} as held on held.{key} = new.{key}"
        ]
    rows = f"read_parquet({file}, file_row_number = true)"
    return [
        f"delete from {target} where {key} in (select {key} from read_parquet({file}))",
        f"{insert} select * exclude (file_row_number) from {rows} as new "
        f"anti join {rows} as later on later.{key} = new.{key} and later.file_row_number > new.file_row_number",
    ]
