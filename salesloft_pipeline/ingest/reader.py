"""What reading one collection has in common, whatever way its list has to be read.

    state of the last sync  ->  Reader  ->  new or changed records, page by page  ->  state for the next sync

The ways are in lists.py (small lists, read whole), keyset.py (large ones, followed) and reread.py (a stretch of
them, read again). The state belongs to dlt, which stores it with the rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from salesloft_pipeline.ingest.memory import State
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.salesloft.errors import Forbidden, SalesloftError
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant, parse_instant
from salesloft_pipeline.tracing import NOTHING

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A key that may not read a list seldom may a minute later, and each question costs a point.
ASK_AGAIN_AFTER = timedelta(days=1)

Get = Callable[[str, Params], Reply]
Enough = Callable[[], bool]
Row = Any


@dataclass
class Tally:
    """What reading one collection has taken and given so far."""

    rows: int = 0
    requests: int = 0
    points: int = 0
    quarantined: int = 0


class Reader(ABC):
    """Reads one endpoint through the client's `get`.

    `tally` counts as it goes; `failure` holds the error that ended the walk early, `finished` says it is over.
    `source` is how the rows came, for their column `_source`.
    """

    source = "poll"

    def __init__(self, endpoint: Endpoint, get: Get) -> None:
        self.endpoint = endpoint
        self.tally = Tally()
        self.finished = False
        self.failure: SalesloftError | None = None
        self.cursor: datetime | None = None
        self.reading = NOTHING
        self._get = get
        self._counting = Lock()

    def read(self, state: State, enough: Callable[[int], bool]) -> Iterator[list[Row]]:
        """The next records, in pages; `state` follows behind them.

        enough: asked after each page with the records given by this call; a walk that cannot stop in between goes
        on to its end. A SalesloftError ends the reading and is kept in `failure`; what came before it stands.
        """
        before = self.tally.rows
        try:
            self._refuse_to_ask_in_vain(state)
            for page in self._pages(state, lambda: enough(self.tally.rows - before)):
                self.tally.rows += len(page)
                if page:
                    yield page
        except Forbidden as error:
            state.setdefault("forbidden_at", format_instant(datetime.now(UTC)))
            self.failure = error
        except SalesloftError as error:
            self.failure = error
        self._save(state)

    @property
    def over(self) -> bool:
        """Nothing more will come: everything is read, or an error ended it."""
        return self.finished or self.failure is not None

    @property
    def rows_left(self) -> int | None:
        """About how many records are still to be read; None where nobody knows."""
        return 0 if self.over else None

    @abstractmethod
    def _pages(self, state: State, enough: Enough) -> Iterator[list[Row]]:
        """Pages of records that are worth loading; sets `finished` at the end."""

    def _save(self, state: State) -> None:  # noqa: B027
        """Write down what the next sync has to know; nothing, unless a way of reading says otherwise."""

    def _fetch(self, params: Params, path: str | None = None) -> Reply:
        with self._counting:
            self.tally.requests += 1
        # In whatever thread this is.
        with self.reading.inside():
            reply = self._get(path or self.endpoint.path, {**self.endpoint.params, **params})
        with self._counting:
            self.tally.points += reply.cost
        return reply

    def _refuse_to_ask_in_vain(self, state: State) -> None:
        refused_at = state.get("forbidden_at")
        if refused_at and parse_instant(refused_at) + ASK_AGAIN_AFTER > datetime.now(UTC):
            raise Forbidden(
                f"{self.endpoint.name} was refused at {refused_at} and is asked for again a day later; the key "
                f"needs {self.endpoint.scope}",
                status=403,
            )
        state.pop("forbidden_at", None)
