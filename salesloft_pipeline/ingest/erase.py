"""Takes a person out of the warehouse: what we know of them, what hangs on them, and where else they are named.

    people, versions, quarantine, ledger  ->  the row is deleted
    rows that name the person by id       ->  stay, so that counts stay right, without personal columns and `_extra`
    any text that names them, anywhere    ->  null in that row
    ops.erasures                          ->  the id alone, so that no load brings them back (forgotten.py)

What somebody else's record in SalesLoft says about the person, and that names them by no id, is emptied here too,
but comes back with the next full read for as long as SalesLoft holds it: correct it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.ingest import event_log
from salesloft_pipeline.ingest.columns import EVENTS, RAW_SCHEMA, TEXT, Column, table_columns, version_columns
from salesloft_pipeline.ingest.forgotten import PEOPLE, naming_columns, personal_columns
from salesloft_pipeline.ingest.traces import Traces, listed, mentions, says
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS
from salesloft_pipeline.warehouse import Sql, Warehouse, quote


@dataclass(frozen=True)
class Deed:
    """What was done at one place, such as raw_salesloft.emails, and to how many rows. done: nothing is left to do."""

    place: str
    what: str
    rows: int
    done: bool = True


def erase(warehouse: Warehouse, traces: Traces, schemas: Sequence[str]) -> list[Deed]:
    """Do it, in one transaction: everything or nothing. schemas: where to look for the texts.

    On Postgres it takes its turn between the rounds of a sync that is under way; the next round leaves them out.
    """
    with warehouse.turn(), warehouse.transaction() as sql:
        for number in traces.ids:
            sql.execute(
                "insert into ops.erasures values ($1, $2) on conflict do nothing", (number, datetime.now(UTC))
            )
        deeds = [*_deleted(sql, traces), *_blanked(sql, traces.ids), *_emptied(sql, traces, schemas)]
    return [deed for deed in deeds if deed.rows]


def _deleted(sql: Sql, traces: Traces) -> Iterator[Deed]:
    people, own = BY_NAME[PEOPLE], listed(traces.ids)
    for table in (people.name, people.versions_name):
        yield _removed(sql, f"{RAW_SCHEMA}.{table}", f"id in ({own})")
    yield _removed(sql, "ops.reverse_sync_ledger", f"person_id in ({own})")
    about = " or ".join([*_about(traces.ids), *([says("record", traces.texts)] if traces.texts else [])])
    yield _removed(sql, "ops.quarantine", about, traces.texts)
    # What a load left in its staging tables is the same content once more; the next load would empty them.
    for schema, table in sql.query(
        "select table_schema, table_name from information_schema.tables "
        f"where table_schema like '{RAW_SCHEMA}_staging%' and table_name not like '_dlt%' order by 1, 2"
    ):
        yield _removed(sql, f"{quote(schema)}.{quote(table)}", "true")


def _about(ids: Sequence[int]) -> Iterator[str]:
    """Conditions for a refused record that is the person's own, or names the person where such records do."""
    numbers = listed(ids, TEXT)
    yield f"resource = '{PEOPLE}' and record_id in ({numbers})"
    for endpoint in ENDPOINTS:
        for column in naming_columns(endpoint):
            *outer, last = (f"'{name}'" for name in column.path)
            value = " -> ".join(["record", *outer]) + f" ->> {last}"
            yield f"resource = '{endpoint.name}' and ({value}) in ({numbers})"


def _removed(sql: Sql, table: str, where: str, params: Sequence[Any] = ()) -> Deed:
    ((rows,),) = sql.query(f"select count(*) from {table} where {where}", params)
    if rows:
        sql.execute(f"delete from {table} where {where}", params)
    return Deed(table, "deleted", rows)


def _blanked(sql: Sql, ids: Sequence[int]) -> Iterator[Deed]:
    for endpoint in ENDPOINTS:
        naming = naming_columns(endpoint)
        if endpoint.name == PEOPLE or not naming:
            continue
        named = " or ".join(f"{quote(each.name)} in ({listed(ids, each.kind)})" for each in naming)
        table = f"{RAW_SCHEMA}.{quote(endpoint.name)}"
        if endpoint.history:
            versions = f"{RAW_SCHEMA}.{quote(endpoint.versions_name)}"
            named_once = f"id in (select id from {table} where {named})"
            yield _without(sql, versions, version_columns(endpoint), named_once)
        yield _without(sql, table, table_columns(endpoint), named)
    yield Deed(f"{RAW_SCHEMA}.{EVENTS}", "without what it said", event_log.forget(sql, ids))


def _without(sql: Sql, table: str, known: tuple[Column, ...], where: str) -> Deed:
    names = [quote(name) for name in personal_columns(known)]
    if not names:
        return Deed(table, "", 0)
    filled = f"({where}) and ({' or '.join(f'{name} is not null' for name in names)})"
    ((rows,),) = sql.query(f"select count(*) from {table} where {filled}")
    if rows:
        sql.execute(f"update {table} set {', '.join(f'{name} = null' for name in names)} where {filled}")
    return Deed(table, "without personal columns", rows)


def _emptied(sql: Sql, traces: Traces, schemas: Sequence[str]) -> Iterator[Deed]:
    for found in list(mentions(sql, traces.texts, schemas)):
        if found.nullable:
            emptied = (
                f"update {found.table} set {found.column} = null where {says(found.column, traces.texts)}"
            )
            sql.execute(emptied, traces.texts)
            yield Deed(found.place, "emptied where it named the person", found.rows)
        else:
            yield Deed(found.place, "STILL THERE: the column takes no null", found.rows, done=False)
