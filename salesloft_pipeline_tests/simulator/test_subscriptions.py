"""Webhook subscriptions: made, changed, listed, removed, refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from salesloft_pipeline.simulator import DEMO_KEY, Key, World, running
from salesloft_pipeline.simulator.api.keys import SCOPES
from salesloft_pipeline.simulator.webhooks.events import EVENTS, LINK_SWAP

from .conftest import ask, make_world
from .receiving import TOKEN, send, subscribe

LIST = "/webhook_subscriptions"
DOCUMENTED = Path(__file__).parents[3] / "shared" / "salesloft" / "webhook_events.json"
FIELDS = {
    "event_type": "person_updated",
    "callback_url": "http://127.0.0.1:9/hook",
    "callback_token": TOKEN,
}


def test_a_subscription_lives_through_http(own_world: World) -> None:
    """POST, GET, PUT, the list with its filter, DELETE twice: over the wire, JSON and forms alike."""
    with running(own_world) as url, httpx.Client(base_url=url) as client:
        client.headers["authorization"] = f"Bearer {DEMO_KEY}"
        made = client.post(LIST, json=FIELDS)
        assert made.status_code == 200
        subscription = made.json()["data"]
        assert subscription.items() >= (FIELDS | {"enabled": True}).items()
        assert set(subscription) - set(FIELDS) == {"id", "enabled", "tenant_id", "user_guid"}
        one = f"{LIST}/{subscription['id']}"
        assert client.get(one).json() == made.json()
        other = client.post(LIST, data=FIELDS | {"event_type": "task_completed"}).json()["data"]
        assert other["event_type"] == "task_completed"
        off = client.put(one, json={"enabled": False, "callback_url": "http://127.0.0.1:9/other"}).json()
        assert (off["data"]["enabled"], off["data"]["callback_url"]) == (False, "http://127.0.0.1:9/other")
        disabled = client.get(LIST, params={"enabled": "false"}).json()["data"]
        assert subscription["id"] in {each["id"] for each in disabled}
        assert other["id"] not in {each["id"] for each in disabled}
        gone = [client.delete(one) for _ in range(2)]
        assert [(each.status_code, each.content) for each in gone] == [(204, b"")] * 2
        assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"event_type", "callback_url", "callback_token"}),
        (FIELDS | {"callback_token": ""}, {"callback_token"}),
        (FIELDS | {"event_type": "email_created"}, {"event_type"}),
        (FIELDS | {"event_type": "person.updated"}, {"event_type"}),
        (FIELDS | {"event_type": LINK_SWAP}, {"event_type"}),
        (FIELDS | {"event_type": ["person_updated"]}, {"event_type"}),
        (FIELDS | {"callback_url": "somewhere"}, {"callback_url"}),
        (FIELDS | {"callback_url": "ftp://example.com"}, {"callback_url"}),
        (FIELDS | {"callback_url": 7}, {"callback_url"}),
        (FIELDS | {"callback_url": "http://a..b/"}, {"callback_url"}),
        (FIELDS | {"callback_url": "http://[::1/"}, {"callback_url"}),
    ],
)
def test_what_is_missing_or_wrong_is_named(world: World, fields: dict[str, Any], wrong: set[str]) -> None:
    """422 with `errors` by field, and nothing is written."""
    before = world.ids("webhook_subscriptions")
    got = send(world, "POST", LIST, fields)
    assert (got.status, set(got.body["errors"])) == (422, wrong)
    assert all(isinstance(each, list) and each for each in got.body["errors"].values())
    assert world.ids("webhook_subscriptions") == before


def test_a_change_that_makes_no_sense_is_refused(own_world: World) -> None:
    """422 for a value, 404 for an id that never was; the token stays what it was."""
    id_ = subscribe(own_world, "person_updated", FIELDS["callback_url"])
    for fields in ({"enabled": "perhaps"}, {"enabled": None}, {"enabled": 1.5}, {"callback_url": ""}):
        got = send(own_world, "PUT", f"{LIST}/{id_}", fields)
        assert (got.status, set(got.body["errors"])) == (422, set(fields))
    assert (
        send(own_world, "PUT", f"{LIST}/{id_}", {"callback_token": "other"}).data["callback_token"] == TOKEN
    )
    for method in ("PUT", "DELETE"):
        assert send(own_world, method, f"{LIST}/7", {}).status == 404
        assert send(own_world, method, f"{LIST}/x", {}).status == 404


def test_a_body_that_is_no_object_is_refused(world: World) -> None:
    """400, in words."""
    headers = {"authorization": f"Bearer {DEMO_KEY}", "content-type": "application/json"}
    for sent in (b"{", b"[1]", b"\xff"):
        reply = world.answer("POST", LIST, "", headers, sent)
        assert (reply.status, list(orjson.loads(reply.body))) == (400, ["error"])


def test_a_subscriber_needs_the_scope_of_the_event_type() -> None:
    """403 without it; a bulk job needs none, subject and body need the privileged one."""
    narrow = Key(scopes=frozenset({"tasks:read"}))
    world = make_world(
        keys={"narrow": narrow, "plain": Key(), "all": Key(scopes=SCOPES | {"email_contents:read"})}
    )

    def allowed(key: str) -> set[str]:
        fields = ({**FIELDS, "event_type": event_type} for event_type in EVENTS)
        return {
            each["event_type"] for each in fields if send(world, "POST", LIST, each, key=key).status == 200
        }

    assert allowed("narrow") == {
        "bulk_job_completed",
        *(f"task_{v}" for v in ("created", "updated", "completed", "deleted")),
    }
    assert set(EVENTS) - allowed("plain") == {"email_with_body_and_subject_updated"}
    assert allowed("all") == set(EVENTS)


def test_a_switch_takes_the_wrapping_away(own_world: World) -> None:
    """The bare object for POST, GET and PUT; lists keep their envelope."""
    own_world.switch(bare_subscriptions=True)
    made = send(own_world, "POST", LIST, FIELDS)
    one = f"{LIST}/{made.body['id']}"
    assert ask(own_world, one).body == made.body
    assert not send(own_world, "PUT", one, {"enabled": False}).body["enabled"]
    assert made.body["id"] in ask(own_world, LIST).ids


def test_a_write_costs_a_point_and_is_remembered(own_world: World) -> None:
    """With its method and status, also when it is refused."""
    id_ = subscribe(own_world, "person_updated", FIELDS["callback_url"])
    send(own_world, "PUT", f"{LIST}/{id_}", {"enabled": False})
    send(own_world, "DELETE", f"{LIST}/{id_}")
    send(own_world, "POST", LIST, {})
    seen = [(each.method, each.status, each.resource, each.cost) for each in own_world.log]
    assert seen == [
        (method, status, "webhook_subscriptions", 1)
        for method, status in (("POST", 200), ("PUT", 200), ("DELETE", 204), ("POST", 422))
    ]
    assert own_world.points_spent == 4


def test_a_status_strikes_before_a_write_and_a_lost_answer_after_it(own_world: World) -> None:
    """A 429 or 500 has written nothing; a connection that is cut may well have."""
    before = len(own_world.ids("webhook_subscriptions"))
    own_world.fault("status", status=429)
    assert send(own_world, "POST", LIST, FIELDS).status == 429
    assert len(own_world.ids("webhook_subscriptions")) == before
    own_world.fault("hang_up")
    reply = own_world.answer("POST", LIST, "", {"authorization": f"Bearer {DEMO_KEY}"}, orjson.dumps(FIELDS))
    assert reply.hang_up
    assert len(own_world.ids("webhook_subscriptions")) == before + 1


def test_without_a_key_nothing_is_written(own_world: World) -> None:
    """401, free of points."""
    before = own_world.ids("webhook_subscriptions")
    assert own_world.answer("POST", LIST, "", {}, orjson.dumps(FIELDS)).status == 401
    assert (own_world.ids("webhook_subscriptions"), own_world.points_spent) == (before, 0)


@pytest.mark.skipif(not DOCUMENTED.exists(), reason="the vendor's list of events is not at hand")
def test_the_event_types_are_the_documented_ones() -> None:
    """All 37 but the one that is no event, each with the scope and the kind that is written down."""
    documented = {each["event_type"]: each for each in orjson.loads(DOCUMENTED.read_bytes())["events"]}
    assert set(EVENTS) | {LINK_SWAP} == set(documented)
    for event_type, event in EVENTS.items():
        scope = documented[event_type]["required_scope"]
        assert event.scope == (scope and scope.split()[0])
        assert ("deleted" in event.on) == (documented[event_type]["kind"] == "deleted")
