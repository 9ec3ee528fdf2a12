"""A stand-in for SalesLoft: a seeded team that works, and the API it would have.

    World(seed) ─► running(world) ─► http://127.0.0.1:PORT/v2 ─► whatever is being tested
        ▲                                                              │
        └──────────── advance, touch, delete, truth, log ◄─────────────┘

It shares no code with the rest of the project, so that a misreading of the API cannot hide itself. Run it
alone with `python -m salesloft_pipeline.simulator --help`; its known limits are printed at start (`LIMITS`).
"""

from __future__ import annotations

from .api import Request
from .app import create_app
from .keys import CONTENTS_KEY, DEMO_KEY, Key
from .resources import RESOURCES
from .serve import LIMITS, running, serve
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
    "running",
    "serve",
]
