"""What was written back: ops.reverse_sync_ledger against the writes that SalesLoft saw and what it shows now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from salesloft_pipeline_tests.soak.check import Check
from salesloft_pipeline_tests.soak.day import Day
from salesloft_pipeline_tests.soak.yours import CADENCE


def written_back(day: Day) -> Check:
    """Each change once in the ledger and once at SalesLoft, and the people as the source table has them."""
    rows = day.place.warehouse.query("select kind, person_id, outcome from ops.reverse_sync_ledger")
    # The log of requests has paths and no bodies: who is put on a cadence is not in it.
    done = Counter(
        (kind, person if kind == "update" else None)
        for kind, person, outcome in rows
        if outcome in ("done", "found")
    )
    seen = Counter(_writes(day))
    open_, unlike = [row for row in rows if row[2] == "intended"], _unlike(day)
    faults = {
        "intents without an answer": len(open_),
        "changes that SalesLoft saw another number of times": sum((seen - done).values())
        + sum((done - seen).values()),
        f"people who are not as the table says {unlike[:3]}": len(unlike),
    }
    wrong = [f"{number} {what}" for what, number in faults.items() if number]
    kinds = Counter(kind for kind, _ in done.elements())
    told = ", ".join(f"{number} x {kind}" for kind, number in sorted(kinds.items()))
    return Check(
        "the ledger says each change once, as SalesLoft saw it", not wrong, ", ".join([*wrong, told])
    )


def _writes(day: Day) -> Iterator[tuple[str, int | None]]:
    """Kind of every write that SalesLoft carried out, with the person where the path says whom."""
    for request in list(day.place.world.log):
        if request.status < 300 and request.method == "PUT" and request.path.startswith("/people/"):
            yield "update", int(request.path.rsplit("/", 1)[-1])
        elif request.status < 300 and (request.method, request.path) == ("POST", "/cadence_memberships"):
            yield "enroll", None


def _unlike(day: Day) -> list[int]:
    """Rows of the table whose person has another title or is not on the cadence; who may not be written is left out."""
    world = day.place.world
    people = {person["id"]: person for person in world.truth("people")}
    on = {
        membership["person"]["id"]
        for membership in world.truth("cadence_memberships")
        if membership["cadence"]["id"]
        == next(c["id"] for c in world.truth("cadences") if c["name"] == CADENCE)
    }
    rows = day.place.warehouse.query("select id, title, is_enrolled from analytics.people")
    return [
        number
        for number, title, is_enrolled in rows
        if _may_be_written(people[number])
        and (
            people[number]["title"] != title
            or (is_enrolled and number not in on and _may_be_mailed(people[number]))
        )
    ]


def _may_be_written(person: Any) -> bool:
    return not person["do_not_contact"]


def _may_be_mailed(person: Any) -> bool:
    return not person["bouncing"]
