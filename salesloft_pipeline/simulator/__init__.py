"""A stand-in for SalesLoft: a seeded team that works, and the API it would have.

    World(seed) ─► running(world) ─► http://127.0.0.1:PORT/v2 ─► whatever is being tested
        ▲  │                                                           │
        │  └─► deliver ─► webhooks ────────────────────────────────────┤
        └──────────── advance, touch, delete, truth, log ◄─────────────┘

It shares no code with the rest of the project, so that a misreading of the API cannot hide itself. Run it
alone with `python -m salesloft_pipeline.simulator --help`; it prints where it listens, its key and its limits.

Known limits of the simulator:
  - of writes there are people, person_upserts, cadence_memberships, cadence_imports, bulk_jobs of person/upsert and
    webhook_subscriptions; every other POST, PUT and DELETE answers 405
  - bulk jobs run side by side; the titles of meetings and the like keep the invented name of a person
  - webhooks tell of what changed between two looks, at most 15 minutes apart, once per record; those of the
    team's past (hooks.example.com) are never sent, link_swap is refused
  - recordings, artifacts, reports and files are named but not served
  - filters and sort keys that no warehouse needs are missing: an unknown filter is ignored, an unknown sort is 422
  - names, texts and most contact details are invented from the id of a record and change little
  - opens, replies and steps follow fixed probabilities; no person reacts to what was written
"""

from __future__ import annotations

from .api.exchange import Request
from .api.keys import CONTENTS_KEY, DEMO_KEY, Key
from .api.resources import RESOURCES
from .app import create_app
from .serve import LIMITS, delivering, running, serve
from .switches import Switches
from .world import World

__all__ = [
    "CONTENTS_KEY",
    "DEMO_KEY",
    "LIMITS",
    "RESOURCES",
    "Key",
    "Request",
    "Switches",
    "World",
    "create_app",
    "delivering",
    "running",
    "serve",
]
