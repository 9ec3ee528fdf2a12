"""A landing that is full, locked, absent or frozen: 503 and another try, never a false 200, and well again by itself."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from salesloft_pipeline.landing import Arrival, Landing
from salesloft_pipeline.receiver import writer
from salesloft_pipeline.receiver.config import Limits
from salesloft_pipeline_tests.receiver.load import at_once
from salesloft_pipeline_tests.receiver.proxy import before
from salesloft_pipeline_tests.receiver.stand import Stand, serving, until

HASTY = Limits(commit_seconds=0.3)
BODIES = [b'{"id": %d}' % number for number in range(8)]


def deliver_all(stand: Stand) -> Counter[int]:
    """Status of every body, sent at the same time."""
    statuses: Counter[int] = Counter()

    def deliver(number: int) -> None:
        statuses[stand.deliver(BODIES[number]).status] += 1

    with at_once(deliver, len(BODIES)):
        pass
    return statuses


def land_in_the_end(stand: Stand, body: bytes) -> None:
    """Send it until the answer is 200, as SalesLoft does, only sooner."""
    until(lambda: stand.deliver(body).status == 200)


def problems(stand: Stand) -> list[str]:
    """What /health says; its status says the same."""
    answer = stand.get("/health")
    found: list[str] = json.loads(answer.body)["problems"]
    assert answer.status == (503 if found else 200)
    return found


def wait_for_problems(stand: Stand, expected: list[str]) -> None:
    """Ask /health until it says this."""
    until(lambda: problems(stand) == expected)


def wait_for_rows(stand: Stand, count: int) -> None:
    """Until so many deliveries wait for their commit."""
    until(lambda: f"waiting_rows {count}.0".encode() in stand.get("/metrics").body)


def test_a_locked_file_is_503_until_it_is_free(tmp_path: Path) -> None:
    """Somebody else writes for longer than we may wait: ask again later, and then it lands."""
    with serving(Landing(f"sqlite:///{tmp_path}/landing.sqlite"), limits=HASTY) as stand:
        land_in_the_end(stand, b"first")
        other = sqlite3.connect(tmp_path / "landing.sqlite", isolation_level=None)
        other.execute("begin immediate")
        refused = stand.deliver(BODIES[0])
        assert (refused.status, refused.body, refused.headers["retry-after"]) == (
            503,
            b"commit_too_slow\n",
            "15",
        )
        wait_for_problems(stand, ["a commit takes too long"])
        assert stand.get("/health/live").status == 200
        other.execute("rollback")
        land_in_the_end(stand, BODIES[0])
        assert sorted(row.body for row in stand.rows()) == sorted([b"first", BODIES[0]])
        wait_for_problems(stand, [])


def test_a_full_disk_is_503_until_there_is_room(tmp_path: Path) -> None:
    """SQLite's own "full" error: nothing that was answered 200 is missing, and no restart is needed."""
    landing = Landing(f"sqlite:///{tmp_path}/landing.sqlite")
    pages = [12]

    @event.listens_for(landing._engine, "begin")
    def limit(connection: object) -> None:
        connection.exec_driver_sql(f"pragma max_page_count = {pages[0]}")  # type: ignore[attr-defined]

    with serving(landing) as stand:
        answers = {number: stand.deliver(b"%d" % number + b"x" * 3_000).status for number in range(20)}
        assert set(answers.values()) == {200, 503}
        assert {int(row.body.split(b"x")[0]) for row in stand.rows()} == {
            n for n, s in answers.items() if s == 200
        }
        assert "full" in problems(stand)[0]
        pages[0] = 10_000
        assert stand.deliver(b"room again").status == 200
        wait_for_problems(stand, [])


def test_a_landing_that_cannot_be_made_yet(tmp_path: Path) -> None:
    """The volume is not mounted, say: the receiver starts all the same, and lands as soon as it can."""
    volume = tmp_path / "volume"
    volume.write_text("a file is in the place of the folder")
    with serving(Landing(f"sqlite:///{volume}/landing.sqlite")) as stand:
        assert stand.deliver(BODIES[0]).status == 503
        assert "LANDING_URL" in problems(stand)[0]
        volume.unlink()
        assert stand.deliver(BODIES[0]).body == b"accepted\n"


def test_health_warns_before_the_disk_is_full(tmp_path: Path) -> None:
    """While deliveries still land."""
    landing = Landing(f"sqlite:///{tmp_path}/landing.sqlite")
    with serving(landing, limits=Limits(free_bytes=1 << 62)) as stand:
        assert stand.deliver(BODIES[0]).status == 200
        assert problems(stand) == ["the disk of the landing is nearly full"]


def test_postgres_absent_gone_and_back(postgres_url: str) -> None:
    """Absent at the start, there, gone, there: 503 or 200 each time, and every 200 has its row."""
    with before(postgres_url) as proxy, serving(Landing(proxy.url)) as stand:
        for _ in range(2):
            absent = stand.deliver(b"while it is away")
            assert (absent.status, absent.body, absent.headers["retry-after"]) == (
                503,
                b"landing_down\n",
                "15",
            )
            assert "LANDING_URL" in problems(stand)[0]
            proxy.open()
            assert deliver_all(stand) == {200: len(BODIES)}
            wait_for_problems(stand, [])
            proxy.shut()
        rows = {row.body for row in Landing(postgres_url).pending(100, 10**6)}
        assert rows == set(BODIES)
        proxy.open()


