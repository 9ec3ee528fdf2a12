"""Counts of closed days against SalesLoft's: a difference names its day, and is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from salesloft_pipeline.ingest.reconcile import closed_days, compare, mend
from salesloft_pipeline.salesloft import counts
from salesloft_pipeline.salesloft.endpoints import BY_NAME, COUNTED
from salesloft_pipeline.salesloft.protocol import Params, Reply, parse_instant
from salesloft_pipeline_tests.conftest import NOW, Scene, both_engines

Scenes = Callable[..., Scene]
EMAILS = BY_NAME["emails"]
DAYS = closed_days(NOW)


def differences(stage: Scene, name: str = "emails") -> dict[date, int]:
    """The days whose counts differ, and by how much."""
    found = compare(stage.client(), stage.warehouse, BY_NAME[name], DAYS)
    return {count.day: count.difference for count in found if count.difference}


def busiest(stage: Scene) -> date:
    days = Counter(parse_instant(e["sent_at"]).date() for e in stage.world.truth("emails") if e["sent_at"])
    return max(DAYS, key=lambda day: days[day])


def test_a_complete_warehouse_agrees(scene: Scenes) -> None:
    """All lists with a date, every day, a point each."""
    stage = scene(people=300, emails=900)
    stage.sync(*(endpoint.name for endpoint in COUNTED))
    assert {endpoint.name for endpoint in COUNTED} == {"emails", "calls", "call_data_records", "meetings"}
    for endpoint in COUNTED:
        spent = stage.world.points_spent
        assert differences(stage, endpoint.name) == {}
        assert stage.world.points_spent - spent == len(DAYS)
    ours = compare(stage.client(), stage.warehouse, EMAILS, DAYS)
    assert sum(count.ours for count in ours) > 20


@both_engines
def test_lost_rows_name_their_days_and_come_back(scene: Scenes) -> None:
    """Rows that went missing here are read again, for those days alone, be they side by side or apart."""
    stage = scene(emails=900)
    stage.sync("emails")
    days = [DAYS[0], DAYS[1], busiest(stage)]
    lost = "delete from raw_salesloft.emails where cast(sent_at as date) = any($1)"
    stage.warehouse.execute(lost, [days])
    assert differences(stage).keys() <= set(days)
    assert busiest(stage) in differences(stage)
    asked = stage.asked("emails")
    assert all(count.difference == 0 for count in mend(stage.client(), stage.warehouse, EMAILS, days))
    assert stage.asked("emails") - asked < 20
    assert differences(stage) == {}


def test_rows_that_salesloft_lost_are_swept(scene: Scenes) -> None:
    """More here than there: those of the day are asked for by name, and marked."""
    stage = scene(emails=2_500)
    stage.sync("emails")
    day = busiest(stage)
    sent = [
        e["id"]
        for e in stage.world.truth("emails")
        if e["sent_at"] and parse_instant(e["sent_at"]).date() == day
    ]
    stage.world.delete("emails", sent[:3])
    assert differences(stage) == {day: -3}
    mend(stage.client(), stage.warehouse, EMAILS, [day])
    assert differences(stage) == {}
    marked = stage.warehouse.query(
        "select id from raw_salesloft.emails where _deleted_at is not null order by id"
    )
    assert marked == [(key,) for key in sorted(sent[:3])]


@given(instants=st.lists(st.integers(0, 86_399), max_size=200), cap=st.integers(1, 20))
def test_a_capped_count_is_split_until_it_is_whole(instants: list[int], cap: int) -> None:
    """A list that never counts beyond its cap is counted in parts; many records of one instant stay capped."""
    assert closed_days(NOW)[-1] == date(2026, 11, 22)

    def fetch(params: Params) -> Reply:
        since, until = (parse_instant(str(params[f"sent_at[{end}]"])) for end in ("gte", "lte"))
        found = sum(since.timestamp() <= NOW.timestamp() + each <= until.timestamp() for each in instants)
        return Reply([], {"paging": {"total_count": min(found, cap)}})

    begin, end = NOW, NOW + timedelta(days=1)
    most = max(Counter(instants).values(), default=0)
    with mock.patch.object(counts, "CAP", cap):
        total = counts.counted(fetch, "sent_at", begin, end)
    assert total == len(instants) if most < cap else total <= len(instants)
