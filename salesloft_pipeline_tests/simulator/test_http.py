"""Over the wire: a thread of this process, and a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from salesloft_pipeline import simulator
from salesloft_pipeline.simulator import DEMO_KEY, LIMITS, World, running

from .conftest import make_world

KEY = {"authorization": f"Bearer {DEMO_KEY}"}


@pytest.fixture
def client(own_world: World) -> Iterator[httpx.Client]:
    """A client of a world that is being served."""
    with running(own_world) as url, httpx.Client(base_url=url, headers=KEY) as client:
        assert url.endswith("/v2")
        yield client


def test_a_client_gets_what_the_world_answers(own_world: World, client: httpx.Client) -> None:
    """Same body, same headers, brackets and all."""
    got = client.get(
        "/activities/emails.json", params={"updated_at[gte]": "2026-11-01T00:00:00+01:00", "per_page": 2}
    )
    assert got.json()["metadata"]["filtering"] == {"updated_at": {"gte": "2026-11-01T00:00:00+01:00"}}
    assert got.headers["content-type"].startswith("application/json")
    assert got.headers["x-ratelimit-endpoint-cost"] == "1"
    assert len(got.headers.get_list("date")) == 1
    assert own_world.log[-1].resource == "emails"


def test_a_connection_may_be_cut(own_world: World, client: httpx.Client) -> None:
    """`hang_up`: no answer at all; the next request is served."""
    own_world.fault("hang_up")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/people")
    assert client.get("/people").status_code == 200


def test_two_worlds_can_be_served_at_once() -> None:
    """Each on its own port."""
    with running(make_world(seed=1)) as one, running(make_world(seed=2)) as two:
        assert one != two
        assert (
            httpx.get(f"{one}/people", headers=KEY).json() != httpx.get(f"{two}/people", headers=KEY).json()
        )


def test_the_world_can_be_run_from_outside(own_world: World, client: httpx.Client) -> None:
    """Health, stats, truth, and every change, without a key and without points."""
    control = str(client.base_url).removesuffix("/v2/") + "/_simulator"
    assert httpx.get(f"{control}/health").json()["ok"]
    lines = httpx.get(f"{control}/truth/activities/emails").text.splitlines()
    assert len(lines) == 1_200
    ids = own_world.ids("people")[:2]

    def post(action: str, **body: object) -> dict[str, object]:
        got = httpx.post(f"{control}/{action}", json=body)
        assert got.status_code == 200, got.text
        return dict(got.json())

    before = own_world.now
    post("advance", seconds=60)
    assert (own_world.now - before).total_seconds() == 60
    assert post("touch", resource="people", ids=ids) == {"touched": 2}
    assert post("stamp", resource="people", ids=ids, instant="2026-11-02T15:00:00Z") == {"stamped": 2}
    assert post("delete", resource="people", ids=ids) == {"deleted": 2}
    assert post("switches", retry_after=True)["retry_after"] is True
    assert len(post("add", resource="people", count=3)["ids"]) == 3  # type: ignore[arg-type]
    post("fault", kind="status", status=503)
    assert client.get("/people").status_code == 503
    assert [each["status"] for each in httpx.get(f"{control}/log").json()] == [503]
    stats = httpx.get(f"{control}/stats").json()
    assert (stats["requests"], stats["points"]) == (1, 1)
    assert stats["sizes"]["people"] == 151


def test_wrong_orders_from_outside_are_explained(client: httpx.Client) -> None:
    """400 with the reason."""
    control = str(client.base_url).removesuffix("/v2/") + "/_simulator"
    for action, body in (
        ("touch", {"resource": "persons", "ids": []}),
        ("switches", {"x": 1}),
        ("advance", {}),
    ):
        got = httpx.post(f"{control}/{action}", json=body)
        assert got.status_code == 400
        assert got.json()["error"]


def test_it_runs_as_a_process_and_says_where() -> None:
    """`python -m salesloft_pipeline.simulator --port 0` prints its URL, key, sizes and limits."""
    sizes = ["--people", "20", "--emails", "100", "--days", "10", "--seed", "3", "--port", "0"]
    command = [sys.executable, "-m", "salesloft_pipeline.simulator", *sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = ""
        while "listening on " not in said and (line := process.stdout.readline()):
            said += line
        url = said.split("listening on ")[1].strip()
        assert len(httpx.get(f"{url}/people", headers=KEY).json()["data"]) == 20
        process.terminate()
        process.wait(timeout=10)
    assert DEMO_KEY in said
    assert LIMITS in said


def test_the_limits_are_written_where_a_reader_looks() -> None:
    """The package's own description carries the same list."""
    assert LIMITS in (simulator.__doc__ or "")
