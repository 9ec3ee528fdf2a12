"""Webhooks reach the warehouse: every one is logged once, and rows are always as SalesLoft has them."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline import transform
from salesloft_pipeline.ingest import ops, webhook_events
from salesloft_pipeline.ingest.erase import erase
from salesloft_pipeline.ingest.pipeline import Limits
from salesloft_pipeline.ingest.report import SyncFailed
from salesloft_pipeline.ingest.sweep import sweep
from salesloft_pipeline.ingest.traces import trace
from salesloft_pipeline.landing import Landing
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import Unreachable
from salesloft_pipeline.salesloft.webhooks import ROUTES
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines, sized
from salesloft_pipeline_tests.ingest.deliveries import (
    RECEIVED_AT,
    arrival,
    counted,
    ingested,
    landing_beside,
    logged,
)
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique
from salesloft_pipeline_tests.receiver.stand import SECRET, serving
from salesloft_pipeline_tests.simulator.receiving import send, subscribe

Scenes = Callable[..., Scene]
TOLD = ("people", "accounts", "emails", "tasks", "cadence_memberships", "calls", "notes", "meetings", "users")


@pytest.fixture
def stage(scene: Scenes) -> Scene:
    """A team whose people and emails are loaded."""
    stage = scene(people=30, emails=80)
    stage.sync("people", "emails")
    return stage


@pytest.fixture
def landing(stage: Scene, tmp_path: Path) -> Iterator[Landing]:
    """An empty landing beside the warehouse."""
    landing = landing_beside(stage, tmp_path)
    yield landing
    landing.close()


def shown(stage: Scene, resource: str, key: Any = None) -> dict[str, Any]:
    """A record as GET shows it: the one with this key, or the first."""
    return next(each for each in stage.world.truth(resource) if key in (None, each["id"]))


def row(stage: Scene, table: str, key: Any, *columns: str) -> tuple[Any, ...]:
    found = stage.warehouse.query(
        f"select {', '.join(columns)} from raw_salesloft.{table} where id = $1", [key]
    )
    assert len(found) == 1
    return found[0]


@both_engines
def test_what_webhooks_tell_is_what_the_warehouse_holds(scene: Scenes, tmp_path: Path) -> None:
    """Through a real receiver, with doubles, delays and losses; the next poll and sweep mend what was lost."""
    stage = scene(people=40, emails=120)
    stage.sync(*TOLD)
    landing = landing_beside(stage, tmp_path)
    with serving(landing) as receiver:
        for event_type in ROUTES.keys() - {"link_swap", "email_with_body_and_subject_updated"}:
            subscribe(stage.world, event_type, receiver.url, token=SECRET)
        stage.world.switch(webhook_duplicates=0.3, webhook_delay_seconds=600.0, webhook_losses=0.1)
        stage.world.advance(6 * 3600)
        people = stage.world.ids("people")
        stage.world.touch("people", people[:10])
        stage.world.touch("people", people[:10])
        stage.world.delete("people", people[10:12])
        stage.world.advance(1_000)
        assert stage.world.deliver()["delivered"]
        landed = counted(landing)[0]
        done = ingested(stage, landing)
    assert counted(landing) == (0, landed, 0)
    assert done.events.total() == landed == len(logged(stage))
    assert_unique(stage.warehouse, "webhook_events", "event_id")
    webhook = stage.warehouse.query("select count(*) from raw_salesloft.people where _source = 'webhook'")
    assert webhook[0][0] >= 7
    stage.sync(*TOLD)
    sweep(stage.client(), stage.warehouse, endpoints=[BY_NAME["people"]])
    for table in ("people", "emails", "tasks", "cadence_memberships", "calls", "notes"):
        assert_equals_truth(stage.warehouse, stage.world, table)
    landing.close()


def test_a_forged_deletion_marks_nothing_and_a_real_one_does(stage: Scene, landing: Landing) -> None:
    """Only a 404 of SalesLoft's deletes: the header that says so is not signed."""
    living, gone = stage.world.ids("people")[:2]
    bodies = [shown(stage, "people", living), shown(stage, "people", gone)]
    stage.world.delete("people", [gone])
    landing.land([arrival("person_deleted", body) for body in bodies])
    done = ingested(stage, landing)
    assert (done.rows, done.gone) == (1, 1)
    assert row(stage, "people", living, "_deleted_at", "_source") == (None, "webhook")
    assert row(stage, "people", gone, "_deleted_at")[0] is not None


