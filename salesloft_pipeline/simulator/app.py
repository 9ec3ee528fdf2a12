"""The HTTP face: /v2 for clients, /_simulator for whoever runs the world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from . import oauth
from .world import World

LOCAL = ("127.0.0.1", "::1", "testclient")
LATEST = 1_000
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(world: World) -> Starlette:
    """The simulator as an ASGI application around a world."""

    async def api(request: Request) -> Response:
        await asyncio.sleep(world.switches.latency_ms / 1000)
        query = request.scope["query_string"].decode("latin-1")
        path, sent = request.path_params["path"], await request.body()
        reply = world.answer(request.method, path, query, request.headers, sent)
        if reply.hang_up:
            # Promising more than is sent makes the server cut the connection.
            return Response(b"", 200, {"content-length": "1000"})
        return Response(reply.body, reply.status, reply.headers)

    routes = [
        Route(f"/_simulator{path}", _local(act, world), methods=[method]) for method, path, act in CONTROL
    ]
    return Starlette(routes=[*routes, *oauth.routes(world), Route("/v2{path:path}", api, methods=METHODS)])


Control = Callable[[World, Request, Any], Any]


def _local(act: Control, world: World) -> Callable[[Request], Awaitable[Response]]:
    """A control route: for this machine only; wrong input answers 400 with the reason."""

    async def route(request: Request) -> Response:
        if request.client is None or request.client.host not in LOCAL:
            return JSONResponse({"error": "the control routes answer to this machine only"}, 403)
        try:
            body = orjson.loads(await request.body() or b"{}")
            result = act(world, request, body)
        except (KeyError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return result if isinstance(result, Response) else JSONResponse(result)

    return route


def health(world: World, _request: Request, _body: Any) -> Any:
    """Is it there, and what time is it in the world?"""
    return {"ok": True, "now": world.now.isoformat()}


def stats(world: World, _request: Request, _body: Any) -> Any:
    """Requests, points and rows so far; the sizes of the lists."""
    by = {
        name: {"requests": n, "rows": world.rows_by_resource[name]}
        for name, n in world.requests_by_resource.items()
    }
    return {
        "requests": world.requests,
        "points": world.points_spent,
        "by_resource": by,
        "sizes": world.sizes(),
    }


def truth(world: World, request: Request, _body: Any) -> Response:
    """Every living record, one JSON object per line."""
    records = world.truth(request.path_params["resource"])
    first = next(records, None)

    async def lines() -> AsyncIterator[bytes]:
        if first is not None:
            yield orjson.dumps(first) + b"\n"
        for record in records:
            yield orjson.dumps(record) + b"\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


def advance(world: World, _request: Request, body: Any) -> Any:
    """`{"seconds": 3600}`"""
    world.advance(float(body["seconds"]))
    return {"now": world.now.isoformat()}


def touch(world: World, _request: Request, body: Any) -> Any:
    """`{"resource": "emails", "ids": [1, 2], "silently": false}`"""
    (world.change_silently if body.get("silently") else world.touch)(body["resource"], body["ids"])
    return {"touched": len(body["ids"])}


def stamp(world: World, _request: Request, body: Any) -> Any:
    """`{"resource": "emails", "ids": [1, 2], "instant": "2026-03-02T15:00:00Z"}`"""
    world.stamp(body["resource"], body["ids"], datetime.fromisoformat(body["instant"]))
    return {"stamped": len(body["ids"])}


def delete(world: World, _request: Request, body: Any) -> Any:
    """`{"resource": "people", "ids": [1, 2]}`"""
    world.delete(body["resource"], body["ids"])
    return {"deleted": len(body["ids"])}


def forget(world: World, _request: Request, body: Any) -> Any:
    """`{"ids": [1, 2]}`: people who asked to be forgotten; answers the id of the request."""
    return {"request": world.forget(body["ids"])}


def add(world: World, _request: Request, body: Any) -> Any:
    """`{"resource": "people", "count": 3}`"""
    return {"ids": world.add(body["resource"], int(body["count"]))}


def fault(world: World, _request: Request, body: Any) -> Any:
    """`{"kind": "status", "times": 3, "resource": "emails", "status": 500}`; `{"kind": "none"}` clears all."""
    if body.get("kind") == "none":
        world.clear()
    else:
        world.fault(**body)
    return {"ok": True}


def switches(world: World, _request: Request, body: Any) -> Any:
    """`{"retry_after": true}`; answers all switches as they then stand."""
    world.switch(**body)
    return vars(world.switches)


def log(world: World, _request: Request, _body: Any) -> Any:
    """The latest requests, oldest first: path, parameters, status, points."""
    return [vars(each) for each in list(world.log)[-LATEST:]]


def deliveries(world: World, _request: Request, _body: Any) -> Any:
    """The latest attempts to deliver a webhook, oldest first; how many wait, how many were lost."""
    attempts = [vars(each) | {"at": each.at.isoformat()} for each in list(world.deliveries)[-LATEST:]]
    return {"attempts": attempts, "waiting": len(world.outbox), "lost": world.outbox.lost}


CONTROL: tuple[tuple[str, str, Control], ...] = (
    ("GET", "/health", health),
    ("GET", "/stats", stats),
    ("GET", "/log", log),
    ("GET", "/deliveries", deliveries),
    ("GET", "/truth/{resource:path}", truth),
    ("POST", "/advance", advance),
    ("POST", "/touch", touch),
    ("POST", "/stamp", stamp),
    ("POST", "/delete", delete),
    ("POST", "/forget", forget),
    ("POST", "/add", add),
    ("POST", "/fault", fault),
    ("POST", "/switches", switches),
)
