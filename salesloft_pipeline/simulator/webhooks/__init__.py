"""Webhooks: who subscribed to what, what they are told, and how that is delivered.

a table changes ─► Subscribers ─► Outbox ─► post ─► the receiver
                   (bodies)       (due times, four attempts)
"""

from __future__ import annotations

from .outbox import Attempt, Outbox
from .posting import work_off
from .subscribers import Subscribers

__all__ = ["Attempt", "Outbox", "Subscribers", "work_off"]
