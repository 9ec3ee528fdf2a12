"""Webhooks as they arrive at a real receiver: what is told, how it is signed, when it comes again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from salesloft_pipeline.simulator import CONTENTS_KEY, Key, World, delivering
from salesloft_pipeline.simulator.webhooks.events import EVENTS

from .conftest import ask, make_world, when
from .receiving import TOKEN, Receiver, receiving, send, subscribe

SAMPLES = Path(__file__).parents[3] / "shared" / "salesloft" / "samples" / "webhook_payloads.json"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on the loopback."""
    with receiving() as receiver:
        yield receiver


def test_exactly_the_fitting_changes_are_told(own_world: World, receiver: Receiver) -> None:
    """A person, the counter of an email, a deleted account; signed, bare, and as GET shows them."""
    world = own_world
    for event_type in ("person_updated", "email_updated", "account_deleted", "call_created"):
        subscribe(world, event_type, receiver.url)
    person, email, account, call = (world.ids(n)[3] for n in ("people", "emails", "accounts", "calls"))
    lonely = next(a for a in world.truth("accounts") if not a["counts"]["people"])
    world.touch("people", [person])
    world.touch("emails", [email])
    world.touch("accounts", [account])
    world.touch("calls", [call])
    world.delete("accounts", [lonely["id"]])
    assert world.deliver() == {"delivered": 3, "failed": 0, "lost": 0}
    assert receiver.told == [
        ("person_updated", person),
        ("email_updated", email),
        ("account_deleted", lonely["id"]),
    ]
    assert all(each.signed_with(TOKEN) and not each.signed_with("other") for each in receiver.got)
    first, second, third = (each.body for each in receiver.got)
    assert first == ask(world, f"/people/{person}").data
    assert second == ask(world, f"/activities/emails/{email}").data
    assert when(third["updated_at"]) == world.now
    assert third == lonely | {"updated_at": third["updated_at"]}
    assert receiver.got[0].headers["content-type"] == "application/json"
    ours = {name for name in receiver.got[0].headers if name.startswith("x-")}
    assert ours == {"x-salesloft-event", "x-salesloft-signature"}
    assert len(world.outbox) == 0


def test_consequences_are_told_too_and_the_deleted_as_it_was(own_world: World, receiver: Receiver) -> None:
    """A deleted person leaves cadences and account, which change; the body still shows them."""
    world = own_world
    person = next(p for p in world.truth("people") if p["cadences"] and p["account"])
    for event_type in ("person_deleted", "person_updated", "account_updated", "cadence_membership_updated"):
        subscribe(world, event_type, receiver.url)
    world.advance(1)
    world.deliver()
    receiver.got.clear()
    world.delete("people", [person["id"]])
    world.deliver()
    told = dict(zip((each.event for each in receiver.got), (each.body for each in receiver.got), strict=True))
    assert set(told) == {"person_deleted", "account_updated", "cadence_membership_updated"}
    assert told["person_deleted"]["cadences"] == person["cadences"]
    assert told["account_updated"]["id"] == person["account"]["id"]
    assert told["cadence_membership_updated"]["person_deleted"]


def test_time_tells_of_everything_whose_updated_at_moved(own_world: World, receiver: Receiver) -> None:
    """After two days: every record that changed was told of, its newest state last; nothing else was."""
    world, start = own_world, own_world.now
    for event_type in EVENTS:
        subscribe(world, event_type, receiver.url, key=CONTENTS_KEY)
    world.advance(2 * 86_400)
    assert world.deliver()["delivered"] == len(receiver.got) > 300
    moving = {event.path for event in EVENTS.values() if "updated_at" in event.on}
    for path in moving:
        told: dict[Any, str] = {}
        for each in receiver.got:
            if EVENTS[each.event].path == path:
                told[each.body["id"]] = each.body["updated_at"]
        truth = {r["id"]: r["updated_at"] for r in world.truth(path) if when(r["updated_at"]) > start}
        assert told == truth, path
    done = [each.body for each in receiver.got if each.event == "task_completed"]
    assert done
    assert all(body["current_state"] == "completed" for body in done)
    assert {each.event for each in receiver.got} > {"person_created", "account_created", "task_created"}


