"""Traces: a sync and a build of the mart as trees of spans, at a collector that speaks OTLP; of nobody a word."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import Scene

ADDRESS = "planted.person@example.com"
NAMING = ("email_address", "last_name", "phone")
# A process of its own, because each looks for an endpoint once. One request fails, in words that repeat its query.
WORK = f"""
import json
import sys
from datetime import UTC, datetime
from salesloft_pipeline import connections
from salesloft_pipeline.ingest.pipeline import sync
from salesloft_pipeline.ingest.webhook_events import ingest
from salesloft_pipeline.landing import Arrival
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.errors import Refused
from salesloft_pipeline.settings import load_settings
from salesloft_pipeline.transform import build

found = load_settings()
client, warehouse = connections.salesloft(found), connections.warehouse(found)
report = sync(client, warehouse, endpoints=[BY_NAME["users"], BY_NAME["people"]])
client.get("/people", {{"email_addresses[]": "{ADDRESS}"}})
for path in ("/people/{ADDRESS}", "/people/4711001"):
    try:
        client.get(path)
    except Refused:
        pass
landing = connections.landing(found)
told = {{"id": 4711001, "email_address": "{ADDRESS}", "updated_at": "2026-01-01T00:00:00Z"}}
landing.land([Arrival("person_deleted", json.dumps(told).encode(), datetime.now(UTC), "main", frozenset())])
ingest(client, warehouse, landing)
build(warehouse, datetime.now(UTC), "UTC")
print(report.run_id, report.resources[1].tally.points, report.resources[1].tally.rows)
print([name for name in sys.modules if name.partition(".")[0] == "opentelemetry"])
"""

NO_WORK = """
import sys
{before}
from salesloft_pipeline.tracing import current, span
with span("outer", resource="people") as outer, span("inner"), current().below("part") as part, part.inside():
    outer.tell(rows=1)
print("done", [name for name, module in sys.modules.items() if name.startswith("opentelemetry") and module])
"""


class Collector:
    """What was sent to `url`, as bytes and as spans."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def service(self) -> dict[str, str]:
        resource, *_ = ExportTraceServiceRequest.FromString(self.bodies[0]).resource_spans
        return {each.key: each.value.string_value for each in resource.resource.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    """One that takes all that it is sent."""

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            taken.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        taken = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield taken
        server.shutdown()
        thread.join()


@pytest.fixture
def team(scene: Callable[..., Scene]) -> Scene:
    """A small team whose users' list fails once."""
    staged = scene(people=60, emails=20, days=20)
    staged.world.fault("status", times=1, resource="users", status=503)
    return staged


def work(team: Scene, folder: Path, **environment: str) -> list[str]:
    """The lines that the work of a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WORK],
        cwd=folder,
        env=team.environment(folder, **environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def told(span: Span) -> dict[str, Any]:
    """The attributes of a span."""
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


def test_a_sync_and_a_build_are_trees_of_spans(team: Scene, collector: Collector, tmp_path: Path) -> None:
    """Run, round, resource, request; webhooks; mart, table: with counts, ids and status; of no person, of no key a word."""
    line, modules = work(team, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert modules != "[]"
    assert collector.service["service.name"] == "salesloft-pipeline"
    spans = {span.span_id: span for span in collector.spans}

    def way(span: Span) -> str:
        above = spans.get(span.parent_span_id)
        return f"{way(above)} > {span.name}" if above else span.name

    ways = {way(span): span for span in spans.values()}
    run_id, points, rows = line.split()
    run, reading = told(ways["sync"]), told(ways["sync > round > read people"])
    assert (run["salesloft.run_id"], run["salesloft.kind"]) == (run_id, "sync")
    assert (reading["salesloft.points"], reading["salesloft.rows"]) == (int(points), int(rows))
    asked = [span for span in spans.values() if way(span) == "sync > round > read users > GET /users"]
    assert [told(span)["http.response.status_code"] for span in asked][:2] == [503, 200]
    assert asked[0].status.code == Status.STATUS_CODE_ERROR
    assert asked[0].status.message == "ServerFailed"
    assert len({told(span)["salesloft.request_id"] for span in asked[:2]}) == 1
    assert told(asked[1])["salesloft.points"] == 1
    assert told(ways["ingest webhooks"])["salesloft.events"] == 1
    ((people,),) = team.warehouse.query("select count(*) from mart.dim_person")
    assert told(ways["build the mart > make dim_person"])["salesloft.rows"] == people
    assert len({span.trace_id for name, span in ways.items() if name.startswith("sync")}) == 1
    assert {"GET /people", "GET /people/{id}"} <= ways.keys()
    sent = b"".join(collector.bodies).decode(errors="replace")
    names = {str(person[field]) for person in team.world.truth("people") for field in NAMING if person[field]}
    assert not [word for word in {*names, "planted", ADDRESS, DEMO_KEY, "4711001"} if word in sent]


@pytest.mark.parametrize(
    ("endpoint", "before", "warned"),
    [("", "", False), ("http://127.0.0.1:9", "sys.modules['opentelemetry'] = None", True)],
    ids=["no endpoint", "not installed"],
)
def test_work_goes_on_without_traces(tmp_path: Path, endpoint: str, before: str, warned: bool) -> None:
    """Who asks for none pays for none, not even an import; who lacks the extra is told so once."""
    done = subprocess.run(
        [sys.executable, "-c", NO_WORK.format(before=before)],
        cwd=tmp_path,
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["done", "[]"]
    assert done.stderr.count("pip install 'salesloft-pipeline[otel]'") == warned
