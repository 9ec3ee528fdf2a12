"""A run that is killed with -9 again and again, at random moments, ends with each change done once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from salesloft_pipeline.simulator import World
from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

CLI = "from salesloft_pipeline.cli import main; main()"
PEOPLE, KILLS = sized(24, 200), sized(3, 20)
# A kill strikes at one of the first so many requests of a process, and up to so many seconds later.
REQUESTS, DELAY = sized(6, 12), 0.02


class Killer:
    """Answers as the world does, and kills the victim at a moment it draws by itself: in the middle of a request
    (which the world carries out all the same), between two, or while the ledger is written.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._answer, self._dice, self._lock = world.answer, random.Random(seed), threading.Lock()
        self._pid = self._left = 0

    def aim(self, pid: int) -> None:
        """At this process, from its next request on."""
        with self._lock:
            self._pid, self._left = pid, self._dice.randint(1, REQUESTS)

    def __call__(self, method: str, *request: Any) -> Any:
        with self._lock:
            self._left -= 1
            strikes, pid, at_once = self._left == 0, self._pid, self._dice.random() < 0.4
            delay = self._dice.uniform(0, DELAY)
        if strikes and at_once:
            os.kill(pid, signal.SIGKILL)
        answer: Any = self._answer
        reply = answer(method, *request)
        if strikes and not at_once:
            threading.Timer(delay, _kill, [pid]).start()
        return reply


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it was done before
        os.kill(pid, signal.SIGKILL)


def run(push: Push, arguments: list[str], aim: Callable[[int], None], code: str = CLI) -> int:
    """A command in a process of its own: its exit code."""
    environment = push.scene.environment(push.folder)
    command = [sys.executable, "-c", code, *arguments, "--apply"]
    with subprocess.Popen(command, cwd=push.folder, env=environment, stdout=subprocess.DEVNULL) as process:
        aim(process.pid)
    return process.returncode


def until_done(push: Push, arguments: list[str], patch: pytest.MonkeyPatch) -> list[int]:
    """Run it, kill it KILLS times, and let it end; the exit codes."""
    killer = Killer(push.scene.world, seed=7)
    patch.setattr(push.scene.world, "answer", killer)
    codes: list[int] = []
    while codes.count(-signal.SIGKILL) < KILLS and (not codes or codes[-1] != 0):
        codes.append(run(push, arguments, killer.aim))
    return [*codes, run(push, arguments, lambda _: None)]


def check_ledger(push: Push, count: int, times: int = 1) -> None:
    """Nothing is open in it, and each person's change is in it as done exactly so many times."""
    rows = push.scene.warehouse.query("select person_id, outcome from ops.reverse_sync_ledger")
    assert {outcome for _, outcome in rows} <= {"done", "found", "undone"}
    done = Counter(person for person, outcome in rows if outcome != "undone")
    assert len(done) == count
    assert set(done.values()) == {times}


@pytest.mark.parametrize("warehouse_url", ["duckdb", "postgres"], indirect=True)
def test_a_push_survives_kills(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody saw the answer, and the next run looks for it: every person has the value, written once."""
    people = all_of(push)
    push.rows([{"id": each["id"], "title": f"Title {n}"} for n, each in enumerate(people)])
    codes = until_done(push, ["people", "push", "--model", str(push.path())], monkeypatch)
    assert codes[-1] == 0
    assert codes.count(-signal.SIGKILL) == KILLS
    for number, person in enumerate(people):
        assert push.person(person["id"])["title"] == f"Title {number}"
    assert Counter(writes(push.scene)) == {("PUT", f"/people/{each['id']}"): 1 for each in people}
    check_ledger(push, len(people))


@pytest.mark.parametrize("warehouse_url", ["postgres"], indirect=True)
def test_an_enrollment_survives_kills(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is on the cadence, by one POST each."""
    people = all_of(push)
    content = {
        "settings": {"name": "Fresh"},
        "sharing_settings": {"team_cadence": True},
        "cadence_content": {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]},
    }
    push.scene.client().create("/cadence_imports", content)
    (push.folder / "people.csv").write_text("\n".join(["id", *(str(each["id"]) for each in people)]))
    whom = ["--cadence", "Fresh", "--file", "people.csv", "--match", "id"]
    codes = until_done(push, ["cadences", "enroll", *whom], monkeypatch)
    assert codes[-1] == 0
    assert codes.count(-signal.SIGKILL) == KILLS
    assert writes(push.scene)[1:] == [("POST", "/cadence_memberships")] * len(people)
    check_ledger(push, len(people))


def all_of(push: Push) -> list[dict[str, Any]]:
    """So many people whom nothing speaks against; new ones where the team has not enough."""
    client, world = push.scene.client(), push.scene.world
    for number in range(PEOPLE):
        client.create("/people", {"email_address": f"more{number}@example.com"})
    push.scene.sync("people")
    world.log.clear()
    new = (each for each in world.truth("people") if str(each["email_address"]).startswith("more"))
    return [each for each in new if not each["eu_resident"] and not each["bouncing"]]
