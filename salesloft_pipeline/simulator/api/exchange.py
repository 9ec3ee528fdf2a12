"""A request and its answer as values, and the ways a request is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# The fields of a write.
Form = dict[str, Any]
NO_TOKEN = {
    "error": "No Bearer Token attached to request, please see documentation at developers.salesloft.com"
}
WRONG_TOKEN = {"error": "Invalid Bearer token"}
NO_SCOPED_FIELD = {
    "error": "Requested scoped field(s) could not be returned, required scope access not included."
}
BODIES = {
    401: WRONG_TOKEN,
    403: {"error": "Forbidden"},
    404: {"error": "Not Found"},
    429: {"error": "API rate limit exceeded"},
}


@dataclass
class Request:
    """One request as the world remembers it, with what came of it.

    `params` are the decoded (name, value) pairs; `resource` is the last part of the path, `emails` for
    /activities/emails; `cost` is what was charged, 0 for 401 and 429; `rows` counts the records answered.
    """

    method: str
    path: str
    params: list[tuple[str, str]]
    resource: str
    page: int
    status: int = 200
    cost: int = 0
    rows: int = 0


@dataclass
class Answer:
    """What goes over the wire; `hang_up` means that nothing does."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


class Refused(Exception):
    """A request is answered with `status` and `body` instead of data."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body

    @classmethod
    def plainly(cls, status: int) -> Refused:
        """With the body that SalesLoft has for this status."""
        return cls(status, BODIES.get(status, SERVER_ERROR.body | {"status": status}))

    @classmethod
    def invalid(cls, **errors: str) -> Refused:
        """422: what is wrong with each field."""
        return cls(422, {"errors": {name: [wrong] for name, wrong in errors.items()}})


SERVER_ERROR = Refused(500, {"status": 500, "error": "Internal Server Error"})
