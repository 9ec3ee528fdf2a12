"""Has SalesLoft changed its records since the models were written?

    unnamed   what loads found lately: fields that no column names, out of `_extra` of the raw tables
    compare   what the lists show now, record by record as a load would take it: new, missing and misfitting fields

A field whose name begins with an underscore is SalesLoft's own and carries no promise, so none is reported.
No value of any record is ever part of an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from salesloft_pipeline.ingest import arrow
from salesloft_pipeline.ingest.columns import RAW_SCHEMA, columns_of
from salesloft_pipeline.ingest.lists import named
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.salesloft.sampling import Sample, sample
from salesloft_pipeline.warehouse import Dialect, Warehouse, quote

_PRIVATE = "_"
_KEYS: dict[Dialect, str] = {
    "duckdb": "select unnest(json_keys(_extra)) as field from {table} where {recent}",
    "postgres": "select json_object_keys(cast(_extra as json)) as field from {table} where {recent}",
}
# Fields that a list need not show: bodies need a scope of their own, and some parts of a task come by webhook only.
_SHOWN_ELSEWHERE = {
    "emails": {"subject", "body"},
    "tasks": {"custom_attribute_resources", "instigator", "reminded", "rollback_reason"},
}
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def unnamed(warehouse: Warehouse, table: str, since: datetime) -> dict[str, int]:
    """Fields in `_extra` of a raw table's rows that were loaded since then, and how many rows carry each.

    A group such as `counts` stands here when there is something new inside it.
    """
    fields = _KEYS[warehouse.dialect].format(
        table=f"{RAW_SCHEMA}.{quote(table)}", recent="_extra is not null and _synced_at >= $1"
    )
    found = warehouse.query(
        f"select field, count(*) from ({fields}) as f group by field order by field", [since]
    )
    return {field: rows for field, rows in found if not field.startswith(_PRIVATE)}


@dataclass(frozen=True)
class Difference:
    """One field that is not as its model says. `kind`: new, missing (no record has it) or misfit."""

    field: str
    kind: str
    records: int
    words: str


@dataclass(frozen=True)
class Comparison:
    """One list beside its model. refusal: why the key was shown nothing; without any records there is no telling."""

    resource: str
    records: int
    differences: tuple[Difference, ...]
    refusal: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return asdict(self)


def compare(client: SalesloftClient, endpoints: Sequence[Endpoint]) -> list[Comparison]:
    """One page of each list beside its model, a point each. Raises as `sampling.sample`."""
    return [_comparison(each) for each in sample(client, endpoints)]


def _comparison(shown: Sample) -> Comparison:
    name, records = shown.endpoint.name, [named(shown.endpoint, row) for row in shown.records]
    if shown.refusal:
        return Comparison(name, 0, (), str(shown.refusal))
    converted = arrow.convert(shown.endpoint, records, synced_at=datetime.now(UTC), source="poll")
    extras = [orjson.loads(text) for text in converted.table.column("_extra").to_pylist() if text]
    differences = [
        *_new(shown.endpoint, extras),
        *_missing(shown.endpoint, records),
        *_misfits(converted.rejects),
    ]
    return Comparison(name, len(records), tuple(sorted(differences, key=lambda each: each.field)))


def _new(endpoint: Endpoint, extras: list[dict[str, Any]]) -> Iterator[Difference]:
    groups = {column.path[0] for column in columns_of(endpoint.record) if len(column.path) == 2}
    seen: dict[str, Counter[str]] = {}
    for extra in extras:
        for name, value in extra.items():
            parts = (
                {f"{name}.{part}": inner for part, inner in value.items()}
                if name in groups
                else {name: value}
            )
            for field, each in parts.items():
                seen.setdefault(field, Counter())[_JSON_TYPES.get(type(each), "null")] += 1
    for field, types in seen.items():
        if not field.rpartition(".")[2].startswith(_PRIVATE):
            yield Difference(field, "new", types.total(), " or ".join(sorted(types)))


def _missing(endpoint: Endpoint, records: list[Any]) -> Iterator[Difference]:
    whole = [record for record in records if isinstance(record, dict)]
    paths = [column.path for column in columns_of(endpoint.record)] if whole else []
    elsewhere = _SHOWN_ELSEWHERE.get(endpoint.name, ())
    for field in dict.fromkeys(shown for path in paths if (shown := _unseen(path, whole))):
        if field not in elsewhere:
            yield Difference(field, "missing", 0, "no record shows it")


def _unseen(path: tuple[str, ...], records: list[dict[str, Any]]) -> str | None:
    """The field that no record has: the outer one, or the part. A group that is null tells nothing of its parts."""
    outer, *part = path
    if not any(outer in record for record in records):
        return outer
    groups = [record[outer] for record in records if part and isinstance(record.get(outer), dict)]
    return ".".join(path) if groups and not any(part[0] in group for group in groups) else None


def _misfits(rejects: Sequence[arrow.Reject]) -> Iterator[Difference]:
    problems = Counter(problem for reject in rejects for problem in reject.reason.split("; "))
    for problem, records in problems.items():
        field, _, words = problem.partition(": ")
        yield Difference(field, "misfit", records, words)
