"""What hangs on single records, what has no id, and what has no end: read completely, and no more than it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from salesloft_pipeline.ingest import lists
from salesloft_pipeline.ingest.lists import ChildReader, SnapshotReader
from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS, Reading
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import NOW, Scene
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]
PARTS = [endpoint for endpoint in ENDPOINTS if endpoint.reading is Reading.PER_PARENT]


def everything(_: int) -> bool:
    """Never enough."""
    return False


def read(reader: ChildReader | SnapshotReader, state: dict[str, Any] | None = None) -> list[Any]:
    found = [row for page in reader.read(state if state is not None else {}, everything) for row in page]
    assert reader.finished, reader.failure
    return found


def test_only_the_parts_of_what_changed_are_asked_for(scene: Scenes) -> None:
    """One request a changed conversation and none for the rest; of a quiet team, none at all."""
    stage = scene(people=40, emails=120)
    names = ("conversations", "conversations_extensive", "transcriptions", "transcriptions_sentences")
    stage.sync(*names)
    asked = stage.asked("conversations_extensive")
    assert asked == len(stage.world.ids("conversations"))
    stage.sync(*names)
    assert stage.asked("conversations_extensive") == asked
    stage.world.advance(60)
    stage.world.touch("conversations", list(stage.world.ids("conversations"))[:2])
    report = {each.resource: each.tally.rows for each in stage.sync(*names).resources}
    assert report["conversations_extensive"] == 2
    assert stage.asked("conversations_extensive") == asked + 2
    for name in names:
        assert_equals_truth(stage.warehouse, stage.world, name)


def test_a_part_that_is_no_longer_there_is_marked(scene: Scenes) -> None:
    """A transcription that is made anew with fewer sentences leaves none of the old ones behind, alive."""
    stage = scene(people=40, emails=120)
    stage.sync("conversations", "transcriptions", "transcriptions_sentences")
    ((parent, sentences),) = stage.warehouse.query(
        "select _parent_id, count(*) from raw_salesloft.transcriptions_sentences group by 1 order by 2 desc limit 1"
    )
    stage.warehouse.execute(
        "insert into raw_salesloft.transcriptions_sentences (id, _parent_id, _synced_at) values ($1, $2, now())",
        [f"{parent}-{sentences + 1}", parent],
    )
    stage.world.advance(60)
    stage.world.touch("transcriptions", [parent])
    stage.sync("transcriptions", "transcriptions_sentences")
    assert_equals_truth(stage.warehouse, stage.world, "transcriptions_sentences")
    gone = stage.warehouse.query(
        "select id from raw_salesloft.transcriptions_sentences where _deleted_at is not null"
    )
    assert gone == [(f"{parent}-{sentences + 1}",)]


def test_sums_of_a_cadence_are_asked_for_once_a_day(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """They move while their cadence stands still; every sync would be dear."""
    stage = scene(people=40, emails=120)
    cadences = len(stage.world.ids("cadences"))
    for _ in range(2):
        stage.sync("cadences", "cadence_stats")
        assert stage.asked("cadence_stats") == cadences
    monkeypatch.setattr(lists, "ASK_ALL_AFTER", timedelta(0))
    stage.sync("cadences", "cadence_stats")
    assert stage.asked("cadence_stats") == 2 * cadences


def test_a_long_list_below_a_job_is_read_to_its_end(scene: Scenes) -> None:
    """More than a page of records, by id[gt]; results follow when the job is done."""
    stage = scene(people=40, emails=120)
    names = ("bulk_jobs", "bulk_jobs_job_data", "bulk_jobs_results")
    stage.sync(*names)
    ((longest,),) = stage.warehouse.query(
        "select max(n) from (select count(*) as n from raw_salesloft.bulk_jobs_job_data group by _parent_id) as j"
    )
    assert longest > 100
    for name in names:
        assert_equals_truth(stage.warehouse, stage.world, name)


def test_sentences_have_ids_of_ours_whatever_they_carry() -> None:
    """Some answers repeat the transcription's id in every sentence: none of them may replace another."""
    said = [{"id": "t-1", "order_number": place, "text": "Yes."} for place in range(3)]
    reader = ChildReader(
        BY_NAME["transcriptions_sentences"], lambda *_: Reply(said, {}, 1), parents=lambda _: [("t-1", NOW)]
    )
    assert [(row["id"], row["_parent_id"]) for row in read(reader)] == [
        ("t-1-1", "t-1"),
        ("t-1-2", "t-1"),
        ("t-1-3", "t-1"),
    ]


