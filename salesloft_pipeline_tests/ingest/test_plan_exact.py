"""What a plan says of each kind of list, worked by hand: rows and points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from salesloft_pipeline.ingest import plan as planning
from salesloft_pipeline.ingest.plan import Forecast, Plan, plan
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.protocol import format_instant, parse_instant
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import Scene

BEFORE = datetime(2026, 11, 20, tzinfo=UTC)


class Account:
    """A SalesLoft that holds so many records by collection; what has no number is forbidden, None is not counted."""

    def __init__(self, **records: int | None) -> None:
        self.records = {BY_NAME[name].path: number for name, number in records.items()}
        self.asked: list[httpx.Request] = []
        http = httpx.Client(
            transport=httpx.MockTransport(self._answer), base_url="http://salesloft.test", auth=ApiKey("key")
        )
        self.client = SalesloftClient(http, Budget(600, 0.5))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path not in self.records:
            return httpx.Response(403, json={"error": "no"})
        number, asked = self.records[request.url.path], request.url.params
        since, until = asked.get("updated_at[gte]"), asked.get("updated_at[lte]")
        counted = number if asked.get("include_paging_counts") else None
        metadata = {
            "paging": {"total_count": counted},
            "filtering": {"updated_at": {"gte": since, "lte": until}},
        }
        return httpx.Response(
            200, json={"data": [{}] * (3 if number is None else number), "metadata": metadata}
        )

    def plan(self, tmp_path: Path, *names: str, **more: Any) -> Plan:
        warehouse = Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb")
        return plan(self.client, warehouse, [BY_NAME[name] for name in names], **more)


def known(monkeypatch: pytest.MonkeyPatch, states: Mapping[str, Any]) -> None:
    """What the last sync wrote down."""
    monkeypatch.setattr(planning, "_states", lambda _: states)


@pytest.mark.parametrize(
    ("name", "records", "rows", "points", "note"),
    [
        # The newest hundred; then one slice, of which each page asks for a record again; then what changed meanwhile.
        ("emails", 0, 0, 1, "first sync"),
        ("emails", 100, 100, 1, "first sync"),
        ("emails", 101, 101, 1 + 1 + 1, "first sync"),
        ("emails", 250, 250, 1 + 2 + 1, "first sync"),
        ("emails", 1_100, 1_100, 1 + 11 + 1, "first sync"),
        # From two slices on the oldest instant is asked for, and a slice ends with half a page.
        ("emails", 2_099, 2_099, 1 + 21 + 1, "first sync"),
        ("emails", 2_100, 2_100, 1 + 1 + 22 + 1, "first sync"),
        ("custom_fields", 0, 0, 1, ""),
        ("custom_fields", 100, 100, 1, ""),
        ("custom_fields", 101, 101, 2, ""),
        ("custom_fields", 10_001, 10_001, 100 + 3, ""),
        ("groups", None, 3, 1, ""),
        ("bulk_jobs", 99, 99, 2, ""),
        ("bulk_jobs", 100, 100, 2, "at least: the list does not count"),
    ],
)
def test_a_first_sync_of_a_list(
    tmp_path: Path, name: str, records: int | None, rows: int, points: int, note: str
) -> None:
    """Every kind of list by how much it holds; the plan itself takes one point."""
    planned = Account(**{name: records}).plan(tmp_path, name)
    assert planned.forecasts == (Forecast(name, rows, points, note),)
    assert (planned.points, planned.asked, planned.points_per_minute) == (points + 1, 1, 300)
    assert planned.minutes == (points + 1) / 300


@pytest.mark.parametrize(
    ("changed", "state", "forecast"),
    [
        (0, {}, Forecast("emails", 0, 1)),
        (100, {"pending": [], "rows_left": 5}, Forecast("emails", 100, 1)),
        (150, {"pending": []}, Forecast("emails", 150, 2)),
        (199, {"pending": []}, Forecast("emails", 199, 2)),
        (200, {"pending": []}, Forecast("emails", 200, 3)),
        (
            150,
            {"pending": [{}, {}], "rows_left": 1_990},
            Forecast("emails", 2_140, 2 + 22 + 1, "1,990 rows of the past are left"),
        ),
        (
            0,
            {"pending": [{}], "rows_left": 199},
            Forecast("emails", 199, 1 + 3 + 1, "199 rows of the past are left"),
        ),
        (
            7,
            {"pending": [{}], "rows_left": None},
            Forecast("emails", 7, 1 + 1 + 1, "0 rows of the past are left"),
        ),
    ],
)
def test_what_is_left_and_what_changed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: int,
    state: dict[str, Any],
    forecast: Forecast,
) -> None:
    """From a little before the cursor, and of the past by its slices; `full` counts all, from `start` on."""
    known(monkeypatch, {"emails": {"cursor": format_instant(BEFORE), **state}})
    account = Account(emails=changed)
    assert account.plan(tmp_path, "emails").forecasts == (forecast,)
    whole = account.plan(tmp_path, "emails", full=True, start=BEFORE - timedelta(days=9)).forecasts
    assert whole[0].note == "first sync"
    since = [parse_instant(each.url.params["updated_at[gte]"]) for each in account.asked]
    assert since == [BEFORE - timedelta(minutes=5), BEFORE - timedelta(days=9)]


def test_a_descending_list_that_is_known_costs_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked for it; how many have changed nobody knows. A snapshot is read whole each time."""
    cursor = {"cursor": format_instant(BEFORE)}
    known(monkeypatch, {"custom_fields": cursor, "tags": cursor})
    account = Account(tags=201)
    planned = account.plan(tmp_path, "custom_fields", "tags")
    assert planned.forecasts == (Forecast("custom_fields", None, 1), Forecast("tags", 201, 3))
    assert planned.asked == 1
    (asked,) = account.asked
    assert (asked.url.params["page"], asked.url.params["per_page"]) == ("1", "1")


