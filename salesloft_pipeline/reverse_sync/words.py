"""A report as lines for the person at the terminal, who asked to see whose value becomes what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from salesloft_pipeline.reverse_sync.plan import Change, Conflict, Skip
from salesloft_pipeline.reverse_sync.report import Report

LINES_AT_MOST = 40


def words_for(report: Report) -> list[str]:
    """The first of everything that needs a look, with old and new values, then the counts, then what was done or how
    to do it.
    """
    kinds = (
        [f"row {each.row:<6} wrong   {each.field}: {each.what}" for each in report.wrong],
        [_change(each) for each in report.plan.changes],
        [_conflict(each) for each in report.conflicts],
        [_skip(each) for each in report.plan.skips],
    )
    shown: list[str] = []
    for lines in kinds:
        shown += lines[:LINES_AT_MOST]
        if more := len(lines) - LINES_AT_MOST:
            shown += [f"... and {more:,} more"] * (more > 0)
    return [*shown, *_counts(report), *_outcome(report)]


def as_json(report: Report) -> dict[str, Any]:
    """The same for machines, with every row."""
    changes = [
        {
            "kind": change.kind,
            "row": change.row,
            "person_id": change.person_id,
            "fields": {each.field: {"old": each.old, "new": each.new} for each in change.fields},
        }
        for change in report.plan.changes
    ]
    lookups = report.lookups
    return {
        **report.as_dict(),
        "lookups": {"hits": lookups.hits, "asked": lookups.asked, "unanswered": lookups.unanswered},
        "wrong": [asdict(each) for each in report.wrong],
        "changes": changes,
        "conflicts": [asdict(each) for each in report.conflicts],
        "skips": [asdict(each) for each in report.plan.skips],
        "rows": [
            {name: getattr(each, name) for name in ("row", "person_id", "outcome", "field", "reason")}
            for each in report.results
        ],
    }


def of_memberships(report: Report, done: str) -> dict[str, Any]:
    """How many people went on a cadence or off it and how many did not, and why. done: enrolled or removed."""
    outcomes = [("skipped", each.reason) for each in report.plan.skips] if not report.applied else []
    outcomes += [(each.outcome, each.reason or "") for each in report.results]
    outcomes += [("failed", f"{each.field} {each.what}") for each in report.wrong]
    words = {"done": done, "unanswered": "failed", "unchanged": "skipped"}
    counts = Counter(words.get(outcome, outcome) for outcome, _ in outcomes)
    reasons = Counter(reason for outcome, reason in outcomes if outcome != "done")
    return {name: counts[name] for name in (done, "skipped", "failed")} | {"reasons": dict(reasons)}


def _skip(skip: Skip) -> str:
    whom = f"person {skip.person_id}: " if skip.person_id else ""
    return f"row {skip.row:<6} skip    {whom}{skip.reason}"


def _change(change: Change) -> str:
    whom = f"person {change.person_id}" if change.person_id else "a new person"
    fields = ", ".join(f"{each.field}: {_value(each.old)} -> {_value(each.new)}" for each in change.fields)
    return f"row {change.row:<6} {change.kind:<7} {whom}: {fields}"


def _conflict(conflict: Conflict) -> str:
    wins = "ours is written" if conflict.written else "SalesLoft's stays"
    return (
        f"row {conflict.row:<6} conflict person {conflict.person_id}: {conflict.field}: both changed, SalesLoft to "
        f"{_value(conflict.shown)}, we to {_value(conflict.wanted)}: {wins}"
    )


def _value(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def _counts(report: Report) -> Iterator[str]:
    counts = ", ".join(f"{number:,} {name}" for name, number in report.plan.counts().items() if number)
    wrong = len({each.row for each in report.wrong})
    yield f"plan: {counts or 'nothing'}" + (f", {wrong:,} wrong" if wrong else "")
    if report.plan.changes:
        yield f"cost: {report.cost} at the most"
    if report.left:
        yield f"{report.left:,} changes more are beyond --limit"
    if report.lookups.hits + report.lookups.asked:
        yield f"look-ups: {report.lookups}"


def _outcome(report: Report) -> Iterator[str]:
    if not report.applied:
        yield "nothing was written: this was a dry run; --apply writes it"
        return
    if report.settled:
        yield f"{report.settled:,} changes of an earlier run had lost their answer: looked up first"
    counts = ", ".join(f"{number:,} {name}" for name, number in report.as_dict()["results"].items())
    yield f"results: {counts or 'nothing'}"
    for result in report.results:
        if result.outcome in ("failed", "unanswered", "conflict"):
            field = f"{result.field}: " if result.field else ""
            yield f"row {result.row} {result.outcome}: {field}{result.reason}"
