"""People pushed to a simulated SalesLoft: each change happens once, whatever becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesloft_pipeline.reverse_sync import bulk, settle
from salesloft_pipeline.reverse_sync.errors import BreakerTripped, ReverseSyncError
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.simulator import World
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.reverse_sync.pushing import Faulty, Push, writes

LEDGER = "ops.reverse_sync_ledger"


def outcomes(push: Push) -> list[str]:
    """Of all intents, in the order they were written down."""
    found = push.scene.warehouse.query(f"select outcome from {LEDGER} order by intended_at, change_id")
    return [outcome for (outcome,) in found]


@both_engines
def test_people_are_made_and_changed_once(push: Push) -> None:
    """By address: two are changed, one is made; a second push writes nothing, before and after the next sync."""
    ann, bob = push.people(2)
    push.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    names = [ann["email_address"], bob["email_address"].upper(), "new@example.com"]
    region = next(
        iter(
            each["name"] for each in push.scene.world.truth("custom_fields") if each["field_type"] == "person"
        )
    )
    push.model["fields"] = {"title": "title", "town": "city", "region": f"custom_fields.{region}"}
    push.rows(
        [{"email": name, "title": f"T{i}", "town": "Oslo", "region": "North"} for i, name in enumerate(names)]
    )
    dry = push(apply=False)
    assert dry.plan.counts() | {"conflict": 0} == {"update": 2, "create": 1, "conflict": 0, "unchanged": 0}
    assert writes(push.scene) == []
    report = push()
    assert report.as_dict()["results"] == {"done": 3}
    made = next(
        each for each in push.scene.world.truth("people") if each["email_address"] == "new@example.com"
    )
    for number, title in ((ann["id"], "T0"), (bob["id"], "T1"), (made["id"], "T2")):
        person = push.person(number)
        assert (person["title"], person["city"], person["custom_fields"][region]) == (title, "Oslo", "North")
    assert push.person(ann["id"])["custom_fields"] == {**ann["custom_fields"], region: "North"}
    assert writes(push.scene) == [
        ("PUT", f"/people/{ann['id']}"), ("PUT", f"/people/{bob['id']}"), ("POST", "/person_upserts"),
    ]  # fmt: skip
    again = push()
    push.scene.sync("people")
    assert push().plan.changes == []
    # The ledger knows what our copy does not yet, but for who was made: those are found when they are looked at.
    assert [change.kind for change in again.plan.changes] == ["create"]
    assert again.as_dict()["results"] == {"unchanged": 1}
    assert len(writes(push.scene)) == 3
    assert outcomes(push) == ["done"] * 3


@pytest.mark.parametrize(
    ("warehouse_url", "kind"),
    [("duckdb", "hang_up"), ("duckdb", "truncated"), ("duckdb", "status"), ("postgres", "hang_up")],
    indirect=["warehouse_url"],
)
def test_a_lost_answer_is_looked_up(push: Push, kind: Any) -> None:
    """Each change has its one effect, though every answer of the first run is lost."""
    ann, bob = push.people(2)
    push.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    emails = [ann["email_address"], bob["email_address"], "new@example.com"]
    push.rows([{"email": email, "title": f"T{i}"} for i, email in enumerate(emails)])
    with pytest.raises(SalesloftError):
        push(connect=lambda: Faulty(push.scene, kind))
    before = shown(push, emails)
    assert push().well
    after = shown(push, emails)
    assert [after[email]["title"] for email in emails] == ["T0", "T1", "T2"]
    if kind == "status":
        assert sorted(outcomes(push)) == ["done"] * 3 + ["undone"] * 3
    else:
        # All of it had happened: nobody was changed again.
        assert after == before
        assert outcomes(push) == ["found"] * 3


def shown(push: Push, emails: list[str]) -> dict[str, dict[str, Any]]:
    """These people by address; nobody has it twice."""
    found = [each for each in push.scene.world.truth("people") if each["email_address"] in emails]
    assert len({each["email_address"] for each in found}) == len(found)
    return {each["email_address"]: each for each in found}


@both_engines
def test_a_conflict_is_found_and_decided(push: Push) -> None:
    """Both changed since the last push: the plan shows it and the policy decides; one side alone is no conflict."""
    (ann,) = push.people(1)
    for title in ("First", "Second"):
        push.rows([{"id": ann["id"], "title": title}])
        assert push().plan.conflicts == []
        push.scene.sync("people")
    push.scene.client().update(f"/people/{ann['id']}", {"title": "Theirs"})
    push.rows([{"id": ann["id"], "title": "Third"}])
    push.scene.sync("people")
    push.model["policy"] = "salesloft_wins"
    report = push()
    (conflict,) = report.plan.conflicts
    assert (conflict.person_id, conflict.wanted, conflict.shown, conflict.written) == (
        ann["id"],
        "Third",
        "Theirs",
        False,
    )
    assert push.person(ann["id"])["title"] == "Theirs"
    push.model["policy"] = "warehouse_wins"
    assert [each.written for each in push().plan.conflicts] == [True]
    assert push.person(ann["id"])["title"] == "Third"


def test_a_server_with_its_own_spelling_is_written_once(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """A telephone number that comes back in digits is what was agreed on: no echo starts another write."""
    (ann,) = push.people(1)
    push.model["fields"] = {"phone": "phone"}
    push.rows([{"id": ann["id"], "phone": "+1 (555) 010-2030"}])
    digits = {"phone": "+15550102030"}

    def spelt(world: World) -> None:
        with world.lock:
            table = world.state["people"]
            rows = table.rows_of([ann["id"]])
            table.update(rows, written={**(table["written"][rows[0]] or {}), **digits})

    client = push.scene.client()
    update = client.update

    def updated(path: str, body: Any) -> Any:
        reply = update(path, body)
        spelt(push.scene.world)
        reply.data["phone"] = digits["phone"]
        return reply

    monkeypatch.setattr(client, "update", updated)
    for _ in range(3):
        push(connect=lambda: client)
        push.scene.sync("people")
    assert push.person(ann["id"])["phone"] == digits["phone"]
    assert len(writes(push.scene)) == 1


def test_a_change_meanwhile_is_not_undone(push: Push) -> None:
    """What SalesLoft shows right before the write counts, not our copy: newest_wins leaves a newer value alone."""
    (ann,) = push.people(1)
    push.model |= {"changed_at": "at", "policy": "newest_wins"}
    push.rows([{"id": ann["id"], "title": "Ours", "at": "2026-11-23T15:00:30Z"}])
    push.scene.world.advance(60)
    push.scene.client().update(f"/people/{ann['id']}", {"title": "Theirs"})
    report = push()
    assert len(report.plan.changes) == 1
    assert [(result.outcome, result.field) for result in report.results] == [("conflict", "title")]
    assert push.person(ann["id"])["title"] == "Theirs"


def test_a_refused_row_is_told_and_the_others_go_on(push: Push) -> None:
    """An address that is taken: SalesLoft's own words, the row, and the rest written."""
    ann, bob, cleo = push.people(3)
    push.model["fields"] = {"email": "email_address"}
    wanted = [(ann, "a@example.org"), (bob, cleo["email_address"]), (cleo, "c@example.org")]
    push.rows([{"id": person["id"], "email": email} for person, email in wanted])
    report = push()
    assert [result.outcome for result in report.results] == ["done", "failed", "done"]
    assert "taken" in (report.results[1].reason or "")
    assert not report.well


