"""docs/mutants.md: how many were noticed, by file, and a line for each that was not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mutation.outcome import Outcome, Reason

_OPENING = """\
# Mutants

Do the tests notice when the code is wrong? `make mutants` changes what decides a little (a comparison, a sign, a
constant, a condition, an argument), one change at a time, and runs the tests that are fast and concern it. A mutant is
killed when one of them fails. {drawn}
The Python modules are mutated by mutmut 3, the SQL of the daily mart and of the facts behind it by
`mutation/marts.py`, against the worked examples and a team computed a second time in pandas, on DuckDB; a change that
leaves no SQL is not counted. This page is what the last run wrote; the reasons stand in `mutation/reasons.toml`, and a
survivor without one fails the run.
"""


def page(outcomes: Sequence[Outcome], why: dict[Outcome, Reason], sample: int, sql: int, seed: int) -> str:
    """The page. why: the reason of each survivor that has one."""
    drawn = (
        f"Drawn by seed {seed}: {sample or 'all'} of each Python module, {sql or 'all'} of the SQL; "
        '`make mutants ARGS="--sample 0 --sql 0"` takes all.'
    )
    return "\n".join([_OPENING.format(drawn=drawn), *_table(outcomes), "", *_survivors(outcomes, why), ""])


def unexplained(outcomes: Sequence[Outcome], why: dict[Outcome, Reason]) -> list[Outcome]:
    """Survivors that nobody has said anything about."""
    return [outcome for outcome in outcomes if not outcome.killed and outcome not in why]


def _table(outcomes: Sequence[Outcome]) -> list[str]:
    by_file = defaultdict(list)
    for outcome in outcomes:
        by_file[outcome.file].append(outcome)
    rows = [
        f"| `{file}` | {len(found)} | {sum(each.killed for each in found)} | "
        f"{sum(each.endless for each in found)} | {sum(not each.killed for each in found)} |"
        for file, found in sorted(by_file.items())
    ]
    total = f"| all | {len(outcomes)} | {sum(each.killed for each in outcomes)} | "
    total += f"{sum(each.endless for each in outcomes)} | {sum(not each.killed for each in outcomes)} |"
    head = ["| file | mutants | killed | of these by never ending | survived |", "|---|---|---|---|---|"]
    return [*head, *rows, total]


def _survivors(outcomes: Sequence[Outcome], why: dict[Outcome, Reason]) -> list[str]:
    rows = [
        f"| `{each.file.removeprefix('salesloft_pipeline/')}`, {each.place} | `{each.change.replace('|', chr(92) + '|')}` | "
        f"{why[each].why if each in why else '**not explained**'} |"
        for each in outcomes
        if not each.killed
    ]
    return (
        ["## Survivors", "", "| where | changed to | why no test can tell |", "|---|---|---|", *rows]
        if rows
        else []
    )
