"""By what the people of an erasure are recognised, and where they are mentioned.

ids  ->  the rows and refused records of these people  ->  texts that are theirs alone  ->  columns that hold one
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.ingest.columns import RAW_SCHEMA, TEXT, Kind
from salesloft_pipeline.ingest.forgotten import PEOPLE, forgotten
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
    named = {number for (numbers,) in asked for number in orjson.loads(numbers) if isinstance(number, int)}
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


@dataclass(frozen=True)
class Mention:
    """A column, quoted for SQL, that holds one of the texts in so many rows. nullable: may it be emptied?"""

    table: str
    column: str
    nullable: bool
    rows: int

    @property
    def place(self) -> str:
        return f"{self.table}.{self.column}".replace('"', "")


def mentions(sql: Sql, texts: Sequence[str], schemas: Sequence[str]) -> Iterator[Mention]:
    """Where the texts stand, in all columns that can hold text, also inside of lists and objects."""
    if not texts:
        return
    for table, known in _text_columns(sql, schemas).items():
        counts = ", ".join(f"count(*) filter (where {says(column, texts)})" for column in known)
        ((*counted,),) = sql.query(f"select {counts} from {table}", texts)
        for (column, nullable), rows in zip(known.items(), counted, strict=True):
            if rows:
                yield Mention(table, column, nullable, rows)


def _records(sql: Sql, person: int) -> Iterator[dict[str, Any]]:
    """Everything that we hold of a person: the row, and records that could not be loaded."""
    names = (*_IDENTIFYING, *_NAME)
    for row in sql.query(f"select {', '.join(names)} from {RAW_SCHEMA}.{PEOPLE} where id = $1", [person]):
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
            # As it stands inside of a JSON text, should it hold a quotation mark.
            yield orjson.dumps(value.strip()).decode()[1:-1]


def _is_shared(sql: Sql, text: str, ids: Sequence[int]) -> bool:
    """Does anybody else bear it? A namesake's row is not the person's, nor is the number of a switchboard."""
    borne = ", ".join([*(f"lower({name})" for name in _IDENTIFYING), "lower(first_name || ' ' || last_name)"])
    found = sql.query(
        f"select 1 from {RAW_SCHEMA}.{PEOPLE} where id not in ({listed(ids)}) and lower($1) in ({borne}) limit 1",
        [text],
    )
    return bool(found)


def _text_columns(sql: Sql, schemas: Sequence[str]) -> dict[str, dict[str, bool]]:
    """By table, its columns that can hold text, and whether they may be null."""
    places = ", ".join(f"'{schema}'" for schema in schemas)
    tables: dict[str, dict[str, bool]] = {}
    for schema, table, column, nullable in sql.query(
        "select c.table_schema, c.table_name, c.column_name, c.is_nullable = 'YES' from information_schema.columns c "
        "join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name "
        f"where t.table_type = 'BASE TABLE' and c.table_schema in ({places}) and "
        "(upper(c.data_type) like '%CHAR%' or upper(c.data_type) like '%JSON%' or upper(c.data_type) in "
        "('TEXT', 'ARRAY', 'USER-DEFINED')) order by c.table_schema, c.table_name, c.ordinal_position"
    ):
        tables.setdefault(f"{quote(schema)}.{quote(table)}", {})[quote(column)] = nullable
    return tables


def says(column: str, texts: Sequence[str]) -> str:
    """A condition: the column holds one of the texts, which are the parameters of the statement. Case tells nothing."""
    place = f"lower(cast({column} as text))"
    return " or ".join(f"position(lower(${number}) in {place}) > 0" for number in range(1, len(texts) + 1))


def listed(ids: Sequence[int], kind: Kind | None = None) -> str:
    """Ids for an SQL list, as values of a column of this kind."""
    return ", ".join(f"'{number}'" if kind is TEXT else str(number) for number in ids)
