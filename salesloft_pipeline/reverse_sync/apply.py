"""Does what a plan says, a hundred people at a time, so that it can be killed anywhere and be run again.

    refresh these people ─► plan them again ─► intents into the ledger ─► write ─► answers into the ledger

Few changes are written one by one; many as one bulk job. What was planned against our copy may be old, so every batch
is planned once more against SalesLoft itself: what somebody else did meanwhile is neither undone nor done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.reverse_sync import bulk
from salesloft_pipeline.reverse_sync.actual import A_PAGE, Actual, People, as_written, from_record, refreshed
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.fields import READERS, body
from salesloft_pipeline.reverse_sync.lately import as_of_now
from salesloft_pipeline.reverse_sync.ledger import Answer, Intent, Ledger, written
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.reverse_sync.plan import Agreed, Change, Conflict, Plan, Seen, agreement, make_plan
from salesloft_pipeline.reverse_sync.settle import of_job
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import Refused, SalesloftError, Unauthorized, Unprocessable

# So many writes in a row without an answer: it is not about the record.
UNANSWERED_IN_A_ROW = 3
# An answer of the ledger, as a result tells it.
_OUTCOMES = {"done": "done", "found": "done", "failed": "failed", "undone": "failed"}


@dataclass(frozen=True)
class Result:
    """What became of one row. outcome: done, failed, unanswered (the next run looks), skipped, unchanged, or conflict:
    somebody changed the field in SalesLoft after the plan, and the policy leaves it to them. field: which one SalesLoft
    refused, where it says so. conflicts: all of them, also where ours was written.
    """

    row: int
    person_id: int | None
    outcome: str
    reason: str | None = None
    field: str | None = None
    conflicts: tuple[Conflict, ...] = ()


def write_each(
    ledger: Ledger, changes: Sequence[Change], send: Callable[[Change, Intent], Answer]
) -> Iterator[Result]:
    """Write changes one by one, every intent in the ledger before the first, every answer as it comes.

    send: writes one and tells its answer. Raises Unauthorized, and what `send` raises for lack of an answer when
    that happens again and again.
    """
    unanswered = 0
    for change, intent in zip(changes, ledger.intend(changes), strict=True):
        try:
            answer = send(change, intent)
        except Unauthorized:
            raise
        except Refused as error:
            ledger.answer([Answer(intent.change_id, "failed", error=str(error))])
            fields = ", ".join(error.errors) if isinstance(error, Unprocessable) else None
            yield Result(change.row, change.person_id, "failed", str(error), fields or None)
            continue
        except SalesloftError as error:
            unanswered += 1
            if unanswered == UNANSWERED_IN_A_ROW:
                raise
            yield Result(change.row, change.person_id, "unanswered", str(error))
            continue
        unanswered = 0
        ledger.answer([answer])
        yield Result(
            change.row, answer.person_id or change.person_id, _OUTCOMES[answer.outcome], answer.error
        )


@dataclass(frozen=True)
class Writer:
    """What writing people needs: where to, by which model, noting it where, and whom never (ids of the erased).

    copy: people as the plan saw them. seen: what it was to change. changed: told the old and new address of whoever
    gets another one.
    """

    client: SalesloftClient
    ledger: Ledger
    model: Model
    forgotten: frozenset[int]
    copy: People
    seen: Seen
    changed: Callable[[str], None] = lambda _address: None

    def apply(self, rows: Sequence[Desired]) -> Iterator[Result]:
        """Write what these rows need now, and tell what became of each as it happens.

        Raises BreakerTripped; Unauthorized; what requests raise when SalesLoft does not answer any more. Whatever
        happens, the ledger knows how far it came.
        """
        in_bulk = self.model.bulk and len(rows) >= bulk.BULK_FROM
        size = len(rows) if in_bulk else A_PAGE
        for begin in range(0, len(rows), size):
            yield from self._batch(rows[begin : begin + size], in_bulk)

    def _batch(self, rows: Sequence[Desired], in_bulk: bool) -> Iterator[Result]:
        people = self._actual(rows, in_bulk)
        agreed = self.ledger.agreed([person.id for person in people.by_key.values()])
        now = datetime.now(UTC)
        plan = make_plan(self.model, rows, people, agreed, forgotten=self.forgotten, now=now, seen=self.seen)
        yield from _left_alone(rows, plan)
        if plan.changes:
            self.ledger.check_breaker([change.person_id for change in plan.changes if change.person_id])
            batch = _Batch(self, {row.row: row for row in rows}, people, agreed, plan.changes)
            found = batch.in_bulk() if in_bulk and len(plan.changes) >= bulk.BULK_FROM else batch.singly()
            disputed = _by_row(plan.conflicts)
            yield from (replace(each, conflicts=disputed.get(each.row, ())) for each in found)

    def _actual(self, rows: Sequence[Desired], in_bulk: bool) -> People:
        fields = list(dict.fromkeys([*self.model.policies, self.model.match]))
        keys, match = [row.key for row in rows], self.model.match
        warehouse = self.ledger.warehouse
        if in_bulk:
            erased = bool(self.forgotten)
            everybody = as_of_now(self.client, warehouse, match, keys, fields, self.copy, erased=erased)
            asked = set(keys)
            mine = {key: person for key, person in everybody.by_key.items() if key in asked}
            people = People(mine, everybody.shared)
        else:
            people = refreshed(self.client, match, keys, fields)
        return as_written(people, written(warehouse, [person.id for person in people.by_key.values()]))


def _left_alone(rows: Sequence[Desired], plan: Plan) -> Iterator[Result]:
    """What became of the rows that are not written."""
    busy, disputed = {change.row for change in plan.changes}, _by_row(plan.conflicts)
    skipped = {skip.row: skip for skip in plan.skips}
    for row in rows:
        if row.row in busy:
            continue
        if skip := skipped.get(row.row):
            yield Result(row.row, skip.person_id, "skipped", skip.reason)
        elif conflicts := disputed.get(row.row):
            named = ", ".join(each.field for each in conflicts)
            reason = f"{named}: changed in SalesLoft after the plan, and left so"
            yield Result(row.row, conflicts[0].person_id, "conflict", reason, named, conflicts)
        else:
            yield Result(row.row, None, "unchanged")


def _by_row(conflicts: Sequence[Conflict]) -> dict[int, tuple[Conflict, ...]]:
    found: dict[int, tuple[Conflict, ...]] = {}
    for each in conflicts:
        found[each.row] = (*found.get(each.row, ()), each)
    return found


@dataclass(frozen=True)
class _Batch:
    """Changes that are about to be written, with all that tells what to send and what it means afterwards."""

    writer: Writer
    rows: Mapping[int, Desired]
    people: People
    agreed: Agreed
    changes: Sequence[Change]

    def singly(self) -> Iterator[Result]:
        """One request a change, one answer at a time."""

        def send(change: Change, intent: Intent) -> Answer:
            answer = self._done(change, intent, self._send(change))
            self._tell(change)
            return answer

        return write_each(self.writer.ledger, self.changes, send)

    def in_bulk(self) -> Iterator[Result]:
        """All of them as one job. The intents carry its number, so that a run after a kill waits for it first."""
        client, ledger = self.writer.client, self.writer.ledger
        upserts = [self._upsert(change) for change in self.changes]
        job_id = bulk.fill_job(client, f"{self.writer.model.name} {ledger.run_id}", upserts)
        intents = ledger.intend(self.changes, bulk_job_id=job_id)
        bulk.start_job(client, job_id)
        answers = list(of_job(client, ledger, job_id, intents, "done"))
        ledger.answer(answers)
        for change, answer in zip(self.changes, answers, strict=True):
            self._tell(change)
            outcome, person = _OUTCOMES[answer.outcome], answer.person_id or change.person_id
            yield Result(change.row, person, outcome, answer.error, _refused_field(answer.error))

    def _tell(self, change: Change) -> None:
        for each in change.fields:
            if each.field == "email_address":
                for address in filter(None, (each.old, each.new)):
                    self.writer.changed(address)

    def _send(self, change: Change) -> Mapping[str, Any]:
        client = self.writer.client
        if change.person_id is not None:
            return dict(client.update(f"/people/{change.person_id}", self._body(change)).data)
        # By a key that is sent along, the second of two such requests finds what the first one made.
        return dict(
            client.create("/person_upserts", self._upsert(change), harmless_again=True).data["person"]
        )

    def _upsert(self, change: Change) -> dict[str, Any]:
        if change.person_id is not None:
            return {"upsert_key": "id", "id": change.person_id, **self._body(change)}
        return {"upsert_key": self.writer.model.match, **self._body(change)}

    def _body(self, change: Change) -> dict[str, Any]:
        person = self.people.by_key.get(change.key)
        return body(change.wanted, person.custom if person else {})

    def _done(self, change: Change, intent: Intent, record: Mapping[str, Any]) -> Answer:
        person: Actual = from_record(record, list(self.writer.model.policies))
        row, before = self.rows[change.row], self.agreed.get(person.id, {})
        after = {name: person.values[name] for name in change.wanted if name in person.values}
        after |= {"updated_at": person.updated_at}
        both = agreement(row, change.wanted, person, before)
        return Answer(intent.change_id, "done", person.id, after=after, agreed=both)


def _refused_field(error: str | None) -> str | None:
    """The field that SalesLoft's words about a row of a job begin with."""
    first = (error or "").partition(" ")[0]
    return first if first in READERS else None
