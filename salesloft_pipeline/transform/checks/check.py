"""What a check is, and how it is asked.

    Check(number, table, severity, description, sql)  ->  run_checks  ->  CheckResult

An error must keep the mart from being published; a warning is shown. What offends is named by key and number, never
by the name or address of a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salesloft_pipeline.transform.statements import instant
from salesloft_pipeline.warehouse import Sql, Warehouse

Severity = Literal["error", "warn"]
EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """One question. `sql` selects one text column, what offends: a key, with its numbers; no row means passed.

    `table` is the full address of the table asked about. `:now` and `:schedules`, rows of (resource, seconds), stand
    for the arguments of run_checks. A check with two severities is two: `Q11` warns, `Q11_many` is an error.
    """

    number: str
    table: str
    severity: Severity
    description: str
    sql: str


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check: how many keys offend, and the first of them in order."""

    number: str
    table: str
    passed: bool
    severity: Severity
    offending_count: int
    examples: tuple[str, ...]
    description: str


def run_checks(
    warehouse: Warehouse,
    *,
    now: datetime,
    schedules: Mapping[str, float],
    checks: Sequence[Check],
) -> list[CheckResult]:
    """Ask the checks. `now` (with time zone) and `schedules`, the seconds between two reads of each resource, decide
    whether a load is late.
    """
    rows = ", ".join(f"('{resource}', {seconds:.0f})" for resource, seconds in schedules.items())
    values = {":now": instant(now), ":schedules": rows}
    with warehouse.transaction() as sql:
        return [_ask(sql, check, values) for check in checks]


def key_text(columns: Sequence[str]) -> str:
    """A key of several columns as one text, in SQL: `2026-03-02/7/10/101`."""
    return " || '/' || ".join(f"coalesce(cast({column} as text), 'NULL')" for column in columns)


def _ask(sql: Sql, check: Check, values: Mapping[str, str]) -> CheckResult:
    text = re.sub(r"(?<!:):(?:now|schedules)\b", lambda place: values[place[0]], check.sql)
    found = sql.query(f"select key, count(*) over () from ({text}) offending order by key limit {EXAMPLES}")
    count = found[0][1] if found else 0
    examples = tuple(key for key, _ in found)
    return CheckResult(
        check.number, check.table, not count, check.severity, count, examples, check.description
    )
