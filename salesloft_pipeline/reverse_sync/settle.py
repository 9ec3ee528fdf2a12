"""Before anything is written again: what became of the intents that never got their answer?

    a bulk job       ->  wait until it is done, then ask for its errors
    create, update   ->  GET the person: does SalesLoft show what was wanted?
    enroll, remove   ->  GET the membership
    import           ->  GET the cadence by its name

found: it had happened. undone: it had not (or SalesLoft spells it its own way): the next plan decides afresh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from salesloft_pipeline.reverse_sync.actual import Actual, refreshed
from salesloft_pipeline.reverse_sync.bulk import await_job, errors
from salesloft_pipeline.reverse_sync.desired import Key, match_key
from salesloft_pipeline.reverse_sync.fields import same
from salesloft_pipeline.reverse_sync.ledger import Answer, Intent, Ledger
from salesloft_pipeline.reverse_sync.model import MATCHES
from salesloft_pipeline.reverse_sync.plan import Agreement
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.protocol import parse_instant

# Two clocks never agree quite.
_SKEW = timedelta(minutes=5)


def settle(client: SalesloftClient, ledger: Ledger) -> dict[str, Answer]:
    """Look, and write down what was found; the answers by change. Raises what the requests raise."""
    jobs, of_people, answers = defaultdict(list), [], []
    for intent in ledger.unanswered():
        if intent.bulk_job_id:
            jobs[intent.bulk_job_id].append(intent)
        elif intent.kind in ("create", "update"):
            of_people.append(intent)
        else:
            answers.append((_import if intent.kind == "import" else _membership)(client, intent))
    answers += _people(client, ledger, of_people)
    for job_id, intents in jobs.items():
        answers += of_job(client, ledger, job_id, intents, "found")
    ledger.answer(answers)
    return {answer.change_id: answer for answer in answers}


def of_job(
    client: SalesloftClient, ledger: Ledger, job_id: int, intents: Sequence[Intent], outcome: str
) -> Iterator[Answer]:
    """Wait for a bulk job, and what came of each of its rows. outcome: the word for a row that went well.

    What SalesLoft shows of those is not asked: it is taken to be what was wanted until a record is newer than the
    job's end. Raises what requests raise; ReverseSyncError for a job that does not end.
    """
    ended = await_job(client, job_id)
    refused = errors(client, job_id) if ended else {}
    agreed = ledger.agreed([intent.person_id for intent in intents if intent.person_id])
    for intent in intents:
        told = next((refused[name] for name in _names(intent) if name in refused), None)
        if ended is None:
            yield Answer(intent.change_id, "undone")
        elif told is not None:
            yield Answer(intent.change_id, "failed", error=told)
        else:
            now = {name: Agreement(new, new) for name, new in intent.wanted.items()}
            both = {**agreed.get(intent.person_id or 0, {}), **now}
            after = {**intent.wanted, "updated_at": ended}
            yield Answer(intent.change_id, outcome, after=after, agreed=both)


def _names(intent: Intent) -> Iterator[tuple[str, str]]:
    """What a row of a job may know the person by."""
    if intent.person_id is not None:
        yield "id", str(intent.person_id)
    yield from ((name, str(intent.wanted[name])) for name in MATCHES if name in intent.wanted)


def _people(client: SalesloftClient, ledger: Ledger, intents: Sequence[Intent]) -> Iterator[Answer]:
    fields = sorted({name for intent in intents for name in intent.wanted})
    by_match: dict[str, dict[str, Key]] = defaultdict(dict)
    for intent in intents:
        match, value = _whom(intent)
        by_match[match][intent.change_id] = match_key(match, value)
    people: dict[str, Actual] = {}
    for match, keys in by_match.items():
        found = refreshed(client, match, dict.fromkeys(keys.values()), fields).by_key
        people |= {change: found[key] for change, key in keys.items() if key in found}
    agreed = ledger.agreed([person.id for person in people.values()])
    for intent in intents:
        person = people.get(intent.change_id)
        if person is None or not all(same(new, person.values[name]) for name, new in intent.wanted.items()):
            yield Answer(intent.change_id, "undone")
            continue
        after = {name: person.values[name] for name in intent.wanted}
        now = {name: Agreement(new, after[name]) for name, new in intent.wanted.items()}
        both = {**agreed.get(person.id, {}), **now}
        after |= {"updated_at": person.updated_at}
        yield Answer(intent.change_id, "found", person.id, after=after, agreed=both)


def _whom(intent: Intent) -> tuple[str, Key]:
    if intent.person_id is not None:
        return "id", intent.person_id
    match = "email_address" if intent.wanted.get("email_address") else "crm_id"
    return match, intent.wanted[match]


def _membership(client: SalesloftClient, intent: Intent) -> Answer:
    on = membership_on(client, intent.person_id or 0, intent.cadence_id or 0) is not None
    return Answer(intent.change_id, "found" if on == (intent.kind == "enroll") else "undone")


def membership_on(client: SalesloftClient, person_id: int, cadence_id: int) -> int | None:
    """The id of the membership by which the person is on the cadence now; None if they are not. Costs one point."""
    params = {"person_id": str(person_id), "cadence_id": str(cadence_id), "per_page": "100"}
    for record in client.get("/cadence_memberships", params).data:
        whose = (record["person"]["id"], record["cadence"]["id"])
        if whose == (person_id, cadence_id) and record["currently_on_cadence"]:
            return int(record["id"])
    return None


def _import(client: SalesloftClient, intent: Intent) -> Answer:
    name = intent.wanted["name"]
    for record in client.get("/cadences", {"name[]": [name], "per_page": "100"}).data:
        if record["name"] == name and parse_instant(record["created_at"]) > intent.intended_at - _SKEW:
            return Answer(intent.change_id, "found", cadence_id=record["id"])
    return Answer(intent.change_id, "undone")
