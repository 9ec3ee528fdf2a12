"""What a raw table looks like: columns out of the typed records, for dlt, for Arrow and for the warehouse.

    Record class  ->  columns_of  ->  Column rows  ->  create_tables (DDL), hints (dlt), schema (Arrow)

A reference becomes `<name>_id`, counters `counts_<name>`, lists and free objects JSON. Fields that no model names
are kept together in `_extra`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, get_args

from pydantic.fields import FieldInfo

from salesloft_pipeline.ingest.upgrade import add_missing_columns, add_missing_keys
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Absence, Endpoint
from salesloft_pipeline.salesloft.models import (
    Counts,
    Day,
    Flag,
    Instant,
    Integer,
    Number,
    Record,
    Reference,
    Text,
    TextReference,
)
from salesloft_pipeline.warehouse import Warehouse, quote

if TYPE_CHECKING:
    import pyarrow as pa

RAW_SCHEMA = "raw_salesloft"
KEY = "id"
VERSION_KEY = "version_id"


@dataclass(frozen=True)
class Kind:
    """One type of column in the three places that need it: dlt's name, Arrow's, SQL's."""

    dlt: str
    arrow_name: str
    sql: str

    @cached_property
    def arrow(self) -> pa.DataType:
        """Arrow's type; instants are of UTC."""
        # Here, because what tables look like is asked by many who never have one in their hands.
        import pyarrow as pa

        named = pa.type_for_alias(self.arrow_name)
        return pa.timestamp(named.unit, tz="UTC") if pa.types.is_timestamp(named) else named


TEXT = Kind("text", "string", "text")
BIGINT = Kind("bigint", "int64", "bigint")
DOUBLE = Kind("double", "float64", "double precision")
BOOLEAN = Kind("bool", "bool", "boolean")
TIMESTAMP = Kind("timestamp", "timestamp[us]", "timestamp with time zone")
DATE = Kind("date", "date32", "date")
JSON = Kind("json", "string", "json")

_SCALARS: list[tuple[Any, Kind]] = [
    (Text, TEXT),
    (Integer, BIGINT),
    (int, BIGINT),
    (str, TEXT),
    (Number, DOUBLE),
    (Flag, BOOLEAN),
    (Instant, TIMESTAMP),
    (Day, DATE),
]


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind, where its value stands in a record's JSON, and what it means."""

    name: str
    kind: Kind
    path: tuple[str, ...]
    description: str


SYSTEM_COLUMNS = (
    Column("_extra", JSON, (), "Fields that SalesLoft sends and no column names, as one JSON object."),
    Column("_synced_at", TIMESTAMP, (), "When this content was read from SalesLoft (UTC)."),
    Column(
        "_deleted_at",
        TIMESTAMP,
        (),
        "When the record was found to be gone from SalesLoft; null while it lives.",
    ),
    Column("_source", TEXT, (), "How the content came: poll, backfill, webhook or sweep."),
)
_CLOSED_AT = Column(
    "_closed_at",
    TIMESTAMP,
    (),
    "When the record was found to be off its list, which holds open ones only; null while it is open.",
)
EVENTS = "webhook_events"
EVENT_KEY = "event_id"
EVENT_COLUMNS = (
    Column(
        EVENT_KEY,
        TEXT,
        (),
        "Digest of event type and body, since SalesLoft sends no id: a redelivery is one row.",
    ),
    Column("event_type", TEXT, (), "What happened, such as person_updated, by the header of the delivery."),
    Column("resource", TEXT, (), "Raw table that the event is about; null where it is only kept."),
    Column("record_id", TEXT, (), "SalesLoft's id of the record that it names; null without one."),
    Column("received_at", TIMESTAMP, (), "When the receiver had it (UTC)."),
    Column("token", TEXT, (), "Name of the callback token that signed it."),
    Column(
        "payload",
        TEXT,
        (),
        "The body as it came, without secrets; null where it names a person who was erased.",
    ),
    Column(
        "echo_of",
        TEXT,
        (),
        "The change in ops.reverse_sync_ledger, with its actor there, that it tells of; null where it is not ours.",
    ),
)
_LOAD_ID = Column("_dlt_load_id", TEXT, (), "The load package that wrote the row.")


