"""ops.reverse_sync_ledger: every change that was to be written, its intent before the call and its answer after.

    intended  ->  done | failed                  the answer came
              ->  found | undone                 the answer got lost; somebody looked whether it had happened

An intent without an answer is what a kill or a lost answer leaves: settle.py looks before anything is written again.
The newest `agreed` of a person is what both sides last agreed on. The table is declared in ingest/ops.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from salesloft_pipeline.reverse_sync.errors import BreakerTripped
from salesloft_pipeline.reverse_sync.plan import Agreement, Change
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.warehouse import Warehouse

TABLE = "ops.reverse_sync_ledger"
WRITES_AN_HOUR = 5
_ROWS = 100


@dataclass(frozen=True)
class Intent:
    """A change that is about to be written, or was and nobody knows. intended_at in UTC."""

    change_id: str
    kind: str
    person_id: int | None
    cadence_id: int | None
    bulk_job_id: int | None
    wanted: Mapping[str, Any]
    intended_at: datetime


@dataclass(frozen=True)
class Answer:
    """What came of an intent. after: the fields as SalesLoft shows them now, with updated_at. agreed: of all fields of
    the person.
    """

    change_id: str
    outcome: str
    person_id: int | None = None
    cadence_id: int | None = None
    after: Mapping[str, Any] | None = None
    agreed: Mapping[str, Agreement] | None = None
    error: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The ledger of one run. actor: on whose behalf it writes."""

    warehouse: Warehouse
    actor: str
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def intend(self, changes: Sequence[Change], *, bulk_job_id: int | None = None) -> list[Intent]:
        """Write down, in one transaction, what is about to be written; in the order given."""
        now = datetime.now(UTC)
        intents = [
            Intent(uuid.uuid4().hex, c.kind, c.person_id, c.cadence_id, bulk_job_id, c.wanted, now)
            for c in changes
        ]
        rows = [
            (
                *(
                    intent.change_id,
                    self.run_id,
                    self.actor,
                    intent.kind,
                    intent.person_id,
                    intent.cadence_id,
                ),
                *(bulk_job_id, _json(intent.wanted), _json({each.field: each.old for each in change.fields})),
                *(now, "intended"),
            )
            for change, intent in zip(changes, intents, strict=True)
        ]
        with self.warehouse.transaction() as sql:
            for some in _slices(rows):
                sql.execute(
                    f"insert into {TABLE} (change_id, run_id, actor, kind, person_id, cadence_id, bulk_job_id, wanted, "
                    f"before, intended_at, outcome) values {_values(_INTENT, len(some))}",
                    [value for row in some for value in row],
                )
        return intents

    def answer(self, answers: Sequence[Answer]) -> None:
        """Write down what came of intents, in one transaction."""
        now = datetime.now(UTC)
        rows = [
            (
                *(each.change_id, each.outcome, each.person_id, each.cadence_id, _json(each.after)),
                *(_json(_pairs(each.agreed)), each.error, now),
            )
            for each in answers
        ]
        with self.warehouse.transaction() as sql:
            for some in _slices(rows):
                sql.execute(
                    f"update {TABLE} set outcome = v.outcome, person_id = coalesce(v.person_id, {TABLE}.person_id), "
                    f"cadence_id = coalesce(v.cadence_id, {TABLE}.cadence_id), after = v.after, agreed = v.agreed, "
                    f"error = v.error, answered_at = v.answered_at from (values {_values(_ANSWER, len(some))}) as "
                    "v(change_id, outcome, person_id, cadence_id, after, agreed, error, answered_at) "
                    f"where {TABLE}.change_id = v.change_id",
                    [value for row in some for value in row],
                )

    def unanswered(self) -> list[Intent]:
        """The intents nobody knows the outcome of, oldest first, of whatever run."""
        found = self.warehouse.query(
            "select change_id, kind, person_id, cadence_id, bulk_job_id, cast(wanted as text), intended_at "
            f"from {TABLE} where outcome = 'intended' order by intended_at, change_id"
        )
        return [
            Intent(change_id, kind, person, cadence, job, orjson.loads(wanted or "{}"), at.astimezone(UTC))
            for change_id, kind, person, cadence, job, wanted, at in found
        ]

    def agreed(self, ids: Sequence[int] | None = None) -> dict[int, dict[str, Agreement]]:
        """What both sides last agreed on, by person and field; of these people, or of all."""
        return agreed(self.warehouse, ids)

    def imported(self, digest: str) -> int | None:
        """The id of the cadence that was made out of this content; None if none was."""
        found = self.warehouse.query(
            f"select cadence_id, cast(wanted as text) from {TABLE} where kind = 'import' and cadence_id is not null"
        )
        return next((cadence for cadence, wanted in found if orjson.loads(wanted)["digest"] == digest), None)

    def check_breaker(self, ids: Sequence[int]) -> None:
        """Raises BreakerTripped if one of these people was written too often within the last hour."""
        if not ids:
            return
        since = datetime.now(UTC) - timedelta(hours=1)
        often = self.warehouse.query(
            f"select person_id, count(*) from {TABLE} where person_id in ({_listed(ids)}) and intended_at > $1 "
            f"and outcome in ('intended', 'done', 'found') group by person_id having count(*) >= {WRITES_AN_HOUR} order by 1",
            [since],
        )
        if often:
            raise BreakerTripped(
                f"person {often[0][0]} was written {often[0][1]} times within an hour, and {len(often) - 1} others as "
                "often: something changes back what we write, or the source changes with every run. Nothing more is "
                "written; look into ops.reverse_sync_ledger, and run again in an hour"
            )


