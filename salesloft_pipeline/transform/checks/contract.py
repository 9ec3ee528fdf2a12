"""The mart has the tables, columns and types that `metrics.yml` promises, in their order, and no others of its own.

Types are compared in the words of the contract: what each engine calls them stands in one table.
"""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check
from salesloft_pipeline.transform.description import tables

# What information_schema says, in lower case, where it is not the word of the contract.
TYPES = {
    "varchar": "text",
    "double precision": "double",
    "timestamp with time zone": "timestamp",
}


def _differences() -> str:
    """What is promised and not there, and what is there, in a table of ours, and not promised."""
    promised = ", ".join(
        f"('{table.name}', {place}, '{column.name} {column.type}')"
        for table in tables().values()
        for place, column in enumerate(table.columns.values(), 1)
    )
    words = " ".join(f"when '{theirs}' then '{ours}'" for theirs, ours in TYPES.items())
    return f"""
        with promised (name, place, told) as (
            values {promised}
        ),
        found as (
            select
                table_name as name,
                row_number() over (partition by table_name order by ordinal_position) as place,
                column_name || ' ' || case lower(data_type) {words} else lower(data_type) end as told
            from information_schema.columns
            where table_schema = 'mart' and table_name in (select name from promised)
        )
        select
            'mart.' || coalesce(p.name, f.name) || ' column ' || cast(coalesce(p.place, f.place) as text) || ': '
            || coalesce(f.told, 'nothing') || ', promised ' || coalesce(p.told, 'nothing') as key
        from promised p
        full join found f on f.name = p.name and f.place = p.place
        where p.told is distinct from f.told
    """


CHECKS = (
    Check(
        "Q32",
        "mart.build_info",
        "error",
        "tables, columns, types and their order are those of metrics.yml",
        _differences(),
    ),
)
