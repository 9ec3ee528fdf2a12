"""A sweep marks what is gone from SalesLoft, that and nothing else, and never believes too much at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.ingest import source, sweep
from salesloft_pipeline.ingest.held import Known
from salesloft_pipeline.ingest.pipeline import Limits
from salesloft_pipeline.ingest.report import SyncFailed, SyncReport
from salesloft_pipeline.ingest.sweep import FEW, SHARE_AT_MOST, Sweep
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import NotFound
from salesloft_pipeline.salesloft.protocol import Params, Reply, format_instant
from salesloft_pipeline.simulator import DEMO_KEY, Request, World
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines, sized
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth

Scenes = Callable[..., Scene]


def swept(stage: Scene, *names: str, **options: Any) -> SyncReport:
    """A sweep of the named collections; emails and the like whatever their age."""
    endpoints = [BY_NAME[name] for name in names]
    return sweep.sweep(
        stage.client(), stage.warehouse, endpoints=endpoints, since=NOW - timedelta(days=365), **options
    )


def marked(stage: Scene, table: str, column: str = "_deleted_at") -> set[Any]:
    found = stage.warehouse.query(f"select id from raw_salesloft.{table} where {column} is not null")
    return {key for (key,) in found}


@both_engines
def test_exactly_what_is_deleted_is_marked(scene: Scenes) -> None:
    """A point for a hundred people and one for each confirmation; the row stays, with an instant."""
    people = sized(2_000, 100_000)
    stage = scene(people=people, emails=10)
    stage.sync("people")
    gone = random.Random(1).sample(stage.world.ids("people"), people // 100)
    stage.world.delete("people", gone)
    spent = stage.world.points_spent
    swept(stage, "people")
    assert marked(stage, "people") == set(gone)
    assert stage.world.points_spent - spent <= people / 100 + 20 + len(gone)
    assert stage.warehouse.query("select count(*) from raw_salesloft.people") == [(people,)]
    again = stage.world.points_spent
    assert swept(stage, "people").rows == 0
    # What is known to be gone is asked for with the others, and needs no confirmation.
    assert stage.world.points_spent - again <= people / 100 + 20


def test_a_key_that_lost_sight_of_half_marks_none(scene: Scenes) -> None:
    """The error counts what is missing and says what to do; with `trusting` it is believed."""
    stage = scene(people=400, emails=10)
    stage.sync("people")
    stage.world.keys[DEMO_KEY] = replace(stage.world.keys[DEMO_KEY], visible_share=0.5)
    with pytest.raises(SyncFailed, match=r"of 400 people are missing.*--only people --trusting"):
        swept(stage, "people")
    assert marked(stage, "people") == set()
    hidden = set(stage.world.ids("people")) - {person["id"] for person in stage.world.truth("people")}
    assert swept(stage, "people", trusting=True).failures == []
    assert marked(stage, "people") == hidden


@both_engines
def test_what_comes_back_and_what_was_missed_is_loaded(scene: Scenes) -> None:
    """A person restored by SalesLoft's support lives again, and a change that no poll has seen arrives."""
    stage = scene(people=250, emails=10)
    stage.sync("people")
    restored, changed = stage.world.ids("people")[:2]
    stage.warehouse.execute("update raw_salesloft.people set _deleted_at = now() where id = $1", [restored])
    stage.world.advance(60)
    stage.world.touch("people", [changed])
    assert swept(stage, "people").rows == 2
    assert_equals_truth(stage.warehouse, stage.world, "people")
    sources = stage.warehouse.query("select distinct _source from raw_salesloft.people order by 1")
    assert sources == [("poll",), ("sweep",)]


def test_what_a_sync_loads_meanwhile_is_not_marked(scene: Scenes) -> None:
    """Between the question and the mark a record may come back; what was loaded last knows better."""
    stage = scene(people=250, emails=10)
    stage.sync("people")
    first, second = gone = stage.world.ids("people")[:2]
    stage.world.delete("people", gone)

    def meanwhile(_: World, request: Request) -> None:
        if request.path.endswith(f"/{first}"):
            later = datetime.now(UTC) + timedelta(hours=1)
            stage.warehouse.execute(
                "update raw_salesloft.people set _synced_at = $1 where id = $2", [later, first]
            )

    stage.world.before_request = meanwhile
    swept(stage, "people")
    assert marked(stage, "people") == {second}


def test_an_action_off_its_list_is_closed_not_deleted(scene: Scenes) -> None:
    """/actions lists what is in progress; whatever their number, the others are done. Nothing to confirm."""
    stage = scene(people=200, emails=600)
    stage.sync("actions")
    before = set(stage.world.ids("actions"))
    stage.world.advance(3 * 86_400)
    done = before - set(stage.world.ids("actions"))
    assert done
    spent = stage.world.points_spent
    swept(stage, "actions")
    assert marked(stage, "actions", "_closed_at") == done
    assert marked(stage, "actions") == set()
    assert stage.world.points_spent - spent <= 2 + len(before) / 100 + 1


def test_what_hangs_on_a_deleted_record_goes_with_it(scene: Scenes) -> None:
    """The summary of a deleted conversation is marked like the conversation."""
    stage = scene(people=40, emails=120)
    stage.sync("conversations", "conversations_extensive")
    gone = stage.world.ids("conversations")[:2]
    stage.world.delete("conversations", gone)
    swept(stage, "conversations")
    assert marked(stage, "conversations") == marked(stage, "conversations_extensive") == set(gone)


