"""People written through the API: made, changed, upserted, deleted, refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from salesloft_pipeline.simulator import DEMO_KEY, World

from .conftest import Got, ask, make_world, when
from .receiving import receiving, send, subscribe

NEW = {
    "email_address": "New.Person@example.org",
    "first_name": "New",
    "last_name": "Person",
    "title": "Buyer",
}


def test_a_person_is_made_with_what_was_given_and_nothing_else(own_world: World) -> None:
    """As GET shows it; owned by whoever made it, without anything invented."""
    world = own_world
    account = next(a for a in world.truth("accounts"))
    fields = NEW | {"account_id": account["id"], "tags": ["a"], "custom_fields": {"Lead Source": "Fair"}}
    made = send(world, "POST", "/people", fields)
    assert made.status == 200
    person = ask(world, f"/people/{made.data['id']}").data
    assert person == made.data
    assert person.items() >= {**NEW, "tags": ["a"], "custom_fields": {"Lead Source": "Fair"}}.items()
    assert (person["account"]["id"], person["display_name"]) == (account["id"], "New Person")
    assert person["full_email_address"] == '"New Person" <New.Person@example.org>'
    assert {person[name] for name in ("phone", "city", "country", "crm_id", "job_seniority")} == {None}
    assert person["owner"]["id"] == ask(world, "/me").data["id"]
    assert when(person["created_at"]) == when(person["updated_at"]) == world.now
    after = ask(world, f"/accounts/{account['id']}").data
    assert after["counts"]["people"] == (account["counts"]["people"] or 0) + 1


def test_an_address_belongs_to_one_person(own_world: World) -> None:
    """422 as documented, whatever the case of the letters; free again once its owner is gone or moved on."""
    world = own_world
    person = next(p for p in world.truth("people") if p["email_address"])
    taken = {"email_address": person["email_address"].upper()}

    def refused(got: Got) -> bool:
        return (got.status, got.body) == (422, {"errors": {"email_address": ["is already taken"]}})

    assert refused(send(world, "POST", "/people", taken))
    other = send(world, "POST", "/people", NEW).data["id"]
    assert refused(send(world, "PUT", f"/people/{other}", taken))
    assert send(world, "PUT", f"/people/{other}", {"email_address": NEW["email_address"]}).status == 200
    assert (
        send(world, "PUT", f"/people/{person['id']}", {"email_address": "elsewhere@example.org"}).status
        == 200
    )
    third = send(world, "POST", "/people", taken)
    assert third.status == 200
    assert send(world, "DELETE", f"/people/{third.data['id']}").status == 204
    assert send(world, "POST", "/people", taken).status == 200


def test_a_telephone_and_a_last_name_will_do(own_world: World) -> None:
    """As a lookup of their own; one of the two will not."""
    fields = {"phone": "+15550000001", "last_name": "Telephone"}
    assert send(own_world, "POST", "/people", fields).status == 200
    assert send(own_world, "POST", "/people", fields).body == {"errors": {"phone": ["is already taken"]}}
    for name in fields:
        got = send(own_world, "POST", "/people", {name: fields[name]})
        assert (got.status, set(got.body["errors"])) == (422, {"email_address"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_address", "nobody"),
        ("email_address", "a b@example.org"),
        ("title", 7),
        ("tags", "one"),
        ("contact_restrictions", ["fax"]),
        ("custom_fields", {"Shoe Size": 43}),
        ("custom_fields", [1]),
        ("do_not_contact", "perhaps"),
        ("job_seniority", "boss"),
        ("account_id", 7),
        ("owner_id", "x"),
        ("owner_id", "²"),
        ("person_stage_id", [1]),
    ],
)
def test_a_value_that_cannot_be_is_named(own_world: World, field: str, value: Any) -> None:
    """422 under the name of the field, for a new person and a known one; nothing is changed."""
    id_ = own_world.ids("people")[0]
    before = list(own_world.truth("people"))
    for got in (
        send(own_world, "POST", "/people", NEW | {field: value}),
        send(own_world, "PUT", f"/people/{id_}", {field: value}),
    ):
        assert (got.status, set(got.body["errors"])) == (422, {field})
    assert list(own_world.truth("people")) == before


def test_a_change_shows_and_moves_updated_at(own_world: World) -> None:
    """Only what was given changes; writing what is there already moves nothing."""
    world = own_world
    before = next(p for p in world.truth("people") if p["custom_fields"])
    path = f"/people/{before['id']}"
    world.advance(60)
    before = ask(world, path).data
    after = send(world, "PUT", path, {"title": "Chief Tester", "person_stage_id": None}).data
    assert {name for name in after if after[name] != before[name]} <= {"title", "person_stage", "updated_at"}
    assert (after["title"], after["person_stage"], when(after["updated_at"])) == (
        "Chief Tester",
        None,
        world.now,
    )
    world.advance(1)
    again = send(world, "PUT", path, {"title": "Chief Tester", "planet": "Mars"}).data
    assert again["updated_at"] == after["updated_at"]
    cleared = send(world, "PUT", path, {"custom_fields": dict.fromkeys(before["custom_fields"])}).data
    assert cleared["custom_fields"] == {}


def test_who_must_not_be_contacted_leaves_all_cadences(own_world: World) -> None:
    """And the account knows when a person goes over to another."""
    world = own_world
    person = next(p for p in world.truth("people") if p["cadences"] and p["account"])
    after = send(world, "PUT", f"/people/{person['id']}", {"do_not_contact": True, "account_id": None}).data
    assert (after["do_not_contact"], after["cadences"], after["account"]) == (True, [], None)
    mine = ask(world, "/cadence_memberships", {"person_id": person["id"]}).data
    assert not any(member["currently_on_cadence"] for member in mine)
    for account in world.truth("accounts"):
        here = sum(
            p["account"] is not None and p["account"]["id"] == account["id"] for p in world.truth("people")
        )
        assert (account["counts"]["people"] or 0) == here


def test_deleting_can_be_repeated(own_world: World) -> None:
    """204 twice, 404 for whoever never was; GET is 404 afterwards."""
    id_ = own_world.ids("people")[0]
    assert [send(own_world, "DELETE", f"/people/{id_}").status for _ in range(2)] == [204, 204]
    assert (ask(own_world, f"/people/{id_}").status, send(own_world, "DELETE", "/people/7").status) == (
        404,
        404,
    )


def test_an_upsert_changes_whom_it_finds_and_makes_the_rest(own_world: World) -> None:
    """By address, CRM id or id; the answer says which it was."""
    world = own_world

    def upsert(**fields: Any) -> Got:
        return send(world, "POST", "/person_upserts", fields)

    made = upsert(upsert_key="email_address", **NEW).data
    assert (made["upsert_type"], made["person"]["title"]) == ("create", "Buyer")
    same = upsert(upsert_key="email_address", email_address=NEW["email_address"].lower(), title="Owner").data
    assert (same["upsert_type"], same["person"]["id"]) == ("update", made["person"]["id"])
    assert same["person"]["title"] == "Owner"
    known = next(p for p in world.truth("people") if p["crm_id"])
    by_crm = upsert(upsert_key="crm_id", crm_id=known["crm_id"], crm_id_type="salesforce", title="Found").data
    assert (by_crm["person"]["id"], by_crm["person"]["title"]) == (known["id"], "Found")
    assert upsert(upsert_key="id", id=known["id"], title="Again").data["person"]["title"] == "Again"
    assert upsert(**NEW).body == {"errors": {"email_address": ["is already taken"]}}


def test_an_upsert_that_is_not_clear_is_refused(own_world: World) -> None:
    """An unknown key, one without its value, an id that is somebody else's, several who match."""
    world = own_world
    one, two = (p for p in list(world.truth("people"))[:2])
    for fields, wrong in (
        ({"upsert_key": "phone", **NEW}, "upsert_key"),
        ({"upsert_key": "crm_id", **NEW}, "crm_id"),
        ({"upsert_key": "email_address", "email_address": one["email_address"], "id": two["id"]}, "id"),
    ):
        got = send(world, "POST", "/person_upserts", fields)
        assert (got.status, set(got.body["errors"])) == (422, {wrong})
    assert send(world, "POST", "/person_upserts", {"upsert_key": "id", "id": 7}).status == 404
    crm = {"crm_id": "003000000000000001", "crm_id_type": "salesforce"}
    for person in (one, two):
        assert send(world, "PUT", f"/people/{person['id']}", crm).status == 200
    got = send(world, "POST", "/person_upserts", {"upsert_key": "crm_id", **crm})
    assert got.body == {"errors": {"crm_id": ["matches several people"]}}


