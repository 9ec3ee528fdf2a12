"""What hangs on one record, and the cursor of bulk jobs."""

from __future__ import annotations

from typing import Any

import pytest

from salesloft_pipeline.simulator import World
from salesloft_pipeline.simulator.api.parts import PARTS

from .conftest import ask, make_world, walk


def by_parent(world: World, name: str) -> dict[Any, list[dict[str, Any]]]:
    """The truth of a part by the id of the parent, which is taken out of the records."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for record in world.truth(name):
        found.setdefault(record.pop(PARTS[name].key), []).append(record)
    return found


@pytest.mark.parametrize("name", ["cadence_stats", "conversations_extensive"])
def test_there_is_one_object_for_every_parent(world: World, name: str) -> None:
    """`{"data": {...}}`, the same as in the truth, for each record of the list it belongs to."""
    truth, part = by_parent(world, name), PARTS[name]
    assert list(truth) == world.ids(part.parent) != []
    for id_, (record,) in truth.items():
        assert ask(world, f"/{part.path.format(id=id_)}").body == {"data": record}
    assert ask(world, f"/{part.path.format(id='nobody')}").status == 404


def test_sentences_come_page_by_page_without_ids(world: World) -> None:
    """In the order they were said; the transcription they belong to is in the path only."""
    id_, sentences = max(by_parent(world, "transcriptions_sentences").items(), key=lambda item: len(item[1]))
    assert len(sentences) > 100
    assert list(walk(world, f"/transcriptions/{id_}/sentences")) == sentences
    assert [s["order_number"] for s in sentences] == list(range(len(sentences)))
    assert not {"id", "transcription_id"} & set(sentences[0])
    got = ask(world, f"/transcriptions/{id_}/sentences", {"include_paging_counts": "true"})
    assert (len(got.data), got.paging["total_count"]) == (25, len(sentences))


def test_the_parts_of_a_deleted_record_are_gone(own_world: World) -> None:
    """404, and absent from the truth."""
    gone = own_world.ids("conversations")[0]
    own_world.delete("conversations", [gone])
    assert ask(own_world, f"/conversations/{gone}/extensive").status == 404
    assert gone not in by_parent(own_world, "conversations_extensive")


def test_requests_for_parts_are_counted_and_can_fail(own_world: World) -> None:
    """They go by the path in one word, in the log, in the sums and in faults."""
    id_ = own_world.ids("cadences")[0]
    own_world.fault("status", resource="cadence_stats")
    assert ask(own_world, f"/cadence_stats/{id_}").status == 500
    assert ask(own_world, f"/cadence_stats/{id_}").status == 200
    assert own_world.requests_by_resource["cadence_stats"] == 2
    assert own_world.log[-1].rows == 1


def test_bulk_jobs_are_read_by_cursor() -> None:
    """Ascending by id, per_page and `id[gt]`; `page` means nothing and there is no paging key."""
    world = make_world(people=60, emails=40)
    world.add("bulk_jobs", 3)
    seen: list[int] = []
    for _ in range(5):
        page = ask(world, "/bulk_jobs", {"per_page": 2, "page": 9, "id[gt]": seen[-1] if seen else 0})
        assert "paging" not in page.body["metadata"]
        assert len(page.ids) <= 2
        seen += page.ids
    assert page.ids == []
    assert seen == sorted(world.ids("bulk_jobs"))
    assert len(seen) == 7
    assert ask(world, "/bulk_jobs", {"id[gt]": "x"}).status == 422
    assert {job["state"] for job in ask(world, "/bulk_jobs", {"state[]": "done"}).data} == {"done"}


def test_results_are_empty_until_a_job_is_done(world: World) -> None:
    """job_data shows what was handed in at any time; both are read by cursor and filtered by status."""
    data, results = by_parent(world, "bulk_jobs_job_data"), by_parent(world, "bulk_jobs_results")
    for job in world.truth("bulk_jobs"):
        id_, done = job["id"], job["state"] == "done"
        assert len(data[id_]) == job["total"]
        assert results.get(id_, []) == (data[id_] if done else [])
        first = ask(world, f"/bulk_jobs/{id_}/job_data", {"per_page": 10})
        rest = ask(world, f"/bulk_jobs/{id_}/job_data", {"per_page": 100, "id[gt]": first.ids[-1]})
        assert first.data + rest.data == data[id_][:110]
        assert "paging" not in first.body["metadata"]
        failed = ask(world, f"/bulk_jobs/{id_}/job_data", {"status[]": "error", "per_page": 100}).data
        assert len(failed) == job["errors"]


def test_webhook_subscriptions_never_page(world: World) -> None:
    """No paging key; `enabled` filters."""
    got = ask(world, "/webhook_subscriptions", {"page": 1, "per_page": 1})
    assert "paging" not in got.body["metadata"]
    assert len(got.data) == 3
    assert {s["enabled"] for s in ask(world, "/webhook_subscriptions", {"enabled": "false"}).data} == {False}


def test_stats_of_a_cadence_are_those_of_its_memberships(world: World) -> None:
    """Emails, replies and calls add up."""
    for id_, (stats,) in by_parent(world, "cadence_stats").items():
        mine = [m["counts"] for m in world.truth("cadence_memberships") if m["cadence"]["id"] == id_]
        for ours, theirs in (
            ("sent_emails_count", "sent_emails"),
            ("replied_count", "replies"),
            ("calls_count", "calls"),
        ):
            assert stats[ours] == sum(counts[theirs] for counts in mine)
