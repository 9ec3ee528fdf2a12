"""What hangs on one record and has no list of its own: `/conversations/{id}/extensive` and its like.

Each part is made from its parent when it is asked for. World.truth gives the parts of all parents, each record
with the id of its parent under `key`, which no answer carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ..records import cadences, conversations, desk, jobs
from ..records.voice import Voice
from .exchange import Refused
from .listing import Resource
from .queries import whole
from .resources import RESOURCES

Parameters = list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    """One path below a record of the list at `parent`.

    `records` makes one object or a list of them from the parent. `paging` is "none" for the one object, "pages"
    for page and per_page, "cursor" for per_page and `id[gt]` without a paging key.
    """

    path: str
    parent: str
    key: str
    records: Callable[[Voice, dict[str, Any]], Any]
    paging: Literal["none", "pages", "cursor"] = "none"

    @property
    def name(self) -> str:
        """The path in one word: `conversations_extensive` for /conversations/{id}/extensive."""
        return self.path.replace("/{id}", "").replace("/", "_")

    @property
    def of(self) -> Resource:
        """The list of its parents."""
        return RESOURCES[self.parent]


# That sentences come in pages like any other list is our guess.
PARTS = {
    part.name: part
    for part in (
        Part("conversations/{id}/extensive", "conversations", "conversation_id", conversations.extensive),
        Part("transcriptions/{id}/sentences", "transcriptions", "transcription_id", conversations.sentences, "pages"),
        Part("cadence_exports/{id}", "cadences", "cadence_id", cadences.export),
        Part("cadence_stats/{id}", "cadences", "cadence_id", desk.cadence_stats),
        Part("bulk_jobs/{id}/job_data", "bulk_jobs", "bulk_job_id", jobs.job_data, "cursor"),
        Part("bulk_jobs/{id}/results", "bulk_jobs", "bulk_job_id", jobs.job_results, "cursor"),
    )
}  # fmt: skip
_PATHS = {name: re.compile(part.path.replace("{id}", "([^/]+)")) for name, part in PARTS.items()}


def part_at(path: str) -> tuple[Part, str] | None:
    """The part a path names and the id of its parent; None for any other path."""
    return next(
        ((PARTS[name], match[1]) for name, at in _PATHS.items() if (match := at.fullmatch(path))), None
    )


def body_of(part: Part, records: Any, parameters: Parameters) -> dict[str, Any]:
    """The answer with the records of one parent, cut as the request asks."""
    if part.paging == "none":
        return {"data": records}
    plain = dict(parameters)
    size, page = whole(plain.get("per_page"), 1, 100, 25), whole(plain.get("page"), 1, 10**9, 1)
    if part.paging == "cursor":
        return _behind_cursor(records, parameters, size)
    start, more = (page - 1) * size, page * size < len(records)
    paging = {
        "per_page": size,
        "current_page": page,
        "next_page": page + 1 if more else None,
        "prev_page": page - 1 if page > 1 else None,
    }
    if plain.get("include_paging_counts") == "true":
        paging |= {"total_pages": -(-len(records) // size), "total_count": len(records)}
    return {"metadata": {"filtering": {}, "paging": paging}, "data": records[start : start + size]}


def _behind_cursor(records: list[dict[str, Any]], parameters: Parameters, size: int) -> dict[str, Any]:
    """Ascending by id; `status` may be given more than once."""
    echo: dict[str, Any] = {}
    if (after := dict(parameters).get("id[gt]")) is not None:
        if not after.isdigit():
            raise Refused(422, {"errors": {"id": ["only supports [gt] with an integer"]}})
        echo["id"] = {"gt": int(after)}
        records = [record for record in records if record["id"] > int(after)]
    if states := [value for name, value in parameters if name in ("status", "status[]")]:
        echo["status"] = states
        records = [record for record in records if record["status"] in states]
    return {"metadata": {"filtering": echo}, "data": records[:size]}
