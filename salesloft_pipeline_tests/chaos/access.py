"""Faults of SalesLoft's own: too many requests, broken servers, a key that is revoked and given back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from salesloft_pipeline.salesloft.errors import Unauthorized
from salesloft_pipeline.simulator import Request, World
from salesloft_pipeline_tests.chaos.fault import Fault, Ground, until_done
from salesloft_pipeline_tests.chaos.network import LISTS, compared
from salesloft_pipeline_tests.conftest import Scene
from salesloft_pipeline_tests.ingest.deliveries import assert_ingested, ingested, told_of_everybody

STATUSES = (500, 502, 503, 504)


class Storm:
    """Before one request in four: the next ones, up to eight, get one of these statuses, and then one does not.

    So storms do not follow each other until a request has met more of them than it is repeated.
    """

    def __init__(self, dice: random.Random, statuses: tuple[int, ...]) -> None:
        self._dice, self._statuses = dice, statuses
        self.struck = self._until = 0

    def __call__(self, world: World, _request: Request) -> None:
        if world.requests >= self._until and self._dice.random() < 0.25:
            length = self._dice.randint(1, 8)
            self._until, self.struck = world.requests + length + 1, self.struck + length
            world.fault("status", times=length, status=self._dice.choice(self._statuses))


def too_many_requests(ground: Ground) -> Counter[str]:
    """Others spend the team's points: both kinds of work wait, and no run fails."""
    return _through(ground, Storm(ground.dice, (429,)), may_fail=False)


def server_errors(ground: Ground) -> Counter[str]:
    """Longer than a request is repeated, now and then: those runs fail, and the next ones go on."""
    return _through(ground, Storm(ground.dice, STATUSES), may_fail=True)


def _through(ground: Ground, storm: Storm, *, may_fail: bool) -> Counter[str]:
    stage = ground.scene(people=200, emails=1_500)
    stage.world.switch(retry_after=ground.dice.random() < 0.5)
    stage.world.before_request = storm
    failed = _worked(ground, stage)
    assert may_fail or not failed, f"{failed} runs failed"
    stage.world.before_request = None
    stage.world.clear()
    return Counter({"struck": storm.struck, "failed runs": failed}) + compared(stage)


def _worked(ground: Ground, stage: Scene) -> int:
    """A sync, then an ingestion of deliveries about people who have changed since; how many runs failed."""
    failed = until_done(lambda: stage.sync(*LISTS))
    landing, deliveries = told_of_everybody(stage, ground.folder)
    failed += until_done(lambda: ingested(stage, landing))
    assert_ingested(stage, landing, deliveries)
    landing.close()
    return failed + until_done(lambda: stage.sync(*LISTS))


def key_revoked(ground: Ground) -> Counter[str]:
    """In the middle of a sync, and of an ingestion: both say so and stop; with the key back, nothing is missing."""
    stage = ground.scene(people=300, emails=1_500)
    held = dict(stage.world.keys)

    def work_with_a_revoked_key(work: Callable[[], object], requests: int) -> None:
        revoked_at = stage.world.requests + ground.dice.randrange(requests)
        stage.world.before_request = lambda world, _: (
            world.keys.clear() if world.requests >= revoked_at else None
        )
        with pytest.raises(Unauthorized, match="SALESLOFT_API_KEY"):
            work()
        stage.world.before_request = None
        stage.world.keys.update(held)

    work_with_a_revoked_key(lambda: stage.sync(*LISTS), 20)
    stage.sync(*LISTS)
    landing, deliveries = told_of_everybody(stage, ground.folder)
    work_with_a_revoked_key(lambda: ingested(stage, landing), 4)
    ingested(stage, landing)
    assert_ingested(stage, landing, deliveries)
    landing.close()
    return Counter({"revocations": 2}) + compared(stage)


FAULTS = (
    Fault("429 storm", "429 to up to eight requests in a row, again and again", too_many_requests),
    Fault(
        "5xx storm", "500, 502, 503 or 504 to up to eight requests in a row, again and again", server_errors
    ),
    Fault(
        "key revoked and restored", "401 from a random request of a sync and of an ingestion on", key_revoked
    ),
)
