"""People who are to be forgotten: what that means for records on their way in.

ops.erasures  ->  ids  ->  a row of `people`: dropped, with its versions
                       ->  a row that names such a person: kept, without its personal columns and `_extra`
                       ->  a refused record about such a person: not kept in quarantine
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from salesloft_pipeline.ingest.arrow import Converted
from salesloft_pipeline.ingest.columns import KEY, TEXT, Column, columns_of, table_columns
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.warehouse import Warehouse

PEOPLE = "people"
EXTRA = "_extra"
_PERSONAL = frozenset(
    [
        "recipient_email_address",
        "recipient_name",
        "recipient_email",
        "headers",
        "personalization",
        "additional_recipients",
        "subject",
        "body",
        "from",
        "to",
        "recording",
        "dialer_recording",
        "recordings",
        "title",
        "location",
        "description",
        "guests",
        "attendees",
        "invitees",
        "summary",
        "key_moments",
        "action_items",
        "meddpicc",
        "notes",
        "content",
        "custom_attributes",
        "object_references",
        "crm_custom_fields",
        "custom_crm_fields",
        "crm_references",
        "crm",
    ]
)
_PERSON = {("person", "id"), ("called_person", "id"), ("recipient", "id")}

Ids = frozenset[int]
Censor = Callable[[Endpoint, Converted], Converted]


def forgotten(warehouse: Warehouse) -> Ids:
    """The ids of all who were erased. Needs the tables of schema `ops`."""
    return frozenset(number for (number,) in warehouse.query("select person_id from ops.erasures"))


def without(ids: Ids, endpoint: Endpoint, converted: Converted) -> Converted:
    """What is left of some records when these people are forgotten; the very same where none of them occurs."""
    if not ids or not naming_columns(endpoint):
        return converted
    rejects = [reject for reject in converted.rejects if not names_one(endpoint, reject.record, ids)]
    return Converted(_table(endpoint, converted.table, ids), rejects)


def naming_columns(endpoint: Endpoint) -> tuple[Column, ...]:
    """The columns that say which person a row is of; of `people` the key."""
    if endpoint.name == PEOPLE:
        return tuple(column for column in columns_of(endpoint.record) if column.name == KEY)
    return tuple(column for column in columns_of(endpoint.record) if column.path in _PERSON)


def personal_columns(columns: tuple[Column, ...]) -> list[str]:
    """The names of those columns that may tell something of a person; what has no column may too."""
    return [column.name for column in columns if column.name in _PERSONAL or column.name == EXTRA]


def _table(endpoint: Endpoint, table: pa.Table, ids: Ids) -> pa.Table:
    named = _named(endpoint, table, ids)
    if not pc.any(named).as_py():
        return table
    if endpoint.name == PEOPLE:
        return table.filter(pc.invert(named))
    for name in personal_columns(table_columns(endpoint)):
        place, field = table.schema.get_field_index(name), table.schema.field(name)
        kept = pc.if_else(named, pa.scalar(None, field.type), table.column(name))
        table = table.set_column(place, field, kept)
    return table


def _named(endpoint: Endpoint, table: pa.Table, ids: Ids) -> pa.ChunkedArray:
    found = [
        pc.is_in(table.column(column.name), value_set=pa.array(_written(column, ids), column.kind.arrow))
        for column in naming_columns(endpoint)
    ]
    named = found[0]
    for other in found[1:]:
        named = pc.or_(named, other)
    return named


def _written(column: Column, ids: Ids) -> list[Any]:
    return [str(number) if column.kind is TEXT else number for number in sorted(ids)]


def names_one(endpoint: Endpoint, record: Any, ids: Ids) -> bool:
    """Does a record as it came name one of them? Its ids may be text, and its parts of any shape."""
    wanted = {str(number) for number in ids}
    for column in naming_columns(endpoint):
        value = record
        for name in column.path:
            value = value.get(name) if isinstance(value, dict) else None
        if str(value) in wanted:
            return True
    return False
