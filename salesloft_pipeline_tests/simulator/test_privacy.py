"""The right to be forgotten: people vanish, and a request says which ones."""

from __future__ import annotations

import httpx

from salesloft_pipeline.simulator import DEMO_KEY, World, running

from .conftest import ask, when


def test_forgotten_people_are_gone_and_named_in_a_request(own_world: World) -> None:
    """Absent and 404; the request carries their ids, who asked, and when. Unknown ids are left out."""
    own_world.advance(60)
    first, second, *others = own_world.ids("people")
    request = own_world.forget([first, second, 7])
    assert own_world.ids("people") == others
    assert [ask(own_world, f"/people/{id_}").status for id_ in (first, second)] == [404, 404]
    assert ask(own_world, "/people", [("ids[]", first), ("ids[]", others[0])]).ids == [others[0]]
    row = ask(own_world, "/data_control/requests").data[0]
    assert (row["id"], row["people_ids"], row["dry_run"]) == (request, [first, second], False)
    assert (row["request_type"], row["state"]) == ("right_to_be_forgotten", "completed")
    assert when(row["created_at"]) == when(row["updated_at"]) == own_world.now
    assert ask(own_world, f"/data_control/requests/{request}").data == row


def test_a_rehearsal_erases_nobody(world: World) -> None:
    """A dry run names living people; an old request names people nobody knows any more."""
    living = set(world.ids("people"))
    rehearsed, done = (
        [id_ for r in ask(world, "/data_control/requests", {"dry_run": dry}).data for id_ in r["people_ids"]]
        for dry in ("true", "false")
    )
    assert rehearsed
    assert done
    assert set(rehearsed) <= living
    assert not set(done) & living


def test_requests_can_be_found(own_world: World) -> None:
    """By team, type and who asked; the echo says so."""
    own_world.forget(own_world.ids("people")[:1])
    team, me = ask(own_world, "/team").data["id"], ask(own_world, "/me").data["guid"]
    everything = own_world.ids("data_control/requests")
    for query, found in (
        ({"team_id": team}, 3), ({"team_id": team + 1}, 0), ({"user_guid": me}, 3),
        ({"request_type": "right_to_be_forgotten"}, 3), ({"request_type": "account_redaction"}, 0),
    ):  # fmt: skip
        got = ask(own_world, "/data_control/requests", query)
        assert len(got.data) == found
        assert list(got.body["metadata"]["filtering"]) == list(query)
    assert len(everything) == 3


def test_people_can_be_forgotten_from_outside(own_world: World) -> None:
    """A control route of the simulator, for this machine only, as all of them."""
    gone = own_world.ids("people")[:2]
    with running(own_world) as url:
        made = httpx.post(f"{url.removesuffix('/v2')}/_simulator/forget", json={"ids": gone}).json()[
            "request"
        ]
        key = {"authorization": f"Bearer {DEMO_KEY}"}
        row = httpx.get(f"{url}/data_control/requests/{made}", headers=key).json()["data"]
    assert row["people_ids"] == gone
    assert not set(gone) & set(own_world.ids("people"))
