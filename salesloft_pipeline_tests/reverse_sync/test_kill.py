"""A push that is killed with -9 again and again, in the middle of a write, ends with each change done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline.simulator import DEMO_KEY, World
from salesloft_pipeline_tests.conftest import AMPLE, both_engines
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

PUSH = "from salesloft_pipeline.cli import main; main()"
ROOT = Path(__file__).parents[2]
PEOPLE = 12
# By the number of the write it strikes: before SalesLoft carries it out (which it does all the same), or after.
MOMENTS = ((1, True), (4, False), (9, True))


def struck(world: World, moments: list[tuple[int, bool]], victim: list[int]) -> Callable[..., None]:
    """Answers as the world does; kills the victim at these writes, right before or right after they happen."""
    answer, lock, seen = world.answer, threading.Lock(), Counter[str]()

    def answered(method: str, *request: object) -> object:
        with lock:
            seen["writes"] += method != "GET"
            number = seen["writes"]
            strikes = method != "GET" and bool(moments) and number == moments[0][0]
            before = moments.pop(0)[1] if strikes else False
        if strikes and before:
            os.kill(victim[0], signal.SIGKILL)
        reply = answer(method, *request)  # type: ignore[arg-type]
        if strikes and not before:
            os.kill(victim[0], signal.SIGKILL)
        return reply

    return answered  # type: ignore[return-value]


@both_engines
def test_a_push_survives_kills(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody saw the answer, and the next run looks for it: every person has the value, written once."""
    people = push.people(PEOPLE)
    push.rows([{"id": each["id"], "title": f"Title {n}"} for n, each in enumerate(people)])
    world, victim = push.scene.world, [0]
    monkeypatch.setattr(world, "answer", struck(world, list(MOMENTS), victim))
    environment = {
        "SALESLOFT_API_URL": push.scene.url,
        "SALESLOFT_API_KEY": DEMO_KEY,
        "SALESLOFT_COST_PER_MINUTE": str(AMPLE),
        "WAREHOUSE_URL": push.scene.warehouse.url,
        "PYTHONPATH": str(ROOT),
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-c", PUSH, "people", "push", "--model", str(push.path()), "--apply"]
    codes = []
    for _ in range(len(MOMENTS) + 1):
        with subprocess.Popen(
            command, cwd=push.folder, env=environment, stdout=subprocess.DEVNULL
        ) as process:
            victim[0] = process.pid
        codes.append(process.returncode)
    assert codes == [-signal.SIGKILL] * len(MOMENTS) + [0]
    for number, person in enumerate(people):
        assert push.person(person["id"])["title"] == f"Title {number}"
    assert set(Counter(writes(push.scene)).values()) == {1}
    assert len(writes(push.scene)) == PEOPLE
    unanswered = push.scene.warehouse.query(
        "select count(*) from ops.reverse_sync_ledger where outcome = 'intended'"
    )
    assert unanswered == [(0,)]
