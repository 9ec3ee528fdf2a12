"""The HTTP behaviour as a function: a request in, an answer out. No sockets here.

path ─► key ─► points ─┬─► before_request ─► list, single record or refusal ─┬─► fault? ─► body, headers, log
                       └─► a write: see writes.py ───────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from ..records import office
from ..records.voice import Voice
from ..team.order import Rows
from .budget import cost_of
from .exchange import NO_SCOPED_FIELD, NO_TOKEN, WRONG_TOKEN, Answer, Refused, Request
from .listing import Resource
from .lists import fetch
from .parts import Part, body_of, part_at
from .queries import read, whole
from .rendering import render, render_part, single
from .resources import RESOURCES
from .visibility import row_seen, seen
from .writes import form_of, write

if TYPE_CHECKING:
    from ..world import World
    from .keys import Key

SCOPED = frozenset({"subject", "body"})
SINGLE = ("me", "team")
# The list a path names, the id of one of its records, what hangs on that record.
Route = tuple[Resource | None, str | None, Part | None]


def answer(
    world: World, method: str, path: str, query: str, headers: Mapping[str, str], sent: bytes = b""
) -> Answer:
    """Answer one request below /v2. `path` is what follows it, for example `/people.json`; `sent` its body."""
    pairs = parse_qsl(query, keep_blank_values=True)
    route = resource, _, part = _route(path)
    name = part.name if part else resource.name if resource else path.strip("/").removesuffix(".json")
    request = Request(method, path, pairs, name, page=whole(dict(pairs).get("page"), 1, 10**9, 1))
    fault, body = None, None
    try:
        key = _authenticate(world, headers)
        _charge(world, request)
        if method == "GET":
            body = _read(world, request, route, key)
        else:
            fault = world.strike(name)
            body = write(world, request, key, form_of(headers, pairs, sent), fault)
    except Refused as refusal:
        request.status, body = refusal.status, refusal.body
    if method == "GET" and request.status not in (401, 429):
        fault = world.strike(name)
    reply = (
        fault.spoil(body) if fault else Answer(request.status, b"" if body is None else orjson.dumps(body))
    )
    request.status = reply.status
    world.remember(request)
    reply.headers |= _headers(world, request)
    return reply


def _route(path: str) -> Route:
    """The list a path names, the id behind it, and the part behind that. With and without `.json`."""
    path = unquote(path).strip("/").removesuffix(".json")
    if path in RESOURCES:
        return RESOURCES[path], None, None
    if found := part_at(path):
        return found[0].of, found[1], found[0]
    parent, _, last = path.rpartition("/")
    return RESOURCES.get(parent), last or None, None


def _authenticate(world: World, headers: Mapping[str, str]) -> Key:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, NO_TOKEN)
    key = world.keys.get(token.strip()) or world.accounts.key(token.strip())
    if key is None:
        raise Refused(401, WRONG_TOKEN)
    return key


def _charge(world: World, request: Request) -> None:
    cost = cost_of(request.page, world.switches.endpoint_cost)
    if not world.budget.pay(cost):
        raise Refused.plainly(429)
    request.cost = cost


def _read(world: World, request: Request, route: Route, key: Key) -> dict[str, Any]:
    """Let the test have its word, and find what was asked for."""
    if request.resource in SINGLE:
        return {"data": _single_object(world, request.resource, key)}
    resource, id_, part = route
    if resource is None:
        raise Refused.plainly(404)
    if resource.scope not in key.scopes:
        raise Refused.plainly(403)
    world.call_before_request(request)
    if id_ is None:
        return _list(world, request, resource, key)
    rows = row_seen(world, resource, id_, key)
    if part:
        return _part(world, request, part, rows, key)
    request.rows = 1
    return single(world, resource, rows, key.zone, _extras(request.params, key))


def _single_object(world: World, name: str, key: Key) -> dict[str, Any]:
    if name == "team":
        return office.team(Voice(world.state, world.state["users"].alive, key.zone))
    return render(world, RESOURCES["users"], world.state["users"].alive[key.user : key.user + 1], key.zone)[0]


def _extras(pairs: list[tuple[str, str]], key: Key) -> frozenset[str]:
    """The optional parts of a record that were asked for. Raises Refused without the scope for them."""
    scoped = frozenset(value for name, value in pairs if name == "scoped_fields[]")
    if scoped & SCOPED and "email_contents:read" not in key.scopes:
        raise Refused(422, NO_SCOPED_FIELD)
    settings = {"meetings_settings"} if ("include_meetings_settings", "true") in pairs else set()
    return scoped | settings


def _part(world: World, request: Request, part: Part, rows: Rows, key: Key) -> dict[str, Any]:
    records = render_part(world, part, rows, key.zone)[0]
    body = body_of(part, records, request.params)
    request.rows = len(body["data"]) if part.paging != "none" else 1
    return body


def _list(world: World, request: Request, resource: Resource, key: Key) -> dict[str, Any]:
    extras = _extras(request.params, key)
    pairs = request.params if key.admin else [*request.params, ("_user", str(key.user))]
    query = read(world.state, resource, pairs, unfiltered=world.switches.ignore_filters)
    mask = seen(world.state, world.state[resource.table], key.visible_share)
    query.masks += [] if mask is None else [mask]
    page = fetch(world.state, resource, query, turn=world.requests)
    data = render(world, resource, page.rows, key.zone, extras)
    request.rows = len(data)
    return {"metadata": page.metadata, "data": data}


def _headers(world: World, request: Request) -> dict[str, str]:
    """The names are those of the gateway in front of SalesLoft; a request that is not let in costs nothing."""
    cost = cost_of(request.page, world.switches.endpoint_cost)
    headers = {
        "content-type": "application/json; charset=utf-8",
        "date": formatdate(world.budget.clock(), usegmt=True),
    }
    if request.status != 401:
        headers["x-ratelimit-endpoint-cost"] = str(cost)
        headers["x-ratelimit-remaining-minute"] = str(world.budget.remaining())
        headers["x-ratelimit-limit-minute"] = str(world.budget.per_minute)
    if request.status == 429 and world.switches.retry_after:
        headers["retry-after"] = str(world.budget.wait())
    return headers