def agreed(warehouse: Warehouse, ids: Sequence[int] | None = None) -> dict[int, dict[str, Agreement]]:
    """What both sides last agreed on, by person and field; empty where nothing was ever written back."""
    if "reverse_sync_ledger" not in warehouse.tables("ops") or (ids is not None and not ids):
        return {}
    found = _newest(warehouse, ids)
    return {person: {name: Agreement(*pair) for name, pair in both.items()} for person, both, _ in found}


def written(
    warehouse: Warehouse, ids: Sequence[int] | None = None
) -> dict[int, tuple[datetime, dict[str, Any]]]:
    """By person, SalesLoft's updated_at after our last write (UTC), and what it showed of the fields we ever wrote;
    of these people, or of all.
    """
    if "reverse_sync_ledger" not in warehouse.tables("ops") or (ids is not None and not ids):
        return {}
    return {
        person: (parse_instant(after["updated_at"]), {name: shown for name, (_, shown) in both.items()})
        for person, both, after in _newest(warehouse, ids)
        if after.get("updated_at")
    }


def _newest(
    warehouse: Warehouse, ids: Sequence[int] | None
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Of each person the newest answer: who, what was agreed, what SalesLoft showed."""
    whom = "" if ids is None else f"and person_id in ({_listed(ids)})"
    found = warehouse.query(
        "select person_id, agreed, after from (select person_id, cast(agreed as text) as agreed, "
        "cast(after as text) as after, row_number() over "
        f"(partition by person_id order by answered_at desc, change_id) as place from {TABLE} "
        f"where agreed is not null and person_id is not null {whom}) as newest where place = 1"
    )
    return ((person, orjson.loads(both), orjson.loads(after or "{}")) for person, both, after in found)


_INTENT = (
    "text",
    "text",
    "text",
    "text",
    "bigint",
    "bigint",
    "bigint",
    "json",
    "json",
    "timestamptz",
    "text",
)
_ANSWER = ("text", "text", "bigint", "bigint", "json", "json", "text", "timestamptz")


def _values(kinds: Sequence[str], rows: int) -> str:
    """Places for so many rows of parameters, typed: Postgres cannot tell the type of a column of nulls."""
    width = len(kinds)
    return ", ".join(
        "("
        + ", ".join(f"cast(${row * width + place} as {kind})" for place, kind in enumerate(kinds, 1))
        + ")"
        for row in range(rows)
    )


def _slices(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    yield from (rows[begin : begin + _ROWS] for begin in range(0, len(rows), _ROWS))


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(str(int(number)) for number in ids)


def _pairs(agreed: Mapping[str, Agreement] | None) -> dict[str, list[Any]] | None:
    return None if agreed is None else {name: list(pair) for name, pair in agreed.items()}


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
