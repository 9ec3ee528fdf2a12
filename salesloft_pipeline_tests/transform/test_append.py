"""Tables that outlive a build: a day's rows are written once, by the first build of the day, and never changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from salesloft_pipeline.transform import MARTS, BuildError, build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.postgres import Server
from salesloft_pipeline_tests.transform.rows import NEW_YORK, action, at, built, email, fill, task
from salesloft_pipeline_tests.transform.test_grants import may_read, role

BACKLOG = "select * from mart.fct_backlog_daily order by 1, 2, 3, 4"
REPORTED = (
    "select report_date, engagement_date, emails_sent, emails_replied from mart.daily_engagement_reported "
    "order by 1, 3"
)
MARCH_3, MARCH_4, MARCH_5 = (date(2026, 3, day) for day in (3, 4, 5))


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return warehouse.query(query)


def test_the_backlog_of_a_day(warehouse: Warehouse) -> None:
    """Open actions by user, cadence and kind: due until the day, overdue before it; overdue tasks beside them."""
    built(
        warehouse,
        action(1, "03-05 00:00"),
        action(2, "03-04 00:00"),
        # Four in the morning in UTC is the evening before in New York.
        action(3, "03-03 04:00"),
        action(4, "03-06 00:00"),
        action(5, "03-01 00:00", closed_at="03-02 00:00"),
        action(6, "03-01 00:00", deleted_at="03-02 00:00"),
        action(7, "03-01 00:00", kind="phone", user=8, cadence=None),
        action(8, None, kind="other", due=True),
        action(9, "03-05 00:00", user=None),
        task(1, "2026-03-04", kind="general"),
        task(2, "2026-03-05"),
        task(3, "2026-03-01", completed_at="03-04 12:00"),
        task(4, "2026-03-01", state="completed"),
        task(5, "2026-03-01", deleted_at="03-02 00:00"),
        task(6, due_at="03-03 12:00", user=8, kind="call"),
        as_of="03-05 12:00",
    )
    assert rows(warehouse, BACKLOG) == [
        (MARCH_5, -1, 10, "email", 1, 0, 0, None),
        (MARCH_5, 7, -1, "other", 0, 0, 1, 1),
        (MARCH_5, 7, 10, "email", 3, 2, 0, 3),
        (MARCH_5, 7, 10, "other", 1, 0, 0, None),
        (MARCH_5, 8, -1, "phone", 1, 1, 1, 4),
    ]


def test_the_first_build_of_a_day_has_the_last_word(warehouse: Warehouse) -> None:
    """A second build on the day changes nothing, however the data changed; the next day adds its own rows."""
    built(warehouse, action(1, "03-03 00:00"), email(1, "03-02 15:00"), as_of="03-03 15:00")
    first = rows(warehouse, BACKLOG), rows(warehouse, REPORTED)
    assert first == (
        [(MARCH_3, 7, 10, "email", 1, 0, 0, None)],
        [(MARCH_3, date(2026, 3, 2), 1, 0)],
    )
    changed = [action(1, "03-03 00:00", closed_at="03-03 16:00"), action(2, "03-02 00:00", user=8)]
    late = [email(1, "03-02 15:00", replies=1), email(2, "03-02 16:00", user=8)]
    built(warehouse, *changed, *late, as_of="03-03 20:00")
    assert (rows(warehouse, BACKLOG), rows(warehouse, REPORTED)) == first
    built(warehouse, email(3, "03-03 15:00"), as_of="03-04 15:00")
    assert rows(warehouse, BACKLOG) == [*first[0], (MARCH_4, 8, 10, "email", 1, 1, 0, 2)]
    assert rows(warehouse, REPORTED) == [*first[1], (MARCH_4, MARCH_3, 1, 0)]


@pytest.mark.parametrize("engine", ["postgres"])
def test_two_builds_at_once_write_a_day_once(warehouse: Warehouse) -> None:
    """They take turns: the second finds the day written."""
    fill(warehouse, action(1, "03-03 00:00"))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: build(warehouse, at("03-03 15:00"), NEW_YORK), range(2)))
    assert rows(warehouse, BACKLOG) == [(MARCH_3, 7, 10, "email", 1, 0, 0, None)]


def test_a_day_without_rows_is_told_too(warehouse: Warehouse) -> None:
    """Nothing is added later to a day whose first build found nothing, nor to a day gone by."""
    built(warehouse, as_of="03-04 15:00")
    built(warehouse, action(1, "03-01 00:00"), as_of="03-04 16:00")
    built(warehouse, as_of="03-03 16:00")
    assert rows(warehouse, BACKLOG) == []
    built(warehouse, as_of="03-05 16:00")
    assert [row[0] for row in rows(warehouse, BACKLOG)] == [MARCH_5]


def test_a_day_begins_in_the_reporting_zone(warehouse: Warehouse) -> None:
    """Four in the morning in UTC is still the day before in New York."""
    built(warehouse, action(1, "03-01 00:00"), as_of="03-04 04:00")
    assert [row[0] for row in rows(warehouse, BACKLOG)] == [MARCH_3]


def test_a_failed_build_has_told_nothing(warehouse: Warehouse) -> None:
    """What it would have added is added by the next build of the day."""
    broken = tuple(
        replace(mart, sql="select cast('x' as integer) as n") if mart.name == "dim_user" else mart
        for mart in MARTS
    )
    fill(warehouse, action(1, "03-01 00:00"))
    with pytest.raises(BuildError):
        build(warehouse, at("03-04 15:00"), NEW_YORK, marts=broken)
    built(warehouse, as_of="03-04 16:00")
    assert [row[0] for row in rows(warehouse, BACKLOG)] == [MARCH_4]


def test_a_column_that_came_later_is_added(warehouse: Warehouse) -> None:
    """A new metric joins the table; the days before have none."""
    built(warehouse, email(1, "03-02 15:00"), as_of="03-03 15:00")
    warehouse.execute("alter table mart.daily_engagement_reported drop column emails_replied")
    built(warehouse, email(2, "03-03 15:00", replies=1, updated_at="03-03 16:00"), as_of="03-04 15:00")
    assert rows(warehouse, REPORTED) == [
        (MARCH_3, date(2026, 3, 2), 1, None),
        (MARCH_4, MARCH_3, 1, 1),
    ]


def test_the_build_id_is_of_today_alone(warehouse: Warehouse) -> None:
    """The same raw data has the same id, whatever the days before left in the tables that grow."""
    built(warehouse, action(1, "03-01 00:00"), as_of="03-03 15:00")
    second = built(warehouse, as_of="03-04 15:00")
    warehouse.execute("drop schema mart cascade")
    assert build(warehouse, at("03-04 15:00"), NEW_YORK).build_id == second.build_id


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_their_grants_stay(warehouse: Warehouse, postgres_server: Server) -> None:
    """They are never dropped, so whoever may read them goes on reading."""
    built(warehouse, action(1, "03-01 00:00"), as_of="03-03 15:00")
    with role(postgres_server, warehouse, f"backlog_tester_{uuid4().hex}") as tester:
        warehouse.execute(f"grant usage on schema mart to {tester}")
        warehouse.execute(f"grant select on mart.fct_backlog_daily to {tester}")
        built(warehouse, as_of="03-04 15:00")
        assert may_read(warehouse, tester, "mart.fct_backlog_daily")
    assert rows(warehouse, "select count(*) from mart.fct_backlog_daily") == [(2,)]
