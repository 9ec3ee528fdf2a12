"""What a row of the catalogue (endpoints.py) says of one collection.

The reading follows from what the list can do:

    filters and sorts by updated_at         KEYSET
    sorts by it only                        DESCENDING
    neither                                 SNAPSHOT: read whole, each time
    neither, and no pages but id[gt]        BY_ID: read whole as well
    neither, and without end, but by start  RECENT: read back to some months ago
    hangs on a record of another list       PER_PARENT: once for each that changed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from salesloft_pipeline.salesloft.models import Record


class Reading(Enum):
    """How a list is read completely; see walk.py."""

    KEYSET = "keyset"
    DESCENDING = "descending"
    SNAPSHOT = "snapshot"
    BY_ID = "by id"
    RECENT = "recent"
    PER_PARENT = "per parent"


class Absence(Enum):
    """What it means that SalesLoft no longer lists a record that we know."""

    DELETED = "deleted"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Endpoint:
    """One collection: `name` is its raw table, `path` its place under /v2, `record` its typed shape.

    params: sent with every request, mostly to see what is hidden by default. history: columns whose observed
    versions are kept. scope: what a key needs to read it. ids: it takes `ids[]`, so known records can be asked
    for by name, 100 for a point. counted_by: the range filter that counts a closed day. reread_by: the range
    filter by which recent records are read again, because counters may move without updated_at. parent: the
    collection whose ids stand for `{id}` in the path; `below` is how the list of one parent is read. with_parent:
    it changes only when its parent's updated_at moves. absence: what leaving the list means.
    """

    name: str
    path: str
    record: type[Record]
    reading: Reading
    params: Mapping[str, str] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    scope: str = "team:read"
    ids: bool = False
    counted_by: str | None = None
    reread_by: str | None = None
    parent: str | None = None
    below: Reading = Reading.SNAPSHOT
    with_parent: bool = True
    absence: Absence = Absence.DELETED

    @property
    def description(self) -> str:
        """The grain: first line of the record's docstring."""
        return (self.record.__doc__ or "").strip().splitlines()[0]

    @property
    def versions_name(self) -> str:
        """The table of observed versions; exists where `history` names columns."""
        return f"{self.name}_versions"
