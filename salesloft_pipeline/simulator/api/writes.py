"""What can be written: one row per method and path. Any other write is refused with 405."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from ..webhooks import subscriptions
from ..writing import bulk_jobs, cadences, memberships, people
from .exchange import Form, Refused, Request
from .faults import Fault

if TYPE_CHECKING:
    from ..world import World
    from .keys import Key

# What is written, by whom, with what, and the id in the path ("" without one). The answer; None for 204.
Act = Callable[["World", "Key", Form, str], dict[str, Any] | None]


@dataclass(frozen=True)
class Write:
    """One row; `scope` is what a key needs, None where that depends on what is written."""

    method: str
    path: str
    act: Act
    scope: str | None = None


WRITES = (
    Write("POST", "bulk_jobs", bulk_jobs.create, "people:write"),
    Write("POST", "bulk_jobs/{id}/job_data", bulk_jobs.add_data, "people:write"),
    Write("PUT", "bulk_jobs/{id}", bulk_jobs.change, "people:write"),
    Write("POST", "people", people.create, "people:write"),
    Write("PUT", "people/{id}", people.change, "people:write"),
    Write("DELETE", "people/{id}", people.delete, "people:write"),
    Write("POST", "person_upserts", people.upsert, "people:write"),
    Write("POST", "cadence_imports", cadences.import_, "cadences:write"),
    Write("POST", "cadence_memberships", memberships.create, "cadences:write"),
    Write("DELETE", "cadence_memberships/{id}", memberships.delete, "cadences:write"),
    Write("POST", "webhook_subscriptions", subscriptions.create),
    Write("PUT", "webhook_subscriptions/{id}", subscriptions.change),
    Write("DELETE", "webhook_subscriptions/{id}", subscriptions.delete),
)
_PATHS = {each.path: re.compile(each.path.replace("{id}", "([^/]+)")) for each in WRITES}


def form_of(headers: Mapping[str, str], pairs: list[tuple[str, str]], sent: bytes) -> Form:
    """The fields of a write: those of the query string, and over them those of a JSON or form body.

    Raises Refused (400) for a body that is neither.
    """
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(pairs) | dict(parse_qsl(sent.decode("latin-1"), keep_blank_values=True))
    try:
        fields = orjson.loads(sent or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refused(400, {"error": "The body is not JSON"}) from error
    if not isinstance(fields, dict):
        raise Refused(400, {"error": "The body is not a JSON object"})
    return dict(pairs) | fields


def write(world: World, request: Request, key: Key, form: Form, fault: Fault | None) -> dict[str, Any] | None:
    """Write what a request asks for; None is answered with 204. Raises Refused."""
    if fault and fault.kind == "status":
        raise Refused.plainly(fault.status)
    row, id_ = _row(request)
    if row.scope and row.scope not in key.scopes:
        raise Refused.plainly(403)
    body = row.act(world, key, form, id_)
    request.rows = int(body is not None)
    request.status = 200 if body is not None else 204
    return body


def _row(request: Request) -> tuple[Write, str]:
    path = unquote(request.path).strip("/").removesuffix(".json")
    for row in WRITES:
        if row.method == request.method and (match := _PATHS[row.path].fullmatch(path)):
            return row, match[1] if match.groups() else ""
    raise Refused(405, {"error": f"The simulator does not {request.method} /{path}: see its known limits"})
