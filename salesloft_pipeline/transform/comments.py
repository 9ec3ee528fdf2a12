"""Comments on the tables of the mart and their columns, which BI tools show.

the grain of each table, `metrics.yml`  ->  comment  ->  COMMENT ON
"""

from __future__ import annotations

from collections.abc import Mapping

from salesloft_pipeline.transform.description import columns_of, tables
from salesloft_pipeline.transform.statements import text
from salesloft_pipeline.warehouse import Sql, quote


def comment(sql: Sql, grains: Mapping[str, str]) -> None:
    """Comment on tables and views by address (`mart.fct_email`): what a row is, as `grains` tells, and what for.

    A column that metrics.yml does not know has no comment, and one that is not there is passed over: check Q32 tells.
    """
    remarks = {
        f"{_kind(address)} {address}": f"{grain}{_purpose(address)}" for address, grain in grains.items()
    }
    # Asked once, because DuckDB takes longer to look a table up in there than to make it.
    columns = sql.query(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
    )
    for address, name in columns:
        meant = columns_of(address.rpartition(".")[2])
        if address in grains and name in meant:
            remarks[f"column {address}.{quote(name)}"] = meant[name].comment
    sql.execute(";\n".join(f"comment on {place} is {text(remark)}" for place, remark in remarks.items()))


def _kind(address: str) -> str:
    return "view" if address.rpartition(".")[2].startswith("v_") else "table"


def _purpose(address: str) -> str:
    table = tables().get(address.rpartition(".")[2])
    return f" {table.means}" if table else ""
