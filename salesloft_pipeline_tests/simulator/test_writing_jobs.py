"""Bulk jobs through the API: filled, marked ready, carried out, read."""

from __future__ import annotations

from typing import Any

import pytest

from salesloft_pipeline.simulator import World

from .conftest import ask, when
from .receiving import receiving, send, subscribe

JOB = {"type": "person/upsert", "name": "Ours"}


def rows(count: int) -> list[dict[str, Any]]:
    """Upserts by address of people who are new."""
    return [
        {"upsert_key": "email_address", "email_address": f"bulk.{i}@example.org", "last_name": f"Bulk {i}"}
        for i in range(count)
    ]


def test_a_job_goes_from_open_to_done(own_world: World) -> None:
    """Filled in two calls; results only when it is done, one per row, with the error or the person."""
    world = own_world
    job = send(world, "POST", "/bulk_jobs", JOB).data
    path = f"/bulk_jobs/{job['id']}"
    assert (job["state"], job["name"], job["total"], job["ready_to_execute"]) == ("open", "Ours", 0, False)
    bad = {"upsert_key": "email_address", "email_address": "nobody"}
    known = next(p for p in world.truth("people") if p["email_address"])
    change = {"upsert_key": "email_address", "email_address": known["email_address"], "title": "Found"}
    for data in (rows(3), [bad, change]):
        assert send(world, "POST", f"{path}/job_data", {"data": data}).data == {"records": len(data)}
    assert {row["status"] for row in ask(world, f"{path}/job_data").data} == {"pending"}
    ready = send(world, "PUT", path, {"ready_to_execute": True}).data
    assert (ready["state"], ready["total"], ready["processed"]) == ("executing", 5, 0)
    assert ask(world, f"{path}/results").data == []
    world.advance(6)
    done = ask(world, path).data
    assert (done["state"], done["processed"], done["errors"]) == ("done", 5, 1)
    assert when(ready["marked_ready_at"]) < when(done["finished_at"]) <= world.now
    results = ask(world, f"{path}/results").data
    assert [row["record"] for row in results] == [*rows(3), bad, change]
    assert [row["status"] for row in results] == ["success"] * 3 + ["error", "success"]
    assert results[3]["error"] == "email_address is invalid"
    made = [row["resource"] for row in results if row["resource"]]
    assert [each["upsert_type"] for each in made] == ["create"] * 3 + ["update"]
    assert ask(world, f"/people/{made[0]['person']['id']}").data["email_address"] == "bulk.0@example.org"
    assert ask(world, f"/people/{known['id']}").data["title"] == "Found"


def test_results_are_read_by_cursor(own_world: World) -> None:
    """By `id[gt]`, over all rows; a thousand rows cost as many points as there were calls."""
    world = own_world
    path = f"/bulk_jobs/{send(world, 'POST', '/bulk_jobs', JOB).data['id']}"
    send(world, "POST", f"{path}/job_data", {"data": rows(1_200)})
    send(world, "PUT", path, {"ready_to_execute": True})
    assert world.points_spent == 3
    world.advance(60)
    seen: list[Any] = []
    while page := ask(
        world, f"{path}/results", {"per_page": 100, "id[gt]": seen[-1]["id"] if seen else 0}
    ).data:
        seen += page
    assert [row["record"]["email_address"] for row in seen] == [row["email_address"] for row in rows(1_200)]
    assert len({row["id"] for row in seen}) == 1_200


def test_a_job_that_is_not_open_takes_nothing(own_world: World) -> None:
    """422 for data and changes once it is ready; 404 for one that is not there."""
    path = f"/bulk_jobs/{send(own_world, 'POST', '/bulk_jobs', JOB).data['id']}"
    assert send(own_world, "PUT", path, {"name": "Renamed"}).data["name"] == "Renamed"
    send(own_world, "PUT", path, {"ready_to_execute": True})
    for method, at, fields in (("POST", f"{path}/job_data", {"data": rows(1)}), ("PUT", path, {"name": "x"})):
        got = send(own_world, method, at, fields)
        assert (got.status, set(got.body["errors"])) == (422, {"state"})
    assert send(own_world, "PUT", "/bulk_jobs/7", {}).status == 404


@pytest.mark.parametrize("data", [None, {}, [1], rows(1) * 5_001])
def test_data_is_an_array_of_at_most_5000_objects(own_world: World, data: Any) -> None:
    """422 otherwise, and the job is as empty as before."""
    path = f"/bulk_jobs/{send(own_world, 'POST', '/bulk_jobs', JOB).data['id']}"
    got = send(own_world, "POST", f"{path}/job_data", {"data": data})
    assert (got.status, set(got.body["errors"])) == (422, {"data"})
    assert ask(own_world, path).data["total"] == 0


def test_a_type_that_is_not_there_is_refused(world: World) -> None:
    """422, by name."""
    got = send(world, "POST", "/bulk_jobs", {"type": "planet/upsert"})
    assert (got.status, set(got.body["errors"])) == (422, {"type"})


def test_a_finished_job_is_told_by_webhook(own_world: World) -> None:
    """bulk_job_completed, once, when it is done."""
    with receiving() as receiver:
        subscribe(own_world, "bulk_job_completed", receiver.url)
        path = f"/bulk_jobs/{send(own_world, 'POST', '/bulk_jobs', JOB).data['id']}"
        send(own_world, "PUT", path, {"ready_to_execute": True})
        assert sum(own_world.deliver().values()) == 0
        own_world.advance(6)
        own_world.deliver()
        assert [each.body for each in receiver.got] == [ask(own_world, path).data]
