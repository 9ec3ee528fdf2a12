"""What a person sees while a sync runs: rows, rows per second and points of each resource, and the budget's share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table

from salesloft_pipeline.ingest.reader import Reader, Tally


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
        _add_row(table, "[bold]all", total, seconds, f"{share:.0%} of the team's points")
        return table


def _add_row(table: Table, name: str, tally: Tally, seconds: float, state: str) -> None:
    table.add_row(name, f"{tally.rows:,}", f"{tally.rows / seconds:,.0f}", f"{tally.points:,}", state)


def _state(reader: Reader) -> str:
    if reader.failure:
        return "[red]failed"
    return "[green]done" if reader.finished else "reading"


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
