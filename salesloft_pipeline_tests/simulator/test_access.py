"""Keys, scopes, single records and refusals."""

from __future__ import annotations

import pytest

from salesloft_pipeline.simulator import CONTENTS_KEY, Key, World

from .conftest import ask, make_world


def test_without_a_token_the_answer_is_the_observed_401(world: World) -> None:
    """Word for word, and free of points."""
    spent = world.points_spent
    got = ask(world, "/people", key=None)
    assert got.status == 401
    assert got.body == {
        "error": "No Bearer Token attached to request, please see documentation at developers.salesloft.com"
    }
    assert ask(world, "/people", key="somebody-else").status == 401
    assert world.points_spent == spent


def test_an_unknown_record_and_an_unknown_path_are_404(world: World) -> None:
    """One message under `error`."""
    for path in (
        "/people/7",
        "/people/not-a-number",
        "/people/²",
        "/activity_histories/sent_email-7",
        "/unheard_of",
        "/unheard_of/3",
    ):
        got = ask(world, path)
        assert (got.status, list(got.body)) == (404, ["error"])


@pytest.mark.parametrize(
    "path",
    [
        "people",
        "activities/emails",
        "cadences",
        "users",
        "team_templates",
        "activity_histories",
        "custom_roles",
    ],
)
def test_every_record_can_be_had_alone(world: World, path: str) -> None:
    """`{"data": {...}}`, the same record as in the list."""
    record = next(iter(world.truth(path)))
    got = ask(world, f"/{path}/{record['id']}")
    assert got.body == {"data": record}


def test_me_and_team_are_single_objects(world: World) -> None:
    """The user behind the key, and the team."""
    me = ask(world, "/me").data
    assert me == ask(world, f"/users/{me['id']}").data
    assert me["team_admin"]
    assert ask(world, "/team").data["id"] == me["team"]["id"]


def test_subject_and_body_need_their_scope(world: World) -> None:
    """Privileged fields: 422 with `error`, not `errors`, without the scope; absent unless asked for."""
    query = "scoped_fields[]=subject&scoped_fields[]=body"
    got = ask(world, "/activities/emails", query)
    assert got.status == 422
    assert got.body == {
        "error": "Requested scoped field(s) could not be returned, required scope access not included."
    }
    assert {"subject", "body"} <= set(ask(world, "/activities/emails", query, key=CONTENTS_KEY).data[0])
    assert not {"subject", "body"} & set(ask(world, "/activities/emails", key=CONTENTS_KEY).data[0])


def test_a_key_without_the_scope_is_forbidden() -> None:
    """403 on what the key was not given."""
    world = make_world(keys={"narrow": Key(scopes=frozenset({"people:read"}))})
    assert ask(world, "/people", key="narrow").status == 200
    got = ask(world, "/cadences", key="narrow")
    assert (got.status, list(got.body)) == (403, ["error"])


def test_only_administrators_see_the_actions_of_others() -> None:
    """Everybody else sees their own."""
    world = make_world(keys={"admin": Key(), "rep": Key(user=1, admin=False)}, emails=4_000)
    mine, all_ = (ask(world, "/actions", {"per_page": 100}, key=key) for key in ("rep", "admin"))
    rep = ask(world, "/me", key="rep").data["id"]
    assert {action["user"]["id"] for action in mine.data} <= {rep}
    assert {action["user"]["id"] for action in all_.data} > {rep}


def test_a_write_that_does_not_exist_is_refused_and_remembered(world: World) -> None:
    """405 names what was tried; the attempt is in the log."""
    reply = world.answer("POST", "/account_tiers", "", {"authorization": "Bearer simulator-key"})
    assert reply.status == 405
    assert b"POST /account_tiers" in reply.body
    assert (world.log[-1].method, world.log[-1].status) == ("POST", 405)


def test_a_key_that_only_reads_writes_nothing() -> None:
    """403, and the people are those of before."""
    world = make_world(keys={"reader": Key()})
    before = world.ids("people")
    for method, path in (
        ("POST", "/people"),
        ("PUT", f"/people/{before[0]}"),
        ("DELETE", f"/people/{before[0]}"),
    ):
        assert (
            world.answer(
                method, path, "email_address=a@example.org", {"authorization": "Bearer reader"}
            ).status
            == 403
        )
    assert world.ids("people") == before