def test_what_has_no_id_gets_one_of_what_it_says() -> None:
    """The same record has the same id in every sync, and a changed one is another."""
    types = [{"name": "Customer"}, {"name": "Partner"}]
    reader = SnapshotReader(BY_NAME["account_types"], lambda *_: Reply(types, {}, 1))
    first = [row["id"] for row in read(reader)]
    assert reader.ids == first
    assert len(set(first)) == 2
    changed = SnapshotReader(
        BY_NAME["account_types"], lambda *_: Reply([{"name": "Partner"}, {"name": "Customers"}], {}, 1)
    )
    assert first[1] in (second := {row["id"] for row in read(changed)})
    assert first[0] not in second


def test_a_calendar_is_read_back_to_some_months_ago() -> None:
    """Latest start first, to the first page that is older; what lies behind is neither read nor called gone."""
    events = [
        {
            "id": str(day),
            "start_time": format_instant(NOW - timedelta(days=day)),
            "updated_at": format_instant(NOW),
        }
        for day in range(-30, 2_000)
    ]
    asked: list[Params] = []

    def get(_: str, params: Params) -> Reply:
        asked.append(params)
        page = int(str(params["page"]))
        return Reply(events[(page - 1) * 100 : page * 100], {"paging": {"next_page": page + 1}}, 1)

    state: dict[str, Any] = {}
    reader = SnapshotReader(BY_NAME["calendar_events"], get)
    assert len(read(reader, state)) == 200
    assert {params["sort_by"] for params in asked} == {"start_time"}
    assert reader.ids is None
    assert read(SnapshotReader(BY_NAME["calendar_events"], get), state) == []


def test_a_key_that_may_read_nothing_is_told_so_list_by_list(scene: Scenes) -> None:
    """Every list that needs another scope is reported once, at a point; what the key may read is loaded."""
    stage = scene(people=30, emails=60)
    key = stage.world.keys[DEMO_KEY]
    stage.world.keys[DEMO_KEY] = replace(key, scopes=frozenset({"team:read"}))
    outcomes = {each.resource: each.outcome for each in stage.sync().resources}
    refused = {name for name, outcome in outcomes.items() if outcome == "forbidden"}
    assert set(outcomes.values()) == {"done", "forbidden"}
    assert {"people", "opportunities", "conversations", "calendar_events", "data_control_requests"} <= refused
    # Without a cadence there is no sum of one to be refused.
    assert not refused & {part.name for part in PARTS}
    assert {"users", "custom_roles", "bulk_jobs", "tags"} <= outcomes.keys() - refused
    before = stage.world.points_spent
    assert stage.sync().refusals == []
    assert stage.world.points_spent - before < len(ENDPOINTS) - len(refused)
    assert_equals_truth(stage.warehouse, stage.world, "tags")


def test_parts_that_a_key_may_not_read_are_told_once(scene: Scenes) -> None:
    """Their parents are known from before; the first refusal ends the asking."""
    stage = scene(people=40, emails=120)
    stage.sync("conversations")
    key = stage.world.keys[DEMO_KEY]
    stage.world.keys[DEMO_KEY] = key.without("conversations:read")
    for expected in (1, 0):
        report = stage.sync("conversations_extensive", "people")
        assert [each.outcome for each in report.resources] == ["forbidden", "done"]
        assert len(report.refusals) == expected
    assert stage.asked("conversations_extensive") < len(stage.world.ids("conversations"))