def test_what_is_made_is_told_as_created(own_world: World, receiver: Receiver) -> None:
    """Once, whatever else was set on the way; an email, of which nothing tells that it is new, as updated."""
    for event_type in (
        "person_created",
        "email_updated",
        "cadence_membership_created",
        "cadence_membership_updated",
    ):
        subscribe(own_world, event_type, receiver.url)
    people, emails = own_world.add("people", 2), own_world.add("emails", 1)
    members = own_world.add("cadence_memberships", 1)
    own_world.deliver()
    assert receiver.told == [
        *(("person_created", id_) for id_ in people),
        ("email_updated", emails[0]),
        ("cadence_membership_created", members[0]),
    ]


def test_a_conversation_is_told_in_three_parts(own_world: World, receiver: Receiver) -> None:
    """Itself and its recording at once, the text when it arrives."""
    for part in ("conversation", "conversation_recording", "conversation_transcript"):
        subscribe(own_world, f"{part}_created", receiver.url)
    (id_,) = own_world.add("conversations", 1)
    own_world.deliver()
    conversation, recording = sorted((each.body for each in receiver.got), key=lambda body: len(body))[::-1]
    assert conversation == ask(own_world, f"/conversations/{id_}").data
    assert recording["id"] == conversation["recording"]["id"]
    assert recording["conversation"]["id"] == id_
    own_world.advance(1_800)
    own_world.deliver()
    texts = [e.body for e in receiver.got if e.event == "conversation_transcript_created"]
    assert ask(own_world, f"/conversations/{id_}").data["transcription"]["id"] in {t["id"] for t in texts}


def test_a_change_without_updated_at_is_silent(own_world: World, receiver: Receiver) -> None:
    """As in the API: nothing shows that there is something to fetch. `stamp` does."""
    subscribe(own_world, "person_updated", receiver.url)
    ids = own_world.ids("people")[:3]
    own_world.change_silently("people", ids)
    assert own_world.outbox.made == 0
    own_world.stamp("people", ids, own_world.now - timedelta(days=3))
    assert own_world.outbox.made == 3


def test_a_failing_receiver_gets_three_more_attempts(own_world: World, receiver: Receiver) -> None:
    """At +15, +30 and +45 seconds of the world's clock, the same bytes; then it is lost and counted."""
    world = own_world
    subscribe(world, "person_updated", receiver.url)
    receiver.status = 500
    start = world.now
    world.touch("people", world.ids("people")[:1])
    outcomes = [world.deliver()]
    for _ in range(4):
        world.advance(14.9)
        assert sum(world.deliver().values()) == 0
        world.advance(0.1)
        outcomes.append(world.deliver())
    mine = [each for each in world.deliveries if each.record_id == receiver.got[0].body["id"]]
    assert [(each.attempt, each.status, (each.at - start).total_seconds()) for each in mine[:4]] == [
        (1, 500, 0), (2, 500, 15), (3, 500, 30), (4, 500, 45)
    ]  # fmt: skip
    assert [(each["failed"], each["lost"]) for each in outcomes] == [(1, 0), (1, 0), (1, 0), (0, 1), (0, 0)]
    assert (world.outbox.lost, len(world.outbox), len({each.raw for each in receiver.got})) == (1, 0, 1)


def test_an_attempt_that_succeeds_is_the_last(own_world: World, receiver: Receiver) -> None:
    """Any 2xx will do; a redirect is a failure."""
    subscribe(own_world, "person_updated", receiver.url)
    own_world.touch("people", own_world.ids("people")[:1])
    for status in (302, 204):
        receiver.status = status
        own_world.deliver()
        own_world.advance(15)
    assert sum(own_world.deliver().values()) == 0
    assert [each.status for each in own_world.deliveries] == [302, 204]