def test_a_body_is_never_believed(stage: Scene, landing: Landing) -> None:
    """Old, partial or invented: the row is as SalesLoft has it now, and versions know no part of a record."""
    person, email = stage.world.ids("people")[0], stage.world.ids("emails")[0]
    old, mail = shown(stage, "people", person), shown(stage, "emails", email)
    stage.world.advance(600)
    stage.world.touch("people", [person])
    versions = "select count(*) from raw_salesloft.emails_versions where source = 'webhook'"
    landing.land(
        [
            arrival("person_updated", old),
            arrival("person_updated", {"id": person, "first_name": "Nobody"}),
            arrival("email_updated", {"id": email, "updated_at": mail["updated_at"]}),
            arrival("email_updated", {"updated_at": mail["updated_at"]}),
            arrival("email_updated", mail | {"counts": 7, "updated_at": "2026-11-23T15:00:00.000000Z"}),
            arrival("email_updated", mail | {"id": "../people"}),
        ]
    )
    ingested(stage, landing)
    assert counted(landing) == (0, 6, 0)
    stage.sync("people", "emails")
    assert_equals_truth(stage.warehouse, stage.world, "people")
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert stage.warehouse.query(versions) == [(0,)]


POISON = [
    ("", b"{}", ("missing_event_header",), "missing_event_header"),
    ("Person Updated!", b"{}", ("malformed_event_header",), "malformed_event_header"),
    ("person_deleted", b'{"id": 1}', ("type_not_allowed_for_token",), "type_not_allowed_for_token"),
    ("person_updated", b"\x1f\x8b\x08", ("content_encoding",), "content_encoding"),
    ("person_updated", b"", (), "empty_body"),
    ("person_updated", b" \n", (), "empty_body"),
    ("person_updated", b'{"id": "\xff"}', (), "not_utf8"),
    ("person_updated", b'{"id": "\0"}', (), "nul_byte"),
    ("person_updated", b'{"id": 1', (), "invalid_json"),
    ("person_updated", b'{"id": NaN}', (), "invalid_json"),
    ("person_updated", b'{"id": ' + b"[" * 100_000, (), "json_too_deep"),
    ("person_updated", b"null", (), "not_an_object"),
    ("person_updated", b'[{"id": 1}]', (), "not_an_object"),
]
# Valid, and what somebody's parser has stumbled over.
TRICKY = [
    b'{"id": 1, "first_name": "\\ud83d"}',
    b'{"id": 1, "first_name": "\\u0000"}',
    b'{"id": 1, "weight": 1e400}',
    b'{"id": 99999999999999999999999999}',
    b'{"id": 1, "id": 2}',
    b'{"id": true}',
    b'{"id": {"id": 1}}',
    b' {"id" : 1 , "a" : "\xc3\xa4" } ',
    b'{"id": -5}',
    b'{"id": "1"}',
    b'{"id": 1, "updated_at": "0000-00-00T99:99:99Z", "created_at": "+275760-09-13T00:00:00Z"}',
    b"{}",
]


@both_engines
def test_poison_is_put_aside_and_its_neighbours_go_on(stage: Scene, landing: Landing) -> None:
    """Thirteen that cannot be read, each with its reason; a dozen odd ones are kept, character by character."""
    person = shown(stage, "people")
    landing.land([arrival(event_type, body, *flags) for event_type, body, flags, _ in POISON])
    landing.land([arrival("person_updated", body) for body in TRICKY])
    landing.land([arrival("person_updated", person), arrival("person_reborn", person, "unknown_event_type")])
    done = ingested(stage, landing)
    reasons = [reason for *_, reason in POISON]
    assert landing.quarantined() == {reason: reasons.count(reason) for reason in reasons} == done.unreadable
    assert counted(landing) == (0, len(TRICKY) + 2, len(POISON))
    payloads = {payload.encode() for *_, payload in logged(stage)}
    assert payloads >= set(TRICKY)
    assert done.unknown == 1
    assert [each[:3] for each in logged(stage) if each[0] == "person_reborn"] == [
        ("person_reborn", None, str(person["id"]))
    ]
    assert row(stage, "people", person["id"], "_source") == ("webhook",)
    noted = stage.warehouse.query(
        "select reason, count(*) from ops.quarantine where resource = 'webhook_events' group by 1"
    )
    assert dict(noted) == landing.quarantined()
    assert landing.redrive("not_an_object") == 2
    assert ingested(stage, landing).unreadable == {"not_an_object": 2}


def test_a_secret_in_a_body_is_not_stored(stage: Scene, landing: Landing) -> None:
    """callback_token, at any depth; the rest of the body stays."""
    body = {"id": 1, "callback_token": "s3cret-s3cret", "in": [{"callback_token": "s3cret-s3cret", "a": 1}]}
    landing.land([arrival("person_updated", body)])
    ingested(stage, landing)
    ((*_, payload),) = logged(stage)
    assert payload == '{"id": 1, "in": [{"a": 1}]}'


