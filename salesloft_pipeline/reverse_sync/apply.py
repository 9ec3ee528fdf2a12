"""Does what a plan says, a hundred people at a time, so that it can be killed anywhere and be run again.

    refresh these people ─► plan them again ─► intents into the ledger ─► write ─► answers into the ledger

Few changes are written one by one; many as bulk jobs. What was planned against our copy may be old, so every batch is
planned once more against SalesLoft itself: what somebody else did meanwhile is neither undone nor done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.reverse_sync import bulk
from salesloft_pipeline.reverse_sync.actual import A_PAGE, Actual, People, from_record, refreshed
from salesloft_pipeline.reverse_sync.desired import Desired
from salesloft_pipeline.reverse_sync.fields import body
from salesloft_pipeline.reverse_sync.ledger import Answer, Intent, Ledger
from salesloft_pipeline.reverse_sync.model import Model
from salesloft_pipeline.reverse_sync.plan import Agreed, Change, agreement, make_plan
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import Refused, SalesloftError, Unauthorized

# From so many changes on a bulk job is worth its wait.
BULK_FROM = 500
# So many writes in a row without an answer: it is not about the record.
UNANSWERED_IN_A_ROW = 3
# An answer of the ledger, as a result tells it.
_OUTCOMES = {"done": "done", "found": "done", "failed": "failed", "undone": "failed"}


@dataclass(frozen=True)
class Result:
    """What became of one row. outcome: done, failed, unanswered (the next run looks), skipped or unchanged."""

    row: int
    person_id: int | None
    outcome: str
    reason: str | None = None


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
            answer = Answer(intent.change_id, "failed", error=str(error))
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
    """What writing people needs: where to, by which model, noting it where, and whom never (ids of the erased)."""

    client: SalesloftClient
    ledger: Ledger
    model: Model
    forgotten: frozenset[int]

    def apply(self, rows: Sequence[Desired]) -> Iterator[Result]:
        """Write what these rows need now, and tell what became of each as it happens.

        Raises BreakerTripped; Unauthorized; what requests raise when SalesLoft does not answer any more. Whatever
        happens, the ledger knows how far it came.
        """
        size = bulk.MOST_ROWS if len(rows) >= BULK_FROM else A_PAGE
        for begin in range(0, len(rows), size):
            yield from self._batch(rows[begin : begin + size])

    def _batch(self, rows: Sequence[Desired]) -> Iterator[Result]:
        fields = list(dict.fromkeys([*self.model.policies, self.model.match]))
        people = refreshed(self.client, self.model.match, [row.key for row in rows], fields)
        agreed = self.ledger.agreed([person.id for person in people.by_key.values()])
        now = datetime.now(UTC)
        plan = make_plan(self.model, rows, people, agreed, forgotten=self.forgotten, now=now)
        busy = {change.row for change in plan.changes}
        for skip in plan.skips:
            if skip.row not in busy:
                yield Result(skip.row, skip.person_id, "skipped", skip.reason)
        told = busy | {skip.row for skip in plan.skips}
        yield from (Result(row.row, None, "unchanged") for row in rows if row.row not in told)
        if plan.changes:
            self.ledger.check_breaker([change.person_id for change in plan.changes if change.person_id])
            batch = _Batch(self, {row.row: row for row in rows}, people, agreed, plan.changes)
            yield from batch.in_bulk() if len(plan.changes) >= BULK_FROM else batch.singly()


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
            return self._done(change, intent, self._send(change))

        return write_each(self.writer.ledger, self.changes, send)

    def in_bulk(self) -> Iterator[Result]:
        """All of them as one job. The intents carry its number, so that a run after a kill waits for it first."""
        client, ledger = self.writer.client, self.writer.ledger
        upserts = [self._upsert(change) for change in self.changes]
        job_id = bulk.fill_job(client, f"{self.writer.model.name} {ledger.run_id}", upserts)
        intents = ledger.intend(self.changes, bulk_job_id=job_id)
        bulk.start_job(client, job_id)
        bulk.await_job(client, job_id)
        came = {_key(row["record"]): row for row in bulk.results(client, job_id)}
        answers, results = [], []
        for change, intent, upsert in zip(self.changes, intents, upserts, strict=True):
            row = came[_key(upsert)]
            if row["status"] == "success":
                answers.append(self._done(change, intent, row["resource"]["person"]))
                results.append(Result(change.row, answers[-1].person_id, "done"))
            else:
                answers.append(Answer(intent.change_id, "failed", error=row["error"]))
                results.append(Result(change.row, change.person_id, "failed", row["error"]))
        ledger.answer(answers)
        yield from results

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


def _key(upsert: Mapping[str, Any]) -> str:
    """Whom a row of a job is about."""
    return str(upsert[upsert["upsert_key"]])