def test_the_breaker_stops_a_fight(push: Push) -> None:
    """Somebody changes back whatever we write: after five writes within the hour nothing more is written."""
    ann, bob = push.people(2)
    for number in range(6):
        push.rows([{"id": ann["id"], "title": f"Ours {number}"}, {"id": bob["id"], "title": "Once"}])
        if number == 5:
            with pytest.raises(BreakerTripped, match=f"person {ann['id']} was written 5 times"):
                push()
        else:
            push()
    assert len(writes(push.scene)) == 6


def test_the_key_of_another_team_writes_nothing(push: Push) -> None:
    """The warehouse says whose data it is."""
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Chief"}])
    push.scene.warehouse.execute("update ops.identity set team_id = '77'")
    with pytest.raises(ReverseSyncError, match="team 77"):
        push()
    assert writes(push.scene) == []


@both_engines
def test_many_changes_go_by_bulk_jobs(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few calls, an answer per row; a job that was at work when the run died is awaited, not done again."""
    monkeypatch.setattr(bulk, "BULK_FROM", 3)
    world, (ann, bob) = push.scene.world, push.people(2)
    push.model |= {"match": {"column": "email", "field": "email_address"}, "create": True}
    push.model["fields"] = {"title": "title", "owner": "owner_id"}
    push.rows(
        [
            {"email": ann["email_address"], "title": "A", "owner": ""},
            {"email": bob["email_address"], "title": "B", "owner": "999999999"},
            {"email": "new@example.com", "title": "N", "owner": ""},
        ]
    )
    push.scene.time.sleep = _passing(world)  # type: ignore[method-assign]
    calls = len(writes(push.scene))
    with monkeypatch.context() as killed:
        killed.setattr(settle, "await_job", _killed)
        with pytest.raises(KeyboardInterrupt):
            push()
    report = push()
    assert report.settled == 3
    people = shown(push, [ann["email_address"], bob["email_address"], "new@example.com"])
    assert {each["title"] for each in people.values()} == {"A", "N", bob["title"]}
    assert (
        len(writes(push.scene)) == calls + 4
    )  # a job, its data, ready; then the one that was refused, by itself
    assert {each.row: each.outcome for each in report.results if each.outcome != "unchanged"} == {2: "failed"}


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def _passing(world: World) -> Callable[[float], None]:
    """Waiting lets the world go on."""
    return world.advance


def test_secrets_and_values_stay_where_they_belong(push: Push, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the key nor a value in logs, nor in what a report tells machines of its counts."""
    (ann,) = push.people(1)
    push.rows([{"id": ann["id"], "title": "Planted-Title"}])
    report = push()
    told = f"{report.as_dict()} {caplog.text}"
    assert "Planted" not in told
    assert "simulator-key" not in told