def test_a_crm_id_needs_its_type_and_its_scope() -> None:
    """422 without the one, 403 without the other."""
    world = make_world()
    world.keys["plain"] = world.keys[DEMO_KEY].without("person:set_crm_id")
    crm = {"crm_id": "003000000000000001"}
    assert set(send(world, "POST", "/people", NEW | crm).body["errors"]) == {"crm_id_type"}
    crm["crm_id_type"] = "salesforce"
    assert send(world, "POST", "/people", NEW | crm, key="plain").status == 403
    assert send(world, "POST", "/people", NEW | crm).data["crm_id"] == crm["crm_id"]


def test_whom_a_key_does_not_see_it_cannot_write(own_world: World) -> None:
    """404 for a change and a deletion, and nobody to put on a cadence."""
    world = own_world
    world.keys["half"] = replace(world.keys[DEMO_KEY], visible_share=0.5)
    seen = {person["id"] for person in world.truth("people", "half")}
    hidden = next(id_ for id_ in world.ids("people") if id_ not in seen)
    for method in ("PUT", "DELETE"):
        assert send(world, method, f"/people/{hidden}", {"title": "x"}, key="half").status == 404
    pair = {"person_id": hidden, "cadence_id": world.ids("cadences")[0]}
    got = send(world, "POST", "/cadence_memberships", pair, key="half")
    assert got.body == {"errors": {"person_id": ["does not exist"]}}
    assert hidden in world.ids("people")


def test_writes_come_back_as_webhooks(own_world: World) -> None:
    """Created once, updated for a change, deleted with what was written."""
    with receiving() as receiver:
        for verb in ("created", "updated", "deleted"):
            subscribe(own_world, f"person_{verb}", receiver.url)
        id_ = send(own_world, "POST", "/people", NEW).data["id"]
        send(own_world, "PUT", f"/people/{id_}", {"title": "Owner"})
        send(own_world, "DELETE", f"/people/{id_}")
        own_world.deliver()
        assert receiver.told == [(f"person_{verb}", id_) for verb in ("created", "updated", "deleted")]
        assert [each.body["title"] for each in receiver.got] == ["Buyer", "Owner", "Owner"]