def test_what_the_last_sync_wrote_down_is_found(scene: Callable[..., Scene]) -> None:
    """In the warehouse; reading it changes nothing."""
    stage = scene()
    stage.sync("custom_fields")
    for _ in range(2):
        planned = plan(stage.client(), stage.warehouse, [BY_NAME["custom_fields"]])
        assert planned.forecasts == (Forecast("custom_fields", None, 1),)


def test_what_hangs_on_a_parent_costs_a_point_for_each(tmp_path: Path) -> None:
    """In the order that was asked for; nothing where its parent is not read, or nobody knows how many changed."""
    account = Account(cadences=7)
    note = "at least: a point for each of cadences that changed"
    both = account.plan(tmp_path, "cadence_stats", "cadences").forecasts
    assert both == (Forecast("cadence_stats", None, 7, note), Forecast("cadences", 7, 1, "first sync"))
    assert Account(cadences=0).plan(tmp_path, "cadences", "cadence_stats").forecasts[1].points == 0
    assert account.plan(tmp_path, "cadence_stats").forecasts == (Forecast("cadence_stats", None, 0, note),)


def test_a_refusal_and_the_plan_as_json(tmp_path: Path) -> None:
    """What the key may not read costs the sync a point; minutes are rounded to a tenth."""
    planned = Account(tags=1).plan(tmp_path, "emails", "tags")
    assert planned.as_dict() == {
        "points": 3,
        "minutes": 0.0,
        "points_per_minute": 300,
        "points_asked": 2,
        "resources": [
            {
                "resource": "emails",
                "rows": 0,
                "points": 1,
                "note": "the key may not read it: it needs emails:read",
            },
            {"resource": "tags", "rows": 1, "points": 1, "note": ""},
        ],
    }
    assert Plan((), 600, 0).points == 1
    assert Plan((Forecast("a", 1, 99),), 300, 0).as_dict()["minutes"] == 0.3
