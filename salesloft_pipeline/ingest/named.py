"""Records asked for by name: known ids to a list that takes `ids[]`, a hundred for a point, or one by one.

Named reads again what webhooks named, whatever their bodies said. What an event says is deleted, and no list shows,
is asked for by itself: 404 means gone, and is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from salesloft_pipeline.ingest.deletions import mark
from salesloft_pipeline.ingest.memory import State, key_of
from salesloft_pipeline.ingest.reader import Enough, Get, Reader, Row
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.budget import PARALLEL_AT_MOST
from salesloft_pipeline.salesloft.endpoints import Endpoint
from salesloft_pipeline.salesloft.errors import EchoMismatch, Forbidden, NotFound
from salesloft_pipeline.warehouse import Warehouse

Key = Any
PAGE = int(walk.PER_PAGE)
BLOCK = PAGE * PARALLEL_AT_MOST


class Asking(Reader):
    """A reader that asks for records by their keys."""

    def _shown(self, keys: Sequence[Key]) -> dict[str, Row]:
        """Those of up to a hundred records that the list shows, by their key as text. Raises EchoMismatch."""
        asked = [str(key) for key in keys]
        reply = self._fetch({"ids[]": asked, "per_page": walk.PER_PAGE, "page": "1"})
        shown = {key_of(row): row for row in walk.records(reply)}
        if strangers := shown.keys() - set(asked):
            raise EchoMismatch(
                f"asked for {len(asked)} records of {self.endpoint.name} by ids[], and got others, such as "
                f"{min(strangers)}: the list does not take ids[], or the catalogue row is wrong"
            )
        return shown

    def _alone(self, key: Key) -> Row | None:
        """The record by itself; None when SalesLoft has none."""
        try:
            return self._fetch({}, f"{self.endpoint.path}/{key}").data
        except NotFound:
            return None


class Named(Asking):
    """Reads the records with these keys again; `doubted`: keys of those that are said to be deleted.

    `gone` counts what was found to be deleted, and marked.
    """

    source = "webhook"

    def __init__(
        self,
        endpoint: Endpoint,
        get: Get,
        warehouse: Warehouse,
        keys: Sequence[Key],
        doubted: frozenset[Key] = frozenset(),
    ) -> None:
        super().__init__(endpoint, get)
        self.gone = 0
        self._warehouse, self._doubted = warehouse, doubted
        self._left = dict.fromkeys(keys)

    @property
    def rows_left(self) -> int:
        return len(self._left)

    def awaits(self, key: Key) -> bool:
        """Is this record still to be read? None of a list that the key of the API may not read ever will be."""
        return key in self._left and not isinstance(self.failure, Forbidden)

    def _pages(self, _: State, enough: Enough) -> Iterator[list[Row]]:
        size = PAGE if self.endpoint.ids else 1
        with ThreadPoolExecutor(PARALLEL_AT_MOST) as pool:
            while keys := list(islice(self._left, PARALLEL_AT_MOST * size)):
                parts = [keys[place : place + size] for place in range(0, len(keys), size)]
                for part, rows in zip(parts, pool.map(self._asked, parts), strict=True):
                    yield rows
                    for key in part:
                        del self._left[key]
                if enough():
                    return
        self.finished = True

    def _asked(self, part: Sequence[Key]) -> list[Row]:
        """The records that are there; those that are not, and are said to be deleted, are marked."""
        began = datetime.now(UTC)
        shown = self._shown(part) if self.endpoint.ids else {}
        rows, gone = list(shown.values()), list[Key]()
        for key in part:
            if str(key) in shown or (self.endpoint.ids and key not in self._doubted):
                continue
            if (row := self._alone(key)) is not None:
                rows.append(row)
            elif key in self._doubted:
                gone.append(key)
        if gone:
            mark(self._warehouse, self.endpoint, gone, began)
            self.gone += len(gone)
        return rows
