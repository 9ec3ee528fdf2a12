"""A report as lines for the person at the terminal, who asked to see whose value becomes what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from salesloft_pipeline.reverse_sync.plan import Change, Conflict, Plan
from salesloft_pipeline.reverse_sync.push import Report

LINES_AT_MOST = 40


def words_for(report: Report) -> list[str]:
    """The first changes and conflicts with old and new values, then the counts, then what was done or how to do it."""
    lines = [*map(_change, report.plan.changes), *map(_conflict, report.plan.conflicts)]
    shown = list(islice(lines, LINES_AT_MOST))
    if more := len(lines) - len(shown):
        shown.append(f"... and {more:,} more")
    return [*shown, *_counts("plan", report.plan), *_outcome(report)]


def as_json(report: Report) -> dict[str, Any]:
    """The same for machines, with every change."""
    changes = [
        {
            "kind": change.kind,
            "row": change.row,
            "person_id": change.person_id,
            "fields": {each.field: {"old": each.old, "new": each.new} for each in change.fields},
        }
        for change in report.plan.changes
    ]
    skips = [
        {"row": skip.row, "person_id": skip.person_id, "reason": skip.reason} for skip in report.plan.skips
    ]
    results = [
        {"row": each.row, "person_id": each.person_id, "outcome": each.outcome, "reason": each.reason}
        for each in report.results
    ]
    return {**report.as_dict(), "changes": changes, "skips": skips, "rows": results}


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


def _counts(title: str, plan: Plan) -> Iterator[str]:
    counts = ", ".join(f"{number:,} {name}" for name, number in plan.counts().items() if number)
    yield f"{title}: {counts or 'nothing'}"


def _outcome(report: Report) -> Iterator[str]:
    if not report.applied:
        yield "nothing was written: this was a dry run; --apply writes it"
        return
    if report.settled:
        yield f"{report.settled:,} changes of an earlier run had lost their answer: looked up first"
    counts = ", ".join(f"{number:,} {name}" for name, number in report.as_dict()["results"].items())
    yield f"results: {counts or 'nothing'}"
    for result in report.results:
        if result.outcome in ("failed", "unanswered"):
            yield f"row {result.row} {result.outcome}: {result.reason}"
