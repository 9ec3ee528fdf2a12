"""Bulk jobs: what they leave to be known later comes to rest too, and whom they must not reach they do not."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from typing import Any

import pytest

from salesloft_pipeline.erase import run_erase
from salesloft_pipeline.reverse_sync import bulk
from salesloft_pipeline.reverse_sync.lately import OVERLAP, read_at
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.simulator import World
from salesloft_pipeline_tests.conftest import both_engines, sized
from salesloft_pipeline_tests.reverse_sync.killed import CLI, check_ledger, run
from salesloft_pipeline_tests.reverse_sync.pushing import Push, writes

TRIALS = sized(1, 20)
# Jobs of few people, that are looked after quickly.
SMALL = (
    "from salesloft_pipeline.reverse_sync import bulk, ledger; bulk.BULK_FROM = 3; ledger.WRITES_AN_HOUR = 100; "
    "bulk.FIRST_WAIT_SECONDS = bulk.LONGEST_WAIT_SECONDS = 0.01; "
)


@pytest.fixture
def jobs(push: Push, monkeypatch: pytest.MonkeyPatch) -> Push:
    """A push that makes a job of three changes already; waiting lets the world go on."""
    monkeypatch.setattr(bulk, "BULK_FROM", 3)
    push.scene.time.sleep = push.scene.world.advance  # type: ignore[method-assign]
    return push


def started(push: Push) -> list[list[dict[str, Any]]]:
    """The rows of every job that SalesLoft carried out."""
    table = push.scene.world.state["bulk_jobs"]
    given = [
        row for row in range(table.size) if table["data"][row] is not None and table["ready_at"][row] > 0
    ]
    return [table["data"][row] for row in given]


@both_engines
def test_a_server_with_its_own_spelling_is_written_once_in_bulk(
    jobs: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads what a job left; what a record shows that is no newer than the job's end is what was agreed on."""
    people = jobs.people(3)
    jobs.model["fields"] = {"phone": "phone", "title": "title"}
    phones = {each["id"]: f"+1 (555) 010-203{n}" for n, each in enumerate(people)}
    jobs.rows([{"id": each, "phone": phone, "title": "First"} for each, phone in phones.items()])
    update = World.answer

    def spelt(self: World, method: str, path: str, *request: Any) -> Any:
        reply = update(self, method, path, *request)
        if method == "PUT" and "/bulk_jobs/" in path:
            table = self.state["people"]
            for n, each in enumerate(people):
                rows = table.rows_of([each["id"]])
                table.update(rows, written={**table["written"][rows[0]], "phone": f"+1555010203{n}"})
        return reply

    monkeypatch.setattr(World, "answer", spelt)
    assert [each.outcome for each in jobs().results] == ["done"] * 3
    assert jobs.person(people[0]["id"])["phone"] == "+15550102030"
    before = len(writes(jobs.scene))
    for _ in range(2):
        assert jobs().plan.changes == []
        jobs.scene.world.advance(60)
        jobs.scene.sync("people")
    # Another field is written without it.
    jobs.rows([{"id": each, "phone": phone, "title": "Second"} for each, phone in phones.items()])
    jobs()
    last = jobs.scene.warehouse.query(
        "select cast(wanted as text) from ops.reverse_sync_ledger order by intended_at desc limit 3"
    )
    assert [json.loads(wanted) for (wanted,) in last] == [{"title": "Second"}] * 3
    before = len(writes(jobs.scene))
    # Whoever changes the number after the job is seen.
    jobs.scene.world.advance(60)
    jobs.scene.client().update(f"/people/{people[0]['id']}", {"phone": "+1777"})
    jobs.scene.sync("people")
    assert [each.row for each in jobs(apply=False).plan.changes] == [1]
    assert len(writes(jobs.scene)) == before + 1


def test_the_erased_are_not_reached_by_their_address(jobs: Push) -> None:
    """Our copy does not know them any more, so that they would pass for new people."""
    people = jobs.people(4)
    jobs.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    run_erase(
        Settings(
            warehouse_url=jobs.scene.warehouse.url,
            landing_url=f"sqlite:///{jobs.folder}/landing.sqlite",
            serving_folder=jobs.folder / "serving",
        ),
        [people[0]["id"]],
    )
    jobs.rows([{"email": each["email_address"], "title": "New"} for each in people])
    report = jobs()
    assert [(each.outcome, each.reason) for each in report.results] == [("skipped", "forgotten")] + [
        ("done", None)
    ] * 3
    assert jobs.person(people[0]["id"])["title"] == people[0]["title"]


def test_a_copy_that_is_not_complete_is_not_relied_upon(jobs: Push) -> None:
    """Before the first sync has ended, and after one that was cut short, everybody is asked for by name."""
    warehouse = jobs.scene.warehouse
    newest = max(parse_instant(each["updated_at"]) for each in jobs.scene.world.truth("people"))
    assert read_at(warehouse) == newest - OVERLAP
    people = jobs.people(3)
    jobs.rows([{"id": each["id"], "title": "One"} for each in people])
    jobs()
    warehouse.execute("update ops.sync_log set outcome = 'partial'")
    assert read_at(warehouse) is None
    jobs.rows([{"id": each["id"], "title": "Two"} for each in people])
    assert [each.outcome for each in jobs().results] == ["done"] * 3


def test_a_job_survives_kills(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed with -9 at a random moment, the run after it finds how far the job came: each row is carried out once."""
    people, dice, answer = push.people(8), random.Random(3), push.scene.world.answer
    kill = {"pid": 0, "in": 0}

    def answered(method: str, *request: Any) -> Any:
        push.scene.world.advance(3)
        kill["in"] -= 1
        reply = answer(method, *request)  # type: ignore[arg-type]
        if kill["in"] == 0:
            threading.Timer(dice.uniform(0, 0.02), os.kill, [kill["pid"], signal.SIGKILL]).start()
        return reply

    monkeypatch.setattr(push.scene.world, "answer", answered)

    def aim(pid: int) -> None:
        kill.update({"pid": pid, "in": dice.randint(1, 9)})

    arguments = ["people", "push", "--model", str(push.path())]
    for trial in range(TRIALS):
        push.rows([{"id": each["id"], "title": f"T{trial} {n}"} for n, each in enumerate(people)])
        codes = [run(push, arguments, aim, SMALL + CLI), run(push, arguments, lambda _: None, SMALL + CLI)]
        assert codes[1] == 0, codes
        assert [push.person(each["id"])["title"] for each in people] == [f"T{trial} {n}" for n in range(8)]
        assert [len(rows) for rows in started(push)] == [8] * (trial + 1)
    check_ledger(push, 8, TRIALS)
