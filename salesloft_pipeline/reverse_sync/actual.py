"""What is: people as our copy has them, or as SalesLoft shows them now, for just those concerned.

raw_salesloft.people           ->  People      for a plan that costs nothing
GET /people?ids[]=  (or the    ->  People      a hundred for a point, right before writing
address, or the CRM's id)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import orjson

from salesloft_pipeline.reverse_sync.desired import Key
from salesloft_pipeline.reverse_sync.fields import CUSTOM, shown
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.warehouse import Warehouse, quote

TABLE, PATH = "people", "/people"
A_PAGE = 100
# Of so many people at the most just these rows of our copy are read, of more all.
FEW = 5_000
_FILTERS = {"id": "ids[]", "email_address": "email_addresses[]", "crm_id": "crm_id[]"}
# What the rules of suppression look at, beside the key.
_WATCHED = ("email_address", "crm_id", "do_not_contact", "contact_restrictions", "eu_resident", "bouncing")
_JSON = (CUSTOM, "tags", "contact_restrictions", "cadences")


@dataclass(frozen=True, slots=True)
class Actual:
    """One person: id, the fields a model writes, and what speaks against writing. updated_at in UTC."""

    id: int
    values: Mapping[str, Any]
    updated_at: datetime | None
    do_not_contact: bool = False
    restrictions: frozenset[str] = frozenset()
    eu_resident: bool = False
    bouncing: bool = False
    cadences: frozenset[int] = frozenset()
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """People by the key they are matched on. shared: keys that several people bear, so that nobody is meant."""

    by_key: Mapping[Key, Actual]
    shared: frozenset[Key] = frozenset()


def from_warehouse(warehouse: Warehouse, match: str, fields: Sequence[str], keys: Collection[Key]) -> People:
    """Whoever of these is in our copy and not deleted. Raises WarehouseError; empty before the first sync."""
    known = warehouse.columns("raw_salesloft", TABLE)
    if not known:
        return People({})
    wanted = dict.fromkeys(
        [*_WATCHED, "updated_at", "cadences", *(name.partition(".")[0] for name in fields)]
    )
    names = ["id", *(name for name in wanted if name in known)]
    chosen = [f"cast({quote(name)} as text)" if name in _JSON else quote(name) for name in names]
    sql = f"select {', '.join(chosen)} from raw_salesloft.{TABLE} where _deleted_at is null"
    few = list(keys) if len(keys) <= FEW else []
    if few:
        key = f"lower({match})" if match == "email_address" else match
        sql += f" and {key} in ({', '.join(f'${place}' for place in range(1, len(few) + 1))})"
    rows = warehouse.query(f"{sql} order by id", few)
    return of_records(match, fields, (_unpacked(dict(zip(names, row, strict=True))) for row in rows))


def refreshed(client: SalesloftClient, match: str, keys: Iterable[Key], fields: Sequence[str]) -> People:
    """These people as SalesLoft shows them now: a point for a hundred. Who is not there is left out."""
    asked = list(keys)
    pages = (asked[begin : begin + A_PAGE] for begin in range(0, len(asked), A_PAGE))
    found = (_page(client, match, some) for some in pages)
    return of_records(match, fields, chain.from_iterable(found))


def as_written(people: People, written: Mapping[int, tuple[datetime, Mapping[str, Any]]]) -> People:
    """Our copy with what it cannot know yet: where it is older than our own last write, what SalesLoft showed then.

    written: by id, the updated_at of SalesLoft's answer and what it showed.
    """

    def newest(person: Actual) -> Actual:
        at, shown_then = written.get(person.id, (None, {}))
        if at is None or (person.updated_at and person.updated_at >= at):
            return person
        return replace(
            person, values={name: shown_then.get(name, old) for name, old in person.values.items()}
        )

    if not written:
        return people
    return People({key: newest(person) for key, person in people.by_key.items()}, people.shared)


def from_record(record: Mapping[str, Any], fields: Sequence[str]) -> Actual:
    """A person out of a record of the API, or a row of our copy."""
    updated = record.get("updated_at")
    return Actual(
        id=record["id"],
        values={name: shown(record, name) for name in fields},
        updated_at=parse_instant(updated)
        if isinstance(updated, str)
        else updated and updated.astimezone(UTC),
        do_not_contact=bool(record.get("do_not_contact")),
        restrictions=frozenset(record.get("contact_restrictions") or ()),
        eu_resident=bool(record.get("eu_resident")),
        bouncing=bool(record.get("bouncing")),
        cadences=frozenset(each["id"] for each in record.get("cadences") or ()),
        custom=record.get(CUSTOM) or {},
    )


def _page(client: SalesloftClient, match: str, keys: Sequence[Key]) -> Iterator[Mapping[str, Any]]:
    page, asked = 1, {str(key) for key in keys}
    while True:
        params = {_FILTERS[match]: sorted(asked), "per_page": str(A_PAGE), "page": str(page)}
        reply = client.get(PATH, params)
        # A filter that did not apply shows everybody; whom nobody asked for is left out.
        yield from (record for record in reply.data if str(_key(match, record)) in asked)
        if reply.next_page is None:
            return
        page = reply.next_page


def of_records(match: str, fields: Sequence[str], records: Iterable[Mapping[str, Any]]) -> People:
    """People out of records of the API, or rows of our copy; who has no key is left out."""
    by_key: dict[Key, Actual] = {}
    shared: set[Key] = set()
    for record in records:
        if (key := _key(match, record)) is None:
            continue
        if by_key.setdefault(key, actual := from_record(record, fields)).id != actual.id:
            shared.add(key)
    return People(by_key, frozenset(shared))


def _key(match: str, record: Mapping[str, Any]) -> Key | None:
    value: Key | None = record.get(match)
    return value.lower() if match == "email_address" and isinstance(value, str) else value


def _unpacked(row: dict[str, Any]) -> dict[str, Any]:
    for name in _JSON:
        if isinstance(row.get(name), str):
            row[name] = orjson.loads(row[name])
    return row