@both_engines
def test_what_was_erased_does_not_come_back(stage: Scene, landing: Landing) -> None:
    """No row, no version and no payload of a person who is to be forgotten, before and after the erasure."""
    mail = next(each for each in stage.world.truth("emails") if each["recipient"])
    person = mail["recipient"]["id"]
    bodies = [
        arrival("person_updated", shown(stage, "people", person)),
        arrival("email_updated", mail),
        arrival("person_reborn", {"id": 1, "person": {"id": person}}),
        arrival("person_updated", {"id": person, "late": True}),
    ]
    other = next(each for each in stage.world.truth("people") if each["id"] != person)
    landing.land([*bodies[:3], arrival("person_updated", other)])
    ingested(stage, landing)
    assert all(payload for *_, payload in logged(stage))
    deeds = erase(stage.warehouse, trace(stage.warehouse, [person]), ["raw_salesloft", "ops"])
    assert all(deed.done for deed in deeds)
    landing.prune(RECEIVED_AT + timedelta(seconds=1))
    landing.land(bodies)
    ingested(stage, landing)
    told = {record: payload for *_, record, payload in logged(stage)}
    assert told == {
        str(person): None,
        str(mail["id"]): None,
        "1": None,
        str(other["id"]): told[str(other["id"])],
    }
    assert told[str(other["id"])]
    for table in ("people", "people_versions"):
        assert stage.warehouse.query(f"select 1 from raw_salesloft.{table} where id = {person}") == []


def test_an_open_is_dated_by_its_delivery(stage: Scene, landing: Landing) -> None:
    """Between two polls the webhook says when: the mart's event lies in the interval that it closes."""
    mail = next(
        each
        for each in stage.world.truth("emails")
        if each["sent_at"] and each["view_tracking"] and not each["bounced"] and each["status"] == "sent"
    )
    opened = {
        **mail,
        "updated_at": "2026-11-23T15:10:00.000000Z",
        "counts": {**mail["counts"], "views": mail["counts"]["views"] + 1},
    }
    landing.land([arrival("email_updated", opened, at=NOW + timedelta(minutes=10, seconds=2))])
    ingested(stage, landing)
    seen = stage.warehouse.query(
        "select observed_at, counts_views from raw_salesloft.emails_versions where source = 'webhook'"
    )
    assert seen == [(NOW + timedelta(minutes=10, seconds=2), mail["counts"]["views"] + 1)]
    transform.build(stage.warehouse, ops.loaded_until(stage.warehouse) or NOW, "UTC")
    events = stage.warehouse.query(
        "select event_at, quantity from mart.fct_engagement_event where email_id = $1 and event_type = 'email_viewed' "
        "order by event_at desc limit 1",
        [mail["id"]],
    )
    assert events == [(NOW + timedelta(minutes=10), 1)]


