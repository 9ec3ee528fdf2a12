"""Does a mart that was changed in place equal one made anew? Made beside it, of the same raw rows, and held against it.

mart.*, mart_whole.*  ->  differing  ->  by table, how many rows are in one and not in the other
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salesloft_pipeline.transform.maker import Maker
from salesloft_pipeline.transform.seeds import Seed, SeedRows, load_seed
from salesloft_pipeline.warehouse import Sql, quote

_WHOLE = "mart_whole"


def differing(
    sql: Sql, values: Mapping[str, str], seeds: Sequence[tuple[Seed, SeedRows]], built: Maker
) -> dict[str, int]:
    """The tables with rows that a whole build has and the one just `built` has not, or the other way round.

    In the transaction of that build, before its tables are moved; leaves nothing behind.
    """
    sql.execute(f"create schema {_WHOLE}")
    marts = built.marts
    whole = Maker(sql, _WHOLE, values, marts, a_new_day=False)
    for seed, content in seeds:
        load_seed(sql, seed, content, _WHOLE)
    for mart in marts:
        whole.make(mart)
    tables = [mart.name for mart in marts if not (mart.is_view or mart.appended)]
    counts = {name: _difference(sql, built.place(name), whole.place(name)) for name in tables}
    # One by one: DuckDB cannot commit when tables of this transaction go with their schema.
    for mart in reversed(marts):
        if not mart.appended:
            sql.execute(f"drop {'view' if mart.is_view else 'table'} {_WHOLE}.{mart.name}")
    for seed, _ in seeds:
        sql.execute(f"drop table {_WHOLE}.{seed.name}")
    sql.execute(f"drop schema {_WHOLE}")
    return {name: rows for name, rows in counts.items() if rows}


def _difference(sql: Sql, one: str, other: str) -> int:
    columns = sql.query(
        "select column_name, lower(data_type) from information_schema.columns "
        "where table_schema || '.' || table_name = $1 order by ordinal_position",
        [one],
    )
    # Postgres cannot compare JSON.
    listed = ", ".join(
        f"cast({quote(name)} as text)" if kind == "json" else quote(name) for name, kind in columns
    )
    left, right = f"select {listed} from {one}", f"select {listed} from {other}"
    ((rows,),) = sql.query(
        f"select count(*) from (({left} except {right}) union all ({right} except {left})) d"
    )
    return int(rows)
