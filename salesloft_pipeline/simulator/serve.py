"""Serving a world: in this process until it is stopped, or from a thread for the length of a test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from .api.keys import DEMO_KEY
from .app import create_app
from .oauth import CLIENT_ID, CLIENT_SECRET
from .world import World

# How often the thread that delivers webhooks looks whether one is due.
LOOK_SECONDS = 0.2
LIMITS = """\
Known limits of the simulator:
  - of writes there are people, person_upserts, cadence_memberships, cadence_imports, bulk_jobs of person/upsert and
    webhook_subscriptions; every other POST, PUT and DELETE answers 405
  - bulk jobs run side by side; the titles of meetings and the like keep the invented name of a person
  - webhooks tell of what changed between two looks, at most 15 minutes apart, once per record; those of the
    team's past (hooks.example.com) are never sent, link_swap is refused
  - recordings, artifacts, reports and files are named but not served
  - filters and sort keys that no warehouse needs are missing: an unknown filter is ignored, an unknown sort is 422
  - names, texts and most contact details are invented from the id of a record and change little
  - opens, replies and steps follow fixed probabilities; no person reacts to what was written"""


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback address; port 0 takes any that is free."""
    return socket.create_server(("127.0.0.1", port), backlog=128)


def url_of(door: socket.socket) -> str:
    """The base URL of a simulator behind this socket."""
    return f"http://127.0.0.1:{door.getsockname()[1]}/v2"


def _server(world: World) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(world), log_level="critical", access_log=False, lifespan="off", date_header=False
    )
    return uvicorn.Server(config)


@contextmanager
def running(world: World) -> Iterator[str]:
    """Serve `world` from a thread on a free loopback port; yields the base URL, which ends in /v2."""
    server, door = _server(world), listen(0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        yield url_of(door)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        door.close()


@contextmanager
def delivering(world: World) -> Iterator[None]:
    """Deliver the webhooks of `world` from a thread as soon as they are due."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(LOOK_SECONDS):
            world.deliver(patience_seconds=1.0)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)


def serve(
    *,
    people: int = 2_000,
    emails: int = 20_000,
    days: int = 120,
    seed: int = 1,
    port: int = 8900,
    cost_per_minute: int = 600,
    speed: float = 1.0,
    latency_ms: float = 0.0,
) -> None:
    """Build a world and serve it until interrupted; prints where, with which key, and what it cannot do."""
    world = World(people, emails, days, seed, speed=speed, cost_per_minute=cost_per_minute)
    world.switch(latency_ms=latency_ms)
    door = listen(port)
    print(f"SalesLoft simulator: {people} people, {emails} emails, {days} days, seed {seed}, speed {speed:g}")
    print(f"key: {DEMO_KEY}   budget: {cost_per_minute} points per minute")
    print(f"OAuth app: {CLIENT_ID}   secret: {CLIENT_SECRET}   host: the address below without /v2")
    print(LIMITS)
    print(f"listening on {url_of(door)}", flush=True)
    with door, delivering(world):
        _server(world).run(sockets=[door])
