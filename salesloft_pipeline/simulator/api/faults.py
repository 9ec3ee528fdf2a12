"""Bad days on order: what goes wrong, with which requests, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from .exchange import Answer, Refused

Kind = Literal["status", "garbled", "truncated", "no_data", "hang_up"]


@dataclass
class Fault:
    """The next `times` requests (for `resource`, or any) go wrong.

    `kind`: "status" answers `status` with SalesLoft's body for it; "garbled" is 200 with a body that is not
    JSON; "truncated" is 200 with half of the right body; "no_data" is 200 without the `data` key; "hang_up"
    closes the connection without an answer. A write that meets a "status" has not happened; one that meets
    another kind has happened, and only its answer is lost.
    """

    kind: Kind
    times: int = 1
    resource: str | None = None
    status: int = 500

    def meets(self, resource: str) -> bool:
        """Does it strike a request for this resource?"""
        return self.times > 0 and self.resource in (None, resource)

    def spoil(self, body: dict[str, Any] | None) -> Answer:
        """What goes over the wire where `body` would have been right."""
        text = orjson.dumps(body)
        match self.kind:
            case "status":
                return Answer(self.status, orjson.dumps(Refused.plainly(self.status).body))
            case "garbled":
                return Answer(200, b"<html><body>upstream sent an invalid response</body></html>")
            case "truncated":
                return Answer(200, text[: len(text) // 2])
            case "no_data":
                rest = {name: value for name, value in (body or {}).items() if name != "data"}
                return Answer(200, orjson.dumps(rest))
            case "hang_up":
                return Answer(500, b"", hang_up=True)


@dataclass(frozen=True)
class Malformed:
    """One record of a resource is shown wrong until further notice: fields left out, fields with other values."""

    missing: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()

    def spoil(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record as it is shown."""
        return {
            name: value for name, value in (record | dict(self.values)).items() if name not in self.missing
        }
