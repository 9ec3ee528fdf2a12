"""Real, redacted records load through the same path as live data, and every field is found again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from salesloft_pipeline.ingest.columns import columns_of
from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.salesloft.auth import ApiKey
from salesloft_pipeline.salesloft.budget import Budget
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS, Endpoint
from salesloft_pipeline.salesloft.protocol import parse_instant
from salesloft_pipeline.warehouse import Warehouse

SAMPLES = Path(__file__).parents[3] / "shared" / "salesloft" / "samples"
pytestmark = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the recorded samples are not beside this checkout"
)

BY_PATH = {endpoint.path.strip("/"): endpoint for endpoint in ENDPOINTS}
# File of a recorded answer -> the list it came from.
ANSWERS = {
    "amp_custom-fields-page1.json": "custom_fields",
    "amp_custom-fields-page2.json": "custom_fields",
    "amp_get-records-accounts.json": "accounts",
    "amp_get-records-people.json": "people",
    "amp_read-list-accounts.json": "accounts",
    "amp_write-create-account.json": "accounts",
}
# A delivery's body is the record itself; the event names it.
DELIVERIES = {"task_updated": "tasks", "account_deleted": "accounts"}


def recorded() -> dict[str, list[dict[str, Any]]]:
    """All recorded records by path; of a record that was recorded twice, each recording."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (SAMPLES / "airbyte_sandbox_records_redacted.jsonl").read_text().splitlines():
        sample = json.loads(line)
        found[sample["resource"]].append(sample["data"])
    for name, path in ANSWERS.items():
        data = json.loads((SAMPLES / name).read_text())["data"]
        found[path] += data if isinstance(data, list) else [data]
    for delivery in json.loads((SAMPLES / "webhook_payloads.json").read_text()):
        found[DELIVERIES[delivery["headers"]["x-salesloft-event"]]].append(delivery["body"])
    return found


def serving(records: dict[str, list[dict[str, Any]]]) -> SalesloftClient:
    """A SalesLoft that answers each list with the given records on one page."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/me":
            return httpx.Response(200, json={"data": {"id": 1, "team": {"id": 2}}})
        rows = sorted(
            records.get(request.url.path.strip("/"), []),
            key=lambda row: parse_instant(row["updated_at"]),
            reverse=request.url.params.get("sort_direction") == "DESC",
        )
        return httpx.Response(200, json={"data": rows, **echo(request)})

    http = httpx.Client(
        transport=httpx.MockTransport(respond), base_url="http://salesloft.test", auth=ApiKey("x" * 32)
    )
    return SalesloftClient(http, Budget())


def echo(request: httpx.Request) -> dict[str, Any]:
    asked = request.url.params
    ranges = [(name.rstrip("]").split("["), value) for name, value in asked.items() if "[" in name]
    filtering = {field: {operator: value} for (field, operator), value in ranges}
    return {"metadata": {"filtering": filtering, "paging": {"next_page": None}}}


def test_every_recording_is_of_a_collection_that_is_read() -> None:
    """Nothing is left out of the tests below unnoticed."""
    assert set(recorded()) <= set(BY_PATH)


def test_every_recorded_field_is_found_again(tmp_path: Path) -> None:
    """No quarantine; each value stands in its typed column, or in `_extra`."""
    warehouse = Warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb")
    for records in generations():
        sync(serving(records), warehouse, full=True)
        assert warehouse.query("select resource, reason from ops.quarantine") == []
        for path, rows in records.items():
            for record in rows:
                row = loaded(warehouse, BY_PATH[path], record["id"])
                for name, value in record.items():
                    assert_found(BY_PATH[path], row, name, value)


def generations() -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The recordings, so that none holds a record twice: the first of each record, then the second ..."""
    left = recorded()
    while left:
        first = {
            path: list({row["id"]: row for row in reversed(rows)}.values()) for path, rows in left.items()
        }
        yield {path: [dated(row) for row in rows] for path, rows in first.items()}
        left = {
            path: rest for path, rows in left.items() if (rest := [r for r in rows if r not in first[path]])
        }


def dated(record: dict[str, Any]) -> dict[str, Any]:
    """Some recordings asked for a few fields only; a live answer always has updated_at."""
    return {"updated_at": "2026-01-01T00:00:00Z", **record}


def loaded(warehouse: Warehouse, endpoint: Endpoint, key: Any) -> dict[str, Any]:
    frame = warehouse.frame(f"select * from raw_salesloft.{endpoint.name} where id = $1", [key])
    assert len(frame) == 1
    return dict(frame.astype(object).where(frame.notna(), None).iloc[0])


def assert_found(endpoint: Endpoint, row: dict[str, Any], name: str, value: Any) -> None:
    """A field of a record, or each part of a nested one, has its value in the row."""
    typed = {column.path: column for column in columns_of(endpoint.record)}
    if (name,) in typed:
        assert same(row[typed[name,].name], value), name
    elif value is None:
        return
    elif any(path[0] == name for path in typed):
        for part in set(value) - {"_href"}:
            assert same(row[typed[name, part].name], value[part]), (name, part)
    else:
        assert json.loads(row["_extra"])[name] == value


def same(found: Any, sent: Any) -> bool:
    if found is None or sent is None or isinstance(sent, bool | int | float):
        return bool(found == sent)
    if isinstance(sent, list | dict):
        return bool(json.loads(found) == sent)
    if hasattr(found, "isoformat"):
        moment = type(found)(sent)
        return bool(moment == found) if found.tzinfo else str(found)[:10] == sent
    return str(found) == sent
