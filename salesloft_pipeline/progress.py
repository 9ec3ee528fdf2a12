"""What a person sees while a sync runs: rows, rows per second and points of each resource, and the budget's share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table

from salesloft_pipeline.ingest.reader import Reader


class _Display:
    """Rendered anew several times a second, from tallies that the reading threads keep."""

    def __init__(self, points_per_minute: int) -> None:
        self._points_per_minute = points_per_minute
        self._started = time.monotonic()
        self.readers: Sequence[Reader] = ()

    def __rich__(self) -> RenderableType:
        table = Table(box=None, pad_edge=False)
        table.add_column("resource")
        for title in ("rows", "rows/s", "points"):
            table.add_column(title, justify="right")
        table.add_column("")
        seconds = max(time.monotonic() - self._started, 0.001)
        for reader in self.readers:
            if reader.tally.requests:
                self._add(
                    table,
                    reader.endpoint.name,
                    reader.tally.rows,
                    reader.tally.points,
                    seconds,
                    _state(reader),
                )
        rows = sum(reader.tally.rows for reader in self.readers)
        points = sum(reader.tally.points for reader in self.readers)
        share = points / (self._points_per_minute * max(seconds / 60, 1))
        self._add(table, "[bold]all", rows, points, seconds, f"{share:.0%} of the team's points")
        return table

    @staticmethod
    def _add(table: Table, name: str, rows: int, points: int, seconds: float, state: str) -> None:
        table.add_row(name, f"{rows:,}", f"{rows / seconds:,.0f}", f"{points:,}", state)


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

    with Live(display, console=console, refresh_per_second=4):
        yield watch