def test_postgres_frozen_and_thawed(postgres_url: str) -> None:
    """It takes the rows and says nothing: 503 in time, nobody waits longer, and afterwards all is as it should be."""
    with before(postgres_url) as proxy, serving(Landing(proxy.url), limits=HASTY) as stand:
        proxy.open()
        land_in_the_end(stand, b"first")
        proxy.freeze()
        assert deliver_all(stand) == {503: len(BODIES)}
        wait_for_problems(stand, ["a commit takes too long"])
        proxy.thaw()
        for body in BODIES:
            land_in_the_end(stand, body)
        assert {row.body for row in stand.rows()} == {b"first", *BODIES}
        wait_for_problems(stand, [])


class Stuck(Landing):
    """A landing whose first commit lasts until it is let go. It holds no row with the body `poison`."""

    def __init__(self, url: str, poison: bytes | None = None) -> None:
        super().__init__(url)
        self.entered, self.may_go_on = threading.Event(), threading.Event()
        self._poison = poison

    def land(self, arrivals: Sequence[Arrival]) -> frozenset[str]:
        """Once let go, as ever."""
        self.entered.set()
        assert self.may_go_on.wait(30)
        return super().land(
            [replace(one, token="\0") if one.body == self._poison else one for one in arrivals]
        )


def test_whatever_came_meanwhile_lands_in_one_commit(tmp_path: Path) -> None:
    """Group commit groups: seven that wait behind a slow first one share the second commit."""
    landing = Stuck(f"sqlite:///{tmp_path}/landing.sqlite")
    with serving(landing) as stand:

        def deliver(number: int) -> None:
            assert stand.deliver(BODIES[number]).status == 200

        with at_once(deliver, 1):
            assert landing.entered.wait(10)
            with at_once(lambda number: deliver(number + 1), len(BODIES) - 1):
                wait_for_rows(stand, 8)
                landing.may_go_on.set()
        metrics = stand.get("/metrics").body
        assert b"commit_rows_count 2.0" in metrics
        assert b"commit_rows_sum 8.0" in metrics


@pytest.mark.parametrize("limits", [Limits(waiting_rows=3), Limits(held_bytes=3 * 8)], ids=["rows", "bytes"])
def test_more_than_may_wait_is_503_at_once(tmp_path: Path, limits: Limits) -> None:
    """Back-pressure: rows and bytes that wait are bounded, and those who find no room are told without waiting."""
    landing = Stuck(f"sqlite:///{tmp_path}/landing.sqlite")
    statuses: Counter[int] = Counter()
    with serving(landing, limits=limits) as stand:

        def deliver(number: int) -> None:
            statuses[stand.deliver(BODIES[number][:8]).status] += 1

        with at_once(deliver, 3):
            assert landing.entered.wait(10)
            wait_for_rows(stand, 3)
            refused = stand.deliver(b"too many")
            assert (refused.status, refused.headers["retry-after"]) == (503, "15")
            assert problems(stand) == ["too many deliveries wait"]
            landing.may_go_on.set()
        assert statuses == {200: 3}
        assert stand.deliver(b"too many").status == 200


def test_one_row_that_is_refused_does_not_take_its_neighbours_along(postgres_url: str) -> None:
    """Postgres holds no NUL in text: the others of that commit land one by one."""
    landing = Stuck(postgres_url, poison=BODIES[5])
    with serving(landing) as stand:
        statuses: dict[int, int] = {}

        def deliver(number: int) -> None:
            statuses[number] = stand.deliver(BODIES[number]).status

        with at_once(deliver, 1):
            assert landing.entered.wait(10)
            with at_once(lambda number: deliver(number + 1), len(BODIES) - 1):
                wait_for_rows(stand, 8)
                landing.may_go_on.set()
        assert statuses == {number: 503 if number == 5 else 200 for number in range(len(BODIES))}
        assert {row.body for row in stand.rows()} == set(BODIES) - {BODIES[5]}


def test_a_defect_is_503_and_the_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an error that nobody thought of is no false 200 and no dead thread."""
    landing = Landing(f"sqlite:///{tmp_path}/landing.sqlite")
    with serving(landing) as stand:
        with monkeypatch.context() as broken:
            broken.setattr(landing, "land", lambda _: 1 / 0)
            assert stand.deliver(BODIES[0]).status == 503
            assert problems(stand) == ["defect: ZeroDivisionError"]
        assert stand.deliver(BODIES[0]).body == b"accepted\n"


def test_a_landing_is_well_again_without_a_delivery(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While /health keeps a proxy from sending anything, only a look of our own can find out."""
    monkeypatch.setattr(writer, "LOOK_SECONDS", 0.05)
    with before(postgres_url) as proxy, serving(Landing(proxy.url)) as stand:
        assert stand.deliver(BODIES[0]).status == 503
        proxy.open()
        wait_for_problems(stand, [])


def test_the_writer_ends_with_its_receiver(tmp_path: Path) -> None:
    """No thread and no connection is left behind."""
    with serving(Landing(f"sqlite:///{tmp_path}/landing.sqlite")) as stand:
        stand.deliver(BODIES[0])
    assert "landing-writer" not in {thread.name for thread in threading.enumerate()}
    assert not (tmp_path / "landing.sqlite-wal").exists()
