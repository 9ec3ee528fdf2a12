"""What the last build had seen of the raw tables, so that the next knows what is new.

    mart_state.load     the loads whose rows it saw, by source: a row of any other load is new
    mart_state.basis    a digest of all that must not differ: SQL, seeds, zone, and the tables that hold still

Every load stamps its rows, and so does every mark of a deletion; only an erasure takes rows away, and makes a
whole build. A build that leaves no state behind is followed by a whole one.
"""

from __future__ import annotations

from salesloft_pipeline.transform.kept import HOLD_STILL
from salesloft_pipeline.transform.marts import MARTS
from salesloft_pipeline.transform.statements import text
from salesloft_pipeline.warehouse import Sql

SCHEMA = "mart_state"

# Every raw table that the mart follows from.
SOURCES = sorted(
    {source for mart in MARTS for source in mart.upstream if source.startswith("raw_salesloft.")}
)


def forget(sql: Sql) -> None:
    """Have the next build make everything anew."""
    sql.execute(f"drop schema if exists {SCHEMA} cascade")


def remember(sql: Sql, basis: str) -> None:
    """Write down that this build saw all there is now."""
    forget(sql)
    sql.execute(f"create schema {SCHEMA}")
    sql.execute(f"create table {SCHEMA}.basis as select {text(basis)} as digest")
    loads = " union all ".join(
        f"select distinct {text(source)} as source, _dlt_load_id as load_id from {source} where _dlt_load_id is not null"
        for source in SOURCES
    )
    sql.execute(f"create table {SCHEMA}.load as {loads}")


def basis_seen(sql: Sql) -> str | None:
    """The digest that the last build wrote down; None when it left no state, or when a table that it made is gone."""
    found = sql.query("select table_schema || '.' || table_name from information_schema.tables")
    needed = {f"{SCHEMA}.basis", *(f"mart.{mart.name}" for mart in MARTS)}
    if not needed <= {address for (address,) in found}:
        return None
    return str(sql.query(f"select digest from {SCHEMA}.basis")[0][0])


def is_new(source: str) -> str:
    """A condition on the rows of a raw table: the last build had not seen them so."""
    loads = f"select load_id from {SCHEMA}.load where source = {text(source)}"
    return f"(_dlt_load_id is null or _dlt_load_id not in ({loads}))"


def still(sql: Sql) -> list[str]:
    """A digest of each table that must hold still."""
    return [
        str(
            sql.query(
                f"select md5(coalesce(string_agg(cast(row({columns}) as text), '|' order by id), '')) from {table}"
            )[0][0]
        )
        for table, columns in HOLD_STILL.items()
    ]
