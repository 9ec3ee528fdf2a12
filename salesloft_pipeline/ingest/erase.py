"""Takes a person out of the warehouse: what we know of them, what hangs on them, and where else they are named.

    people, versions, quarantine          ->  the row is deleted
    rows that name the person by id       ->  stay, so that counts stay right, without personal columns and `_extra`
    any text that names them, anywhere    ->  null in that row
    ops.erasures                          ->  the id alone, so that no load brings them back (forgotten.py)

What somebody else's record in SalesLoft says about the person, and that names them by no id, is emptied here too,
but comes back with the next full read for as long as SalesLoft holds it: correct it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.ingest.columns import RAW_SCHEMA, TEXT, Column, table_columns, version_columns
from salesloft_pipeline.ingest.forgotten import PEOPLE, forgotten, naming_columns, personal_columns
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS
from salesloft_pipeline.warehouse import Sql, Warehouse, quote

# Shorter texts stand in too many places that mean somebody else.
SHORTEST_TEXT = 5
_IDENTIFYING = (
    "display_name",
    "email_address",
    "full_email_address",
    "secondary_email_address",
    "personal_email_address",
    "phone",
    "home_phone",
    "mobile_phone",
    "linkedin_url",
    "twitter_handle",
)
_NAME = ("first_name", "last_name")
_REQUESTS = "data_control_requests"
_TO_FORGET = ("right_to_be_forgotten", "account_and_people_redaction")


@dataclass(frozen=True)
class Traces:
    """By what the people of one erasure are recognised: ids, and texts that are theirs alone. Never to be printed.

    strangers: ids of whom nothing was known. shared: how many texts were left out, because others bear them too.
    """

    ids: tuple[int, ...]
    texts: tuple[str, ...] = field(repr=False)
    strangers: tuple[int, ...] = ()
    shared: int = 0


@dataclass(frozen=True)
class Deed:
    """What was done at one place, such as raw_salesloft.emails, and to how many rows. done: nothing is left to do."""

    place: str
    what: str
    rows: int
    done: bool = True


def requested(warehouse: Warehouse) -> list[int]:
    """The people whom SalesLoft was asked to forget and who are not erased here yet, by id; rehearsals do not count.

    Empty where the requests were never read.
    """
    known = warehouse.columns(RAW_SCHEMA, _REQUESTS)
    if not {"people_ids", "request_type", "dry_run"} <= known.keys():
        return []
    ops.create_tables(warehouse)
    asked = warehouse.query(
        f"select cast(people_ids as text) from {RAW_SCHEMA}.{_REQUESTS} "
        "where dry_run is not true and request_type in ($1, $2) and people_ids is not null",
        _TO_FORGET,
    )
    named = {int(number) for (numbers,) in asked for number in json.loads(numbers)}
    return sorted(named - forgotten(warehouse))


def trace(warehouse: Warehouse, ids: Sequence[int]) -> Traces:
    """What identifies these people, out of everything we hold of them. Makes the tables where they are missing."""
    columns.create_tables(warehouse)
    ops.create_tables(warehouse)
    with warehouse.transaction() as sql:
        known = {number: list(_records(sql, number)) for number in ids}
        texts = {
            text.lower(): text for records in known.values() for each in records for text in _texts(each)
        }
        own = [text for text in texts.values() if not _is_shared(sql, text, ids)]
    strangers = tuple(number for number, records in known.items() if not records)
    return Traces(tuple(ids), tuple(sorted(own)), strangers, len(texts) - len(own))


def erase(warehouse: Warehouse, traces: Traces, schemas: Sequence[str]) -> list[Deed]:
    """Do it, in one transaction: everything or nothing. schemas: where to look for the texts. Doing it again is harmless."""
    with warehouse.transaction() as sql:
        for number in traces.ids:
            sql.execute(
                "insert into ops.erasures values ($1, $2) on conflict do nothing", (number, datetime.now(UTC))
            )
        deeds = [*_deleted(sql, traces), *_blanked(sql, traces.ids), *_emptied(sql, traces, schemas)]
    return [deed for deed in deeds if deed.rows]


def mentions(
    sql: Sql, texts: Sequence[str], schemas: Sequence[str]
) -> Iterator[tuple[str, str, str, bool, int]]:
    """Where the texts stand: (schema, table, column, may it be null, rows), for each column of any kind of text."""
    if not texts:
        return
    for (schema, table), found in _text_columns(sql, schemas).items():
        counts = ", ".join(f"count(*) filter (where {_says(name, texts)})" for name in found)
        ((*rows,),) = sql.query(f"select {counts} from {quote(schema)}.{quote(table)}", texts)
        for (name, nullable), count in zip(found.items(), rows, strict=True):
            if count:
                yield schema, table, name, nullable, count


def _records(sql: Sql, person: int) -> Iterator[dict[str, Any]]:
    """Everything that we hold of a person: the row, and records that could not be loaded."""
    names = (*_IDENTIFYING, *_NAME)
    listed = ", ".join(names)
    for row in sql.query(f"select {listed} from {RAW_SCHEMA}.{PEOPLE} where id = $1", [person]):
        yield dict(zip(names, row, strict=True))
    refused = "select cast(record as text) from ops.quarantine where resource = $1 and record_id = $2"
    for (record,) in sql.query(refused, [PEOPLE, str(person)]):
        yield orjson.loads(record)


def _texts(record: dict[str, Any]) -> Iterator[str]:
    values = [record.get(name) for name in _IDENTIFYING]
    if all(isinstance(record.get(name), str) for name in _NAME):
        values.append(" ".join(record[name] for name in _NAME))
    for value in values:
        if isinstance(value, str) and len(value.strip()) >= SHORTEST_TEXT:
            yield value.strip()


def _is_shared(sql: Sql, text: str, ids: Sequence[int]) -> bool:
    """Does anybody else bear it? A namesake's row is not the person's, nor is the number of a switchboard."""
    borne = ", ".join([*(f"lower({name})" for name in _IDENTIFYING), "lower(first_name || ' ' || last_name)"])
    found = sql.query(
        f"select 1 from {RAW_SCHEMA}.{PEOPLE} where id not in ({_listed(ids)}) and lower($1) in ({borne}) limit 1",
        [text],
    )
    return bool(found)


def _deleted(sql: Sql, traces: Traces) -> Iterator[Deed]:
    people, listed = BY_NAME[PEOPLE], _listed(traces.ids)
    for table in (people.name, people.versions_name):
        yield _removed(sql, f"{RAW_SCHEMA}.{table}", f"id in ({listed})")
    about = [f"(resource = '{PEOPLE}' and record_id in ({_listed(traces.ids, TEXT)}))"]
    for endpoint in ENDPOINTS:
        for column in naming_columns(endpoint):
            *path, last = (f"'{part}'" for part in column.path)
            value = f" ->> {last}" if not path else f" -> {path[0]} ->> {last}"
            about.append(
                f"(resource = '{endpoint.name}' and (record{value}) in ({_listed(traces.ids, TEXT)}))"
            )
    about += [_says("record", traces.texts)] if traces.texts else []
    yield _removed(sql, "ops.quarantine", " or ".join(about), traces.texts)
    # What a load left in its staging tables is the same content once more; the next load empties them anyway.
    staged = f"select table_schema, table_name from information_schema.tables where table_schema like '{RAW_SCHEMA}_staging%'"
    for schema, table in sql.query(f"{staged} and table_name not like '_dlt%' order by 1, 2"):
        yield _removed(sql, f"{quote(schema)}.{quote(table)}", "true")


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
        named = " or ".join(f"{quote(each.name)} in ({_listed(ids, each.kind)})" for each in naming)
        table = f"{RAW_SCHEMA}.{quote(endpoint.name)}"
        if endpoint.history:
            versions = f"{RAW_SCHEMA}.{quote(endpoint.versions_name)}"
            named_once = f"id in (select id from {table} where {named})"
            yield _without(sql, versions, version_columns(endpoint), named_once)
        yield _without(sql, table, table_columns(endpoint), named)


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
    for schema, table, name, nullable, rows in list(
        mentions(sql, traces.texts, schemas) if traces.texts else ()
    ):
        place = f"{schema}.{table}.{name}"
        if not nullable:
            yield Deed(place, "STILL THERE: the column takes no null", rows, done=False)
            continue
        sql.execute(
            f"update {quote(schema)}.{quote(table)} set {quote(name)} = null where {_says(name, traces.texts)}",
            traces.texts,
        )
        yield Deed(place, "emptied where it named the person", rows)


def _text_columns(sql: Sql, schemas: Sequence[str]) -> dict[tuple[str, str], dict[str, bool]]:
    """Every column that can hold text, also inside of lists and objects, and whether it may be null, by table."""
    places = ", ".join(f"'{schema}'" for schema in schemas)
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for schema, table, name, nullable in sql.query(
        "select c.table_schema, c.table_name, c.column_name, c.is_nullable = 'YES' from information_schema.columns c "
        "join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name "
        f"where t.table_type = 'BASE TABLE' and c.table_schema in ({places}) and "
        "(upper(c.data_type) like '%CHAR%' or upper(c.data_type) like '%JSON%' or upper(c.data_type) in "
        "('TEXT', 'ARRAY', 'USER-DEFINED')) order by c.table_schema, c.table_name, c.ordinal_position"
    ):
        found.setdefault((schema, table), {})[name] = nullable
    return found


def _says(column: str, texts: Sequence[str]) -> str:
    """Does a column hold one of the texts, which are the parameters of the statement? Case tells nothing."""
    place = f"lower(cast({quote(column)} as text))"
    return " or ".join(f"position(lower($%d) in {place}) > 0" % number for number in range(1, len(texts) + 1))


def _listed(ids: Sequence[int], kind: Any = None) -> str:
    return ", ".join(f"'{number}'" if kind is TEXT else str(number) for number in ids)