def test_a_long_sweep_is_many_short_ones(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded runs go on where the last one stopped, and together mark what one would have marked."""
    monkeypatch.setattr(source, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(sweep, "BLOCK", 200)
    stage = scene(people=500, emails=10)
    stage.sync("people")
    gone = stage.world.ids("people")[100:120]
    stage.world.delete("people", gone)
    outcomes, asked = [], stage.asked("people")
    while not outcomes or outcomes[-1] == "partial":
        outcomes.append(swept(stage, "people", limits=Limits(seconds=0)).resources[0].outcome)
    assert outcomes == ["partial"] * 3 + ["done"]
    assert stage.asked("people") - asked == 5 + len(gone)
    assert marked(stage, "people") == set(gone)


def test_confirmations_that_failed_are_asked_again(scene: Scenes) -> None:
    """SalesLoft breaks down before it says 404: the next sweep goes on with just those, and asks for no list again."""
    stage = scene(people=250, emails=10)
    stage.sync("people")
    gone = stage.world.ids("people")[:3]
    stage.world.delete("people", gone)

    def broken(world: World, request: Request) -> None:
        if request.path.rsplit("/", 1)[-1].isdigit():
            world.fault("status", resource="people")

    stage.world.before_request = broken
    with pytest.raises(SyncFailed, match="500"):
        swept(stage, "people")
    assert marked(stage, "people") == set()
    stage.world.before_request = None
    stage.world.clear()
    asked = stage.asked("people")
    swept(stage, "people")
    assert marked(stage, "people") == set(gone)
    assert stage.asked("people") - asked == len(gone)


def test_a_list_that_takes_no_ids_is_an_error(scene: Scenes) -> None:
    """An ignored filter shows other records than those asked for: nothing may be concluded from that."""
    stage = scene(people=250, emails=10)
    stage.sync("people")
    stage.world.switch(ignore_filters=True)
    with pytest.raises(SyncFailed, match="does not take ids"):
        swept(stage, "people")
    assert marked(stage, "people") == set()


def test_a_half_done_sweep_is_known_by_its_log(scene: Scenes) -> None:
    """The log says sweep, so a sweep never passes for a fresh load; its staging tables are gone."""
    stage = scene()
    stage.sync("people")
    swept(stage, "people")
    kinds = stage.warehouse.query("select kind from ops.sync_log order by started_at")
    assert kinds == [("sync",), ("sweep",)]
    schemas = stage.warehouse.query(
        "select schema_name from information_schema.schemata where schema_name like '%sweep%'"
    )
    assert schemas == []


class Shelf:
    """Rows held in memory, as Held gives them."""

    def __init__(self, keys: Sequence[int], gone: set[int]) -> None:
        self._keys, self.gone = sorted(keys), set(gone)

    def count(self) -> int:
        return len(set(self._keys) - self.gone)

    def behind(self, key: int | None, rows: int) -> list[Known]:
        behind = [each for each in self._keys if key is None or each > key]
        return [Known(each, NOW, each in self.gone) for each in behind[:rows]]

    def mark(self, keys: Sequence[int], _: datetime) -> None:
        self.gone.update(keys)


@st.composite
def situations(draw: st.DrawFn) -> tuple[set[int], set[int], set[int], set[int]]:
    """What we hold, what of it is marked, what no list shows (a few, or many), and what of that GET still knows."""
    held = draw(st.sets(st.integers(0, 500)))
    some = (
        st.sets(st.sampled_from(sorted(held)), max_size=draw(st.sampled_from([4, 30, 500])))
        if held
        else st.just(set())
    )
    gone, unlisted = draw(some), draw(some)
    return held, gone, unlisted, {key for key in unlisted if draw(st.booleans())}


@given(situation=situations(), patience=st.integers(1, 400))
def test_never_a_living_record_and_never_too_many(
    situation: tuple[set[int], set[int], set[int], set[int]], patience: int
) -> None:
    """Whatever SalesLoft shows: marked is what neither list nor GET knows, or nothing new where too much is missing."""
    held, gone, unlisted, hidden = situation
    listed = held - unlisted
    there = {key: {"id": key, "updated_at": format_instant(NOW)} for key in listed | hidden}

    def get(path: str, params: Params) -> Reply:
        if "ids[]" in params:
            return Reply([there[int(key)] for key in params["ids[]"] if int(key) in listed], {})
        if (key := int(path.rsplit("/", 1)[-1])) in there:
            return Reply(there[key], {})
        raise NotFound("404")

    shelf, state, loaded = Shelf(list(held), gone), dict[str, Any](), set[int]()
    living = held - gone
    for _ in range(20):
        reader = Sweep(BY_NAME["people"], get, shelf)  # type: ignore[arg-type]
        for page in reader.read(state, lambda rows: rows >= patience):
            loaded.update(row["id"] for row in page)
        if reader.over:
            break
    assert reader.over
    missing = living - listed
    if len(missing) > max(FEW, len(living) * SHARE_AT_MOST) or len(missing) == len(living) > 1:
        assert reader.failure
        assert shelf.gone == gone
    else:
        assert reader.failure is None
        assert shelf.gone - gone == missing - hidden
    assert loaded <= (gone & listed) | (missing & hidden)
    assert all(at is None or at.tzinfo is UTC for at in (reader.cursor,))