@cache
def columns_of(record: type[Record]) -> tuple[Column, ...]:
    """The columns of a record's own fields, in the order of the model."""
    return tuple(
        column
        for name, field in record.model_fields.items()
        if not field.exclude
        for column in _field_columns(field.alias or name, field)
    )


def table_columns(endpoint: Endpoint) -> tuple[Column, ...]:
    """All columns of the raw table of current rows, as loaded by us (dlt adds `_dlt_load_id`)."""
    closed = (_CLOSED_AT,) if endpoint.absence is Absence.CLOSED else ()
    return columns_of(endpoint.record) + SYSTEM_COLUMNS + closed


def gone_column(endpoint: Endpoint) -> str:
    """The column that tells since when a record is off its list."""
    return _CLOSED_AT.name if endpoint.absence is Absence.CLOSED else "_deleted_at"


def version_columns(endpoint: Endpoint) -> tuple[Column, ...]:
    """All columns of the table of observed versions: the key, when and how it was seen, and `history`."""
    by_name = {column.name: column for column in columns_of(endpoint.record)}
    return (
        Column(VERSION_KEY, TEXT, (), "Digest of id, updated_at and content: the same version is one row."),
        by_name[KEY],
        Column("updated_at", TIMESTAMP, ("updated_at",), "The record's updated_at in this version."),
        Column("observed_at", TIMESTAMP, (), "When this version was first seen (UTC)."),
        Column("source", TEXT, (), "How it was first seen: poll, backfill, webhook or sweep."),
        *(by_name[name] for name in endpoint.history),
    )


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema that every table loaded by us has."""
    import pyarrow as pa

    return pa.schema([(column.name, column.kind.arrow) for column in columns])


def raw_tables() -> Iterator[tuple[str, str, tuple[Column, ...]]]:
    """Every raw table: its name, its key column, its columns."""
    for endpoint in ENDPOINTS:
        yield endpoint.name, KEY, table_columns(endpoint)
        if endpoint.history:
            yield endpoint.versions_name, VERSION_KEY, version_columns(endpoint)
    yield EVENTS, EVENT_KEY, EVENT_COLUMNS


def create_tables(warehouse: Warehouse) -> None:
    """Make every raw table and column that is not there yet, so that SQL may count on all of them."""
    with warehouse.transaction() as sql:
        sql.execute(f"create schema if not exists {RAW_SCHEMA}")
        for name, key, columns in raw_tables():
            sql.execute(_ddl(name, key, columns))
        wanted = {name: {c.name: c.kind.sql for c in columns} for name, _, columns in raw_tables()}
        add_missing_columns(sql, RAW_SCHEMA, wanted)
        if warehouse.dialect == "postgres":
            # For merges of a few rows into many. DuckDB's would refuse to replace a row within one transaction.
            add_missing_keys(sql, RAW_SCHEMA, {name: key for name, key, _ in raw_tables()})


def _ddl(name: str, key: str, columns: tuple[Column, ...]) -> str:
    lines = [
        f"{quote(column.name)} {column.kind.sql}{' not null' if column.name == key else ''}"
        for column in (*columns, _LOAD_ID)
    ]
    return f"create table if not exists {RAW_SCHEMA}.{quote(name)} ({', '.join(lines)})"


def _field_columns(name: str, field: FieldInfo) -> Iterator[Column]:
    meaning = field.description or ""
    nested = _model_of(field)
    if nested is None:
        yield Column(name, _kind_of(field), (name,), meaning)
    elif issubclass(nested, Counts):
        for part, counter in nested.model_fields.items():
            yield Column(f"{name}_{part}", BIGINT, (name, part), counter.description or "")
    else:
        kind = TEXT if issubclass(nested, TextReference) else BIGINT
        yield Column(f"{name}_id", kind, (name, "id"), meaning)


def _model_of(field: FieldInfo) -> type[Reference | TextReference | Counts] | None:
    for part in (field.annotation, *get_args(field.annotation)):
        if isinstance(part, type) and issubclass(part, Reference | TextReference | Counts):
            return part
    return None


def _kind_of(field: FieldInfo) -> Kind:
    if "json" in field.metadata:
        return JSON
    for shape, kind in _SCALARS:
        if field.annotation == shape:
            return kind
    raise TypeError(f"no column kind for a field of type {field.annotation}: add a row to _SCALARS")
