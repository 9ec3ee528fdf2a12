"""What a person sees before and while a sync runs: rows, points and minutes of each resource, and what is left;
how the lists differ from their models; and how far writing back has come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import Progress
from rich.table import Table

from salesloft_pipeline.ingest.drift import Comparison
from salesloft_pipeline.ingest.plan import Plan
from salesloft_pipeline.ingest.reader import Reader, Tally
from salesloft_pipeline.salesloft.errors import Forbidden


class _Display:
    """Rendered anew several times a second, from tallies that the reading threads keep."""

    def __init__(self, points_per_minute: int) -> None:
        self._points_per_minute = points_per_minute
        self._started = time.monotonic()
        self.readers: Sequence[Reader] = ()

    def __rich__(self) -> RenderableType:
        asked = [reader for reader in self.readers if reader.tally.requests]
        return self._table(asked) if asked else ""

    def _table(self, readers: Sequence[Reader]) -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("resource")
        for title in ("rows", "rows/s", "points"):
            table.add_column(title, justify="right")
        table.add_column("")
        seconds = max(time.monotonic() - self._started, 0.001)
        for reader in readers:
            _add_row(table, reader.endpoint.name, reader.tally, seconds, _state(reader))
        total = Tally(
            rows=sum(reader.tally.rows for reader in readers),
            points=sum(reader.tally.points for reader in readers),
        )
        share = total.points / (self._points_per_minute * max(seconds / 60, 1))
        words = f"{share:.0%} of the team's points{_until_done(readers, total, seconds)}"
        _add_row(table, "[bold]all", total, seconds, words)
        return table


def _add_row(table: Table, name: str, tally: Tally, seconds: float, state: str) -> None:
    table.add_row(name, f"{tally.rows:,}", f"{tally.rows / seconds:,.0f}", f"{tally.points:,}", state)


def _state(reader: Reader) -> str:
    if reader.failure:
        return "[yellow]not for this key" if isinstance(reader.failure, Forbidden) else "[red]failed"
    if reader.finished:
        return "[green]done"
    return f"{reader.rows_left:,} left" if reader.rows_left else "reading"


def _until_done(readers: Sequence[Reader], total: Tally, seconds: float) -> str:
    """How long the rest takes at the pace so far; pauses for the budget are part of the pace."""
    left = sum(reader.rows_left or 0 for reader in readers)
    if not left or not total.rows:
        return ""
    return f", about {left * seconds / total.rows / 60:,.0f} min left"


def table_of(plan: Plan) -> Table:
    """A plan as people read it."""
    table = Table(box=None, pad_edge=False)
    table.add_column("resource")
    for title in ("rows", "points"):
        table.add_column(title, justify="right")
    table.add_column("")
    for each in plan.forecasts:
        rows = "?" if each.rows is None else f"{each.rows:,}"
        table.add_row(each.resource, rows, f"{each.points:,}", each.note)
    pace = f"about {plan.minutes:,.1f} min at {plan.points_per_minute:,} points a minute"
    table.add_row("[bold]all", "", f"{plan.points:,}", pace)
    return table


def table_of_differences(found: Sequence[Comparison]) -> Table:
    """What `schema diff` found, as people read it: a line a list, and below it one a field."""
    table = Table(box=None, pad_edge=False)
    for title in ("resource", "field", ""):
        table.add_column(title)
    for each in found:
        equal = "equal" if each.records else "no records to compare"
        verdict = each.refusal or (f"{len(each.differences)} differ" if each.differences else equal)
        table.add_row(each.resource, "", verdict)
        for field in each.differences:
            rows = f" ({field.records:,} of {each.records:,} records)" if field.records else ""
            table.add_row("", field.field, f"{field.kind}: {field.words}{rows}")
    return table


@contextmanager
def shown(console: Console, points_per_minute: int) -> Iterator[Callable[[Sequence[Reader]], None]]:
    """A display on `console` for as long as the block runs; yields the function that sync takes as `watch`."""
    display = _Display(points_per_minute)

    def watch(readers: Sequence[Reader]) -> None:
        display.readers = readers

    try:
        with Live(display, console=console, refresh_per_second=4):
            yield watch
    finally:
        if display.readers and not console.is_terminal:
            console.print()  # off a terminal, the display ends without a line break


@contextmanager
def counted(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for as long as the block runs; yields the function that is told how many, and of how many."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def watch(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield watch