@both_engines
def test_a_crash_loses_and_doubles_nothing(
    stage: Scene, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after each thing that is written: the next run ends with as many as landed, each once."""
    people, mails = list(stage.world.truth("people")), list(stage.world.truth("emails"))
    for owner, step in ((webhook_events, "load"), (webhook_events, "run"), (landing, "mark_ingested")):
        real = getattr(owner, step)
        for crash in (_crash_before, _crash_after(real)):
            landing.land([arrival("person_updated", people.pop()), arrival("email_updated", mails.pop())])
            with monkeypatch.context() as patch:
                patch.setattr(owner, step, crash)
                with pytest.raises(KeyboardInterrupt):
                    ingested(stage, landing)
    ingested(stage, landing)
    assert counted(landing) == (0, 12, 0)
    assert len(logged(stage)) == 12
    assert_unique(stage.warehouse, "webhook_events", "event_id")
    assert_unique(stage.warehouse, "emails_versions", "version_id")
    assert_equals_truth(stage.warehouse, stage.world, "people")


def _crash_before(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def _crash_after(step: Callable[..., Any]) -> Callable[..., None]:
    def crashing(*arguments: Any, **options: Any) -> None:
        step(*arguments, **options)
        raise KeyboardInterrupt

    return crashing


@both_engines
def test_an_echo_is_known_and_costs_one_reading(stage: Scene, landing: Landing) -> None:
    """What we wrote comes back as an event: it bears our change, and is read again like any other."""
    ours, theirs, *_ = stage.world.ids("people")
    stage.world.advance(60)
    for person in (ours, theirs):
        send(stage.world, "PUT", f"/people/{person}", {"title": "Director"})
    bodies = [shown(stage, "people", person) for person in (ours, theirs)]
    ops.create_tables(stage.warehouse)
    stage.warehouse.execute(
        "insert into ops.reverse_sync_ledger (change_id, run_id, actor, kind, person_id, after, intended_at, outcome) "
        "values ('change-1', 'run-1', 'crm', 'person_updated', $1, $2, $3, 'done')",
        [ours, json.dumps({"updated_at": bodies[0]["updated_at"]}), NOW],
    )
    odd = [{"id": ours}, {"id": ours, "updated_at": "never"}, {"id": ours, "updated_at": 7}]
    landing.land([arrival("person_updated", body) for body in (*bodies, *odd)])
    done = ingested(stage, landing)
    assert (done.echoes, done.rows, done.points) == (1, 2, 2)
    echo_of = "select record_id, echo_of from raw_salesloft.webhook_events where echo_of is not null"
    assert stage.warehouse.query(echo_of) == [(str(ours), "change-1")]


def test_without_salesloft_the_events_wait(stage: Scene, landing: Landing) -> None:
    """Out of reach, or failing for one list: what could not be read waits, the rest goes on, and a repeat ends it."""
    landing.land([arrival("person_updated", shown(stage, "people")), arrival("call_updated", {"id": 5})])
    stage.world.fault("status", times=100, status=503)
    with pytest.raises(Exception) as caught:
        ingested(stage, landing)
    assert getattr(caught.value, "transient", False) or isinstance(caught.value, Unreachable)
    assert counted(landing) == (2, 0, 0)
    stage.world.clear()
    stage.world.fault("status", times=100, status=503, resource="calls")
    with pytest.raises(SyncFailed, match="calls"):
        ingested(stage, landing)
    assert counted(landing) == (1, 1, 0)
    stage.world.clear()
    ingested(stage, landing)
    assert counted(landing) == (0, 2, 0)
    assert len(logged(stage)) == 2


def test_a_list_that_the_key_may_not_read_blocks_nothing(stage: Scene, landing: Landing) -> None:
    """Its events are kept in the log, and are done with."""
    landing.land([arrival("call_updated", {"id": 5})])
    stage.world.fault("status", times=100, status=403, resource="calls")
    ingested(stage, landing)
    assert counted(landing) == (0, 1, 0)


def test_a_hundred_records_cost_a_point(scene: Scenes, tmp_path: Path) -> None:
    """However often they were told: a point for who we are, and one for each hundred."""
    stage = scene(people=250, emails=10)
    stage.sync("people")
    landing = landing_beside(stage, tmp_path)
    people = list(stage.world.truth("people"))
    for number in range(3):
        landing.land([arrival("person_updated", {"id": each["id"], "n": number}) for each in people])
    done = ingested(stage, landing)
    assert (done.events, done.rows, done.points) == ({"person_updated": 750}, 250, 4)
    assert done.tables == {"webhook_events", "people", "people_versions"}
    landing.close()


def test_a_backlog_drains_in_chunks(scene: Scenes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more in memory than a chunk; what did not fit into the time of a run is there for the next."""
    events, chunk = sized(3_000, 1_000_000), sized(1_000, 20_000)
    monkeypatch.setattr(webhook_events, "CHUNK_ROWS", chunk)
    stage = scene(people=20, emails=50)
    landing = landing_beside(stage, tmp_path)
    mails = list(stage.world.truth("emails"))
    for start in range(0, events, chunk):
        landing.land(
            [
                arrival(
                    "email_updated", {**mails[number % 50], "updated_at": "2026-11-23T15:00:00Z", "n": number}
                )
                for number in range(start, start + chunk)
            ]
        )
    taken: list[int] = []
    peaks: list[int] = []
    real = landing.pending

    def pending(rows_at_most: int, bytes_at_most: int) -> Any:
        found = real(rows_at_most, bytes_at_most)
        taken.append(len(found))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return found

    monkeypatch.setattr(landing, "pending", pending)
    ingested(stage, landing, Limits(seconds=0.001))
    assert (taken, counted(landing)[1]) == ([chunk], chunk)
    ingested(stage, landing)
    assert max(taken) == chunk
    # Whatever the first half took, the second takes no more.
    assert peaks[-1] < 1.3 * peaks[len(peaks) // 2]
    assert counted(landing) == (0, events, 0)
    ((rows, distinct),) = stage.warehouse.query(
        "select count(*), count(distinct event_id) from raw_salesloft.webhook_events"
    )
    assert rows == distinct == events
    landing.close()