def test_no_connection_and_no_answer_are_failures(own_world: World, receiver: Receiver) -> None:
    """Without a status; the test does not hang on them."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    over = threading.Event()
    receiver.first = lambda _: over.wait(10)
    own_world.switch(webhook_timeout_seconds=0.05)
    for url in (nowhere, receiver.url):
        subscribe(own_world, "person_updated", url)
    own_world.touch("people", own_world.ids("people")[:1])
    assert own_world.deliver() == {"delivered": 0, "failed": 2, "lost": 0}
    over.set()
    assert [each.status for each in own_world.deliveries] == [None, None]
    assert len(own_world.outbox) == 2


def test_patience_ends_and_the_rest_stays_due(own_world: World, receiver: Receiver) -> None:
    """However many are waiting for a slow receiver."""
    subscribe(own_world, "person_updated", receiver.url)
    own_world.touch("people", own_world.ids("people")[:20])
    assert sum(own_world.deliver(patience_seconds=0).values()) == 1
    assert len(own_world.outbox) == 19
    assert own_world.deliver()["delivered"] == 19


def test_the_world_is_free_while_a_webhook_is_posted(own_world: World, receiver: Receiver) -> None:
    """The receiver may ask the API, and time may pass, before it answers."""
    seen = []

    def look(_: object) -> None:
        own_world.advance(1)
        seen.append(ask(own_world, "/people", {"per_page": 1}).status)

    subscribe(own_world, "person_updated", receiver.url)
    receiver.first = look
    own_world.touch("people", own_world.ids("people")[:1])
    assert own_world.deliver()["failed"] == 0
    assert seen
    assert set(seen) == {200}


def test_whoever_is_off_or_gone_hears_nothing(own_world: World, receiver: Receiver) -> None:
    """Neither of new changes nor of those under way; switched on again, of what comes then."""
    world = own_world
    off, gone = (subscribe(world, "person_updated", f"{receiver.url}/{n}") for n in ("off", "gone"))
    ids = world.ids("people")
    world.touch("people", ids[:1])
    send(world, "PUT", f"/webhook_subscriptions/{off}", {"enabled": False})
    send(world, "DELETE", f"/webhook_subscriptions/{gone}")
    made = world.outbox.made
    world.touch("people", ids[1:2])
    assert world.outbox.made == made == 2
    assert sum(world.deliver().values()) == 0
    send(
        world,
        "PUT",
        f"/webhook_subscriptions/{off}",
        {"enabled": "true", "callback_url": f"{receiver.url}/on"},
    )
    world.touch("people", ids[2:3])
    world.deliver()
    assert [(each.path, each.body["id"]) for each in receiver.got] == [("/hook/on", ids[2])]


def test_without_subscribers_no_body_is_made(own_world: World, receiver: Receiver) -> None:
    """Not even a note of what changed; and a subscriber listens to its own table only."""
    world = own_world
    world.advance(3_600)
    world.touch("people", world.ids("people"))
    tables = world.state.tables.values()
    assert (world.outbox.made, [table.name for table in tables if table.listener]) == (0, [])
    id_ = subscribe(world, "task_completed", receiver.url)
    assert [table.name for table in tables if table.listener] == ["tasks"]
    world.touch("tasks", world.ids("tasks")[:1])
    world.touch("people", world.ids("people"))
    send(world, "DELETE", f"/webhook_subscriptions/{id_}")
    assert (world.outbox.made, [table.name for table in tables if table.listener]) == (0, [])


def test_everybody_is_told_in_their_own_offset(receiver: Receiver) -> None:
    """The same instant, in the clock of whoever subscribed; the token is theirs too."""
    world = make_world(keys={"here": Key(), "there": Key(zone="Asia/Kolkata")})
    for key in world.keys:
        subscribe(world, "person_updated", receiver.url, key=key, token=f"token of {key}")
    world.touch("people", world.ids("people")[:1])
    world.deliver()
    here, there = (each.body["updated_at"] for each in receiver.got)
    assert (here[-6:], there[-6:], when(here)) == ("-05:00", "+05:30", when(there))
    assert [
        each.signed_with(f"token of {key}") for each, key in zip(receiver.got, world.keys, strict=True)
    ] == [
        True,
        True,
    ]


def test_a_subscriber_is_told_only_what_the_key_may_see(receiver: Receiver) -> None:
    """People who are hidden from it change in silence."""
    world = make_world(keys={"all": Key(), "some": Key(visible_share=0.5)})
    subscribe(world, "person_updated", receiver.url, key="some")
    world.touch("people", world.ids("people"))
    world.deliver()
    seen = {person["id"] for person in world.truth("people", "some")}
    assert {id_ for _, id_ in receiver.told} == seen < set(world.ids("people"))


def test_contents_are_told_to_those_who_may_read_them(own_world: World, receiver: Receiver) -> None:
    """Subject and body, in the event type that is named after them."""
    subscribe(own_world, "email_with_body_and_subject_updated", receiver.url, key=CONTENTS_KEY)
    subscribe(own_world, "email_updated", receiver.url, key=CONTENTS_KEY)
    own_world.touch("emails", own_world.ids("emails")[:1])
    own_world.deliver()
    contents, plain = (set(each.body) for each in receiver.got)
    assert contents - plain == {"subject", "body"}


def test_a_record_that_is_shown_wrong_is_told_wrong(own_world: World, receiver: Receiver) -> None:
    """As GET would show it, even without its id."""
    subscribe(own_world, "person_updated", receiver.url)
    (id_,) = own_world.ids("people")[:1]
    own_world.malform("people", id_, missing=["id"], title=7)
    own_world.touch("people", [id_])
    own_world.deliver()
    assert receiver.got[0].body["title"] == 7
    assert own_world.deliveries[0].record_id is None


def test_duplicates_and_losses_are_shares(own_world: World, receiver: Receiver) -> None:
    """All twice, or none; in between by the seed, and every loss is counted."""
    world = own_world
    subscribe(world, "person_updated", receiver.url)
    ids = world.ids("people")
    world.switch(webhook_duplicates=1.0)
    world.touch("people", ids[:3])
    assert world.deliver()["delivered"] == 6
    assert sorted(id_ for _, id_ in receiver.told) == sorted([*ids[:3], *ids[:3]])
    world.switch(webhook_duplicates=0.0, webhook_losses=1.0)
    world.touch("people", ids[:3])
    assert (sum(world.deliver().values()), world.outbox.lost) == (0, 3)
    world.switch(webhook_duplicates=0.3, webhook_losses=0.3)
    world.touch("people", ids)
    receiver.got.clear()
    delivered, lost = world.deliver()["delivered"], world.outbox.lost - 3
    assert len({id_ for _, id_ in receiver.told}) == len(ids) - lost < delivered < 2 * len(ids)


def test_delays_let_webhooks_overtake_each_other(own_world: World, receiver: Receiver) -> None:
    """Nothing is missing in the end, but the order is another; the same seed gives the same one."""

    def order(world: World) -> list[Any]:
        receiver.got.clear()
        subscribe(world, "person_updated", receiver.url)
        world.switch(webhook_delay_seconds=10)
        world.touch("people", world.ids("people")[:40])
        for _ in range(11):
            world.deliver()
            world.advance(1)
        # What happened meanwhile comes later than all forty.
        return [id_ for _, id_ in receiver.told if id_ in set(world.ids("people")[:40])][:40]

    first = order(own_world)
    assert sorted(first) == sorted(own_world.ids("people")[:40])
    assert first != own_world.ids("people")[:40]
    assert order(make_world()) == first


def test_bursts_wait_for_each_other(own_world: World, receiver: Receiver) -> None:
    """All at the next full minute, none before."""
    world = own_world
    subscribe(world, "note_updated", receiver.url)
    world.switch(webhook_burst_seconds=60)
    ids = world.ids("notes")[:3]
    for id_ in ids:
        world.touch("notes", [id_])
        world.advance(5)
        assert sum(world.deliver().values()) == 0
    world.advance(60 - world.now.second)
    assert world.deliver()["delivered"] == 3
    assert {each.at.second for each in world.deliveries} == {0}


def test_a_served_world_delivers_by_itself(own_world: World, receiver: Receiver) -> None:
    """A thread looks several times a second; nobody needs to call."""
    arrived = threading.Event()
    receiver.first = lambda _: arrived.set()
    subscribe(own_world, "person_updated", receiver.url)
    with delivering(own_world):
        own_world.touch("people", own_world.ids("people")[:1])
        assert arrived.wait(10)


@pytest.mark.skipif(not SAMPLES.exists(), reason="no captured webhooks at hand")
def test_bodies_have_the_fields_of_captured_ones(own_world: World, receiver: Receiver) -> None:
    """Every field of a real body is in ours, objects down to their keys, and of the same JSON type."""
    captured = {e["headers"]["x-salesloft-event"]: e["body"] for e in orjson.loads(SAMPLES.read_bytes())}
    for event_type in captured:
        subscribe(own_world, event_type, receiver.url)
    for event_type in captured:
        event = EVENTS[event_type]
        (own_world.delete if "deleted" in event.on else own_world.touch)(
            event.path, own_world.ids(event.path)
        )
    own_world.deliver()
    ours: dict[str, list[Any]] = {}
    for each in receiver.got:
        ours.setdefault(each.event, []).append(each.body)
    assert set(ours) == set(captured)
    for event_type, body in captured.items():
        for name, value in body.items():
            kinds = {type(each[name]) for each in ours[event_type]}
            assert type(value) in kinds or value is None or kinds == {type(None)}, (event_type, name)
            if isinstance(value, dict):
                assert any(set(value) <= set(each[name] or ()) for each in ours[event_type]), name
