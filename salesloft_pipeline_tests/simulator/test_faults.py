"""Bad days, on order."""

from __future__ import annotations

import orjson
import pytest

from salesloft_pipeline.simulator import World

from .conftest import ask

KEY = {"authorization": "Bearer simulator-key"}


@pytest.mark.parametrize("status", [500, 502, 503, 429, 404])
def test_the_next_requests_fail_and_then_it_is_over(own_world: World, status: int) -> None:
    """Exactly as many as ordered, and only for the resource named."""
    own_world.fault("status", times=2, resource="emails", status=status)
    statuses = [ask(own_world, path).status for path in ("/people", *["/activities/emails"] * 3)]
    assert statuses == [200, status, status, 200]


def test_an_answer_may_be_garbled_cut_or_without_data(own_world: World) -> None:
    """All with status 200."""
    for kind in ("garbled", "truncated", "no_data"):
        own_world.fault(kind)
    garbled, truncated, no_data, right = (own_world.answer("GET", "/people", "", KEY) for _ in range(4))
    assert [reply.status for reply in (garbled, truncated, no_data, right)] == [200] * 4
    for broken in (garbled, truncated):
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(broken.body)
    assert "data" not in orjson.loads(no_data.body)
    assert len(orjson.loads(right.body)["data"]) == 25


def test_one_record_may_be_malformed_until_cleared(own_world: World) -> None:
    """A field is missing, another holds text where a number belongs; its neighbours are fine."""
    bad, good, *_ = ask(own_world, "/activities/calls").ids
    own_world.malform("calls", bad, missing=["id"], duration="long")
    first, second, *_ = ask(own_world, "/activities/calls").data
    assert "id" not in first
    assert first["duration"] == "long"
    assert second["id"] == good
    assert ask(own_world, f"/activities/calls/{bad}").data == first
    own_world.clear()
    assert ask(own_world, "/activities/calls").ids[0] == bad


def test_refused_requests_use_up_no_fault(own_world: World) -> None:
    """A 401 is a 401, and the fault waits for the next."""
    own_world.fault("garbled")
    assert ask(own_world, "/people", key=None).status == 401
    assert b"html" in own_world.answer("GET", "/people", "", KEY).body
