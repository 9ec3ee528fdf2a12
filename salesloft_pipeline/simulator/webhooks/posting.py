"""Taking deliveries to their receivers. The world goes on meanwhile: its lock is not held while one is posted."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx

from .outbox import Delivery
from .subscribers import Address

if TYPE_CHECKING:
    from ..world import World


def work_off(world: World, patience_seconds: float) -> Counter[str]:
    """Post what is due, one after the other, until nothing is or the patience (in real time) is over.

    Counts the attempts by outcome: `delivered`, `failed` (comes again), `lost` (was the last attempt).
    """
    sums, ends = Counter(delivered=0, failed=0, lost=0), time.monotonic() + patience_seconds
    found = _next(world)
    if found is None:
        return sums
    with httpx.Client(timeout=world.switches.webhook_timeout_seconds, trust_env=False) as client:
        while found is not None:
            delivery, address = found
            status = _post(client, address, delivery)
            with world.lock:
                sums[world.outbox.settle(delivery, status, world.clock.now())] += 1
            found = _next(world) if time.monotonic() < ends else None
    return sums


def _next(world: World) -> tuple[Delivery, Address] | None:
    """What is due, and where it goes; what nobody is subscribed to any more is dropped."""
    with world.lock:
        world.catch_up()
        while (delivery := world.outbox.take(world.clock.now())) is not None:
            if address := world.subscribers.address(delivery.subscription):
                return delivery, address
    return None


def _post(client: httpx.Client, to: Address, delivery: Delivery) -> int | None:
    """The status of the answer, whose body nobody reads; None without one."""
    headers = {
        "content-type": "application/json",
        "x-salesloft-event": delivery.event_type,
        "x-salesloft-signature": hmac.new(to.token.encode(), delivery.body, hashlib.sha1).hexdigest(),
    }
    try:
        with client.stream("POST", to.url, content=delivery.body, headers=headers) as answer:
            return answer.status_code
    except httpx.HTTPError:
        return None
