"""One collection's walk during one sync: resumes where the last sync stopped, and skips what it already loaded.

    state of the last sync  ->  Reader  ->  new or changed records, page by page  ->  state for the next sync

The state is two things: the `cursor` (the newest updated_at seen, never the wall clock) and the fingerprints of
the `known` records that the next sync will be shown again. It belongs to dlt, which stores it with the rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from salesloft_pipeline.ingest.arrow import fingerprint
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.endpoints import Endpoint, Reading
from salesloft_pipeline.salesloft.errors import BrokenContract, SalesloftError
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant, parse_instant

# A record can become visible a little after others that bear a later updated_at.
OVERLAP = timedelta(minutes=5)
# Enough for any usual overlap; beyond it, records are loaded once more, which changes nothing.
KNOWN_AT_MOST = 5_000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Get = Callable[[str, Params], Reply]
State = MutableMapping[str, Any]
Row = Any


class SuspiciousSnapshot(BrokenContract):
    """A whole list came back less than half as long as last time: lost visibility looks just like that."""


@dataclass
class Tally:
    """What reading one collection has taken and given so far."""

    rows: int = 0
    requests: int = 0
    points: int = 0
    quarantined: int = 0


class Reader:
    """Reads one endpoint through the client's `get`. start: the oldest updated_at wanted at a first sync.
    forget: read as at a first sync, whatever the state says.

    `tally` counts as it goes; `failure` holds the error that ended the walk early, `finished` says it is over.
    `snapshot_ids` are all keys of a list that was read whole, as text.
    """

    def __init__(
        self, endpoint: Endpoint, get: Get, *, start: datetime = BEGINNING, forget: bool = False
    ) -> None:
        self.endpoint = endpoint
        self.tally = Tally()
        self.finished = False
        self.failure: SalesloftError | None = None
        self.snapshot_ids: list[str] | None = None
        self._get = get
        self._start = start
        self._forget = forget
        self.cursor: datetime | None = None
        self._known: Mapping[str, str] = {}
        self._recent: deque[tuple[datetime | None, Row]] = deque(maxlen=KNOWN_AT_MOST)
        self._pages: Iterator[walk.Page] | None = None
        self._position: walk.Position | None = None

    def read(self, state: State, enough: Callable[[int], bool]) -> Iterator[list[Row]]:
        """The next new or changed records, in pages; `state` follows behind them.

        enough: asked after each page with the records given by this call; only an ascending walk can stop in
        between, because of the others nothing older is known before the end. A SalesloftError ends the reading
        and is kept in `failure`; what came before it stands.
        """
        pages = self._pages = self._pages or self._begin(state)
        before = self.tally.rows
        try:
            for page in pages:
                changed = [row for row in page if not self._is_known(row)]
                self.tally.rows += len(changed)
                if changed:
                    yield changed
                if self._resumable and enough(self.tally.rows - before):
                    break
            else:
                self.finished = True
        except SalesloftError as error:
            self.failure = error
        if self.finished or self._position:
            self._save(state)

    @property
    def over(self) -> bool:
        """Nothing more will come: everything is read, or an error ended it."""
        return self.finished or self.failure is not None

    @property
    def _resumable(self) -> bool:
        return self.endpoint.reading is Reading.KEYSET

    def _begin(self, state: State) -> Iterator[walk.Page]:
        if self._forget:
            state.clear()
        self._known = dict(state.get("known", {}))
        since = self._start
        if cursor := state.get("cursor"):
            self.cursor = parse_instant(cursor)
            since = self.cursor - OVERLAP
        match self.endpoint.reading:
            case Reading.KEYSET:
                pages = self._positioned(walk.keyset(self._fetch, self._resumed(state, since)))
            case Reading.DESCENDING:
                pages = walk.descending(self._fetch, since)
            case Reading.SNAPSHOT:
                pages = self._whole_snapshot()
        return self._remembering(pages)

    def _resumed(self, state: State, since: datetime) -> walk.Position:
        """Where an unfinished walk stopped, exactly; after a finished one, the overlap before its end."""
        if stopped := state.get("stopped"):
            return walk.Position(parse_instant(stopped["at"]), stopped["tie_page"])
        return walk.Position(since)

    def _positioned(self, pages: Iterator[tuple[walk.Page, walk.Position]]) -> Iterator[walk.Page]:
        for page, self._position in pages:
            yield page

    def _fetch(self, params: Params) -> Reply:
        reply = self._get(self.endpoint.path, {**self.endpoint.params, **params})
        self.tally.requests += 1
        self.tally.points += reply.cost
        return reply

    def _whole_snapshot(self) -> Iterator[walk.Page]:
        rows = [row for page in walk.snapshot(self._fetch) for row in page]
        if len(rows) * 2 < len(self._known):
            raise SuspiciousSnapshot(
                f"{self.endpoint.name} has {len(rows)} records and had {len(self._known)} at the last sync: the "
                "old rows are kept. If the key still sees everything and this is right, run "
                f"`salesloft-pipeline sync --only {self.endpoint.name} --full` once"
            )
        self.snapshot_ids = [_key(row) for row in rows]
        self._recent = deque(maxlen=None)
        yield rows

    def _remembering(self, pages: Iterator[walk.Page]) -> Iterator[walk.Page]:
        for page in pages:
            for row in page:
                changed = walk.updated_at(row)
                self.cursor = max(self.cursor, changed) if self.cursor and changed else self.cursor or changed
                if self._returns(changed):
                    self._recent.append((changed, row))
            yield page

    def _is_known(self, row: Row) -> bool:
        known = self._known.get(_key(row))
        return known is not None and known == fingerprint(row)

    def _save(self, state: State) -> None:
        if self.cursor and self.endpoint.reading is not Reading.SNAPSHOT:
            state["cursor"] = format_instant(self.cursor)
        state["stopped"] = self._stopped()
        # A record may have come twice; what came last is what was loaded.
        known = {_key(row): fingerprint(row) for at, row in self._recent if self._returns(at)}
        state["known"] = dict(sorted(known.items()))

    def _stopped(self) -> dict[str, Any] | None:
        """Where to go on, when the walk is not finished. Without it, a walk that needs several syncs to get past
        records of one instant would begin again at the overlap each time. Only near the present can records still
        appear behind us, and there the overlap is worth its price.
        """
        stood = self._position
        if self.finished or stood is None or stood.instant > datetime.now(UTC) - OVERLAP:
            return None
        return {"at": format_instant(stood.instant), "tie_page": stood.tie_page}

    def _returns(self, at: datetime | None) -> bool:
        """Will the next sync be shown a record that changed at this instant?"""
        if self.endpoint.reading is Reading.SNAPSHOT or self.cursor is None:
            return True
        return at is not None and at >= self.cursor - OVERLAP


def _key(row: Row) -> str:
    return str(row.get("id")) if isinstance(row, dict) else ""
