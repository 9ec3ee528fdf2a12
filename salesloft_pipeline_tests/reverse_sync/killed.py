"""A writing command that is killed again and again, and begun again, until it ends by itself."""

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


def until_done(push: Push, arguments: list[str], kills: int, seed: int) -> None:
    """Run it, kill it so often at most, and let it end."""
    killer, codes = Killer(push.scene.world, seed), list[int]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(push.scene.world, "answer", killer)
        while codes.count(-signal.SIGKILL) < kills and (not codes or codes[-1] != 0):
            codes.append(run(push, arguments, killer.aim))
        codes.append(run(push, arguments, lambda _: None))
    assert codes[-1] == 0, f"the last run ended with {codes[-1]}"
    assert codes.count(-signal.SIGKILL) == kills, f"the runs ended with {codes}"


def check_ledger(push: Push, count: int, times: int = 1) -> None:
    """Nothing is open in it, and each person's change is in it as done exactly so many times."""
    rows = push.scene.warehouse.query("select person_id, outcome from ops.reverse_sync_ledger")
    outcomes = {outcome for _, outcome in rows}
    assert outcomes <= {"done", "found", "undone"}, f"the ledger says {outcomes}"
    done = Counter(person for person, outcome in rows if outcome != "undone")
    assert len(done) == count, f"{len(done)} people are in the ledger"
    assert set(done.values()) == {times}, "a change is not in the ledger once"


def push_survives(push: Push, count: int, kills: int, seed: int) -> None:
    """A push of a title to so many people, killed at random moments: every person has it, written once."""
    people = all_of(push, count)
    push.rows([{"id": each["id"], "title": f"Title {n}"} for n, each in enumerate(people)])
    until_done(push, ["people", "push", "--model", str(push.path())], kills, seed)
    for number, person in enumerate(people):
        found = push.person(person["id"])["title"]
        assert found == f"Title {number}", f"person {person['id']} has the title {found!r}"
    written = Counter(writes(push.scene))
    assert written == {("PUT", f"/people/{each['id']}"): 1 for each in people}, (
        f"SalesLoft was told {written}"
    )
    check_ledger(push, len(people))


def enrollment_survives(push: Push, count: int, kills: int, seed: int) -> None:
    """So many people put on a cadence, killed at random moments: everybody is on it, by one POST each."""
    people = all_of(push, count)
    content = {
        "settings": {"name": "Fresh"},
        "sharing_settings": {"team_cadence": True},
        "cadence_content": {"step_groups": [{"day": 1, "steps": [{"name": "Mail", "type": "Email"}]}]},
    }
    push.scene.client().create("/cadence_imports", content)
    (push.folder / "people.csv").write_text("\n".join(["id", *(str(each["id"]) for each in people)]))
    whom = ["--cadence", "Fresh", "--file", "people.csv", "--match", "id"]
    until_done(push, ["cadences", "enroll", *whom], kills, seed)
    told = writes(push.scene)[1:]
    assert told == [("POST", "/cadence_memberships")] * len(people), f"SalesLoft was told {told}"
    check_ledger(push, len(people))


def all_of(push: Push, count: int) -> list[dict[str, Any]]:
    """So many people whom nothing speaks against; new ones where the team has not enough."""
    client, world = push.scene.client(), push.scene.world
    for number in range(count):
        client.create("/people", {"email_address": f"more{number}@example.com"})
    push.scene.sync("people")
    world.log.clear()
    new = (each for each in world.truth("people") if str(each["email_address"]).startswith("more"))
    return [each for each in new if not each["eu_resident"] and not each["bouncing"]]
