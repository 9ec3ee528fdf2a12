"""The landing keeps what arrives, once, hands it out in bounded chunks, and remembers what became of it."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from salesloft_pipeline.landing import Arrival, Delivery, DeliveryRefused, Landing, LandingError, State

RECEIVED = datetime(2026, 11, 23, 15, 4, 5, 678_901, tzinfo=UTC)
ALL = 10**9


def arrival(number: int, **changes: object) -> Arrival:
    """One of many that differ; later numbers came later."""
    one = Arrival("person_updated", b'{"id": %d}' % number, RECEIVED + timedelta(seconds=number), "main")
    return replace(one, **changes)  # type: ignore[arg-type]


def arrivals(count: int) -> list[Arrival]:
    """So many that differ."""
    return [arrival(number) for number in range(count)]


def waiting(landing: Landing) -> list[Delivery]:
    """All that wait."""
    return landing.pending(ALL, ALL)


def ids(deliveries: Sequence[Delivery]) -> list[int]:
    """Their rows."""
    return [delivery.id for delivery in deliveries]


TRICKY = [
    b"",
    b"{",
    b"\x00\xff\xfe",
    b'{"a": "\\u0000 \\ud800", "a": 1e400}',
    "\u2028é".encode(),
    b"[" * 100_000,
    bytes(range(256)),
]


def test_what_arrives_comes_out_as_it_was(landing: Landing) -> None:
    """Bodies byte for byte, instants to the microsecond in UTC, and every word about them."""
    came = [
        replace(
            arrival(number),
            body=body,
            flags=frozenset({"content_encoding", "unknown_event_type"}),
            event_type="é" * number,
            content_type="text/plain",
            content_encoding="gzip",
        )
        for number, body in enumerate(TRICKY)
    ]
    assert landing.land(came) == {one.digest for one in came}
    out = waiting(landing)
    assert [
        Arrival(**{k: v for k, v in vars(one).items() if k not in ("id", "digest")}) for one in out
    ] == came
    assert [one.digest for one in out] == [one.digest for one in came]


def test_the_same_lands_once(landing: Landing) -> None:
    """In one batch, in the next, under another token: one row, and only its first arrival is new."""
    first, again = arrival(1), arrival(1, token="other", received_at=RECEIVED + timedelta(days=1))
    assert landing.land([first, again]) == {first.digest}
    assert landing.land([again]) == frozenset()
    (row,) = waiting(landing)
    assert (row.token, row.received_at) == (first.token, first.received_at)


def test_nothing_lands_as_nothing(landing: Landing) -> None:
    """No rows in, no rows there, and none to mark."""
    assert landing.land([]) == frozenset()
    landing.mark_ingested([])
    landing.mark_quarantined({})
    assert waiting(landing) == []


def test_event_type_and_body_together_make_the_identity(landing: Landing) -> None:
    """task_updated and task_completed may rightly carry the same bytes."""
    landing.land([arrival(1, event_type="task_updated"), arrival(1, event_type="task_completed")])
    assert len(waiting(landing)) == 2


def test_a_chunk_is_bounded_by_rows_and_by_bytes_and_never_empty(landing: Landing) -> None:
    """Oldest first; one that is too long for the chunk comes alone, so that nothing is stuck behind it."""
    came = [arrival(number, body=b"x" * 1000 + b"%d" % number) for number in range(10)]
    landing.land(came)
    assert [one.body for one in landing.pending(3, ALL)] == [one.body for one in came[:3]]
    assert len(landing.pending(ALL, 4_100)) == 4
    assert len(landing.pending(ALL, 1)) == 1


def test_a_reader_goes_through_everything_by_marking(landing: Landing) -> None:
    """Read, mark, read on; nothing twice, nothing left."""
    landing.land(arrivals(2_500))
    seen: list[int] = []
    while chunk := landing.pending(1_100, ALL):
        landing.mark_ingested(ids(chunk))
        seen += ids(chunk)
    assert len(seen) == len(set(seen)) == 2_500
    assert landing.counts() == {State.PENDING: 0, State.INGESTED: 2_500, State.QUARANTINED: 0}


def test_quarantine_keeps_the_body_and_redrive_gives_another_chance(landing: Landing) -> None:
    """By reason: only what was put away for that reason waits again."""
    landing.land(arrivals(5))
    rows = waiting(landing)
    landing.mark_quarantined({rows[0].id: "invalid_json", rows[1].id: "not_utf8", rows[2].id: "invalid_json"})
    assert landing.quarantined() == {"invalid_json": 2, "not_utf8": 1}
    assert ids(waiting(landing)) == ids(rows[3:])
    assert landing.redrive("invalid_json") == 2
    assert landing.redrive("no_such_reason") == 0
    assert waiting(landing) == [rows[0], rows[2], rows[3], rows[4]]
    assert landing.quarantined() == {"not_utf8": 1}


def test_depth_and_age(landing: Landing) -> None:
    """How much waits, counted up to a cap, and since when."""
    assert (landing.pending_count(10), landing.oldest_pending()) == (0, None)
    landing.land([arrival(7), arrival(3), arrival(5)])
    assert (landing.pending_count(2), landing.pending_count(10)) == (2, 3)
    assert landing.oldest_pending() == RECEIVED + timedelta(seconds=3)


def test_only_what_is_ingested_and_old_is_pruned(landing: Landing) -> None:
    """What waits or is in quarantine stays, however old; numbers of pruned rows are not given out again."""
    landing.land(arrivals(6))
    rows = waiting(landing)
    landing.mark_ingested(ids(rows[:4]))
    landing.mark_quarantined({rows[4].id: "not_utf8"})
    assert landing.prune(RECEIVED + timedelta(seconds=3)) == 3
    assert landing.counts() == {State.PENDING: 1, State.INGESTED: 1, State.QUARANTINED: 1}
    assert landing.prune(RECEIVED + timedelta(days=1)) == 1
    landing.land([arrival(9)])
    assert max(ids(waiting(landing))) > max(ids(rows))


def test_deliveries_survive_the_process(landing_url: str) -> None:
    """A landing is the database: another object on the same URL sees all of it, and lands nothing anew."""
    first = Landing(landing_url)
    first.land(arrivals(3))
    first.close()
    second = Landing(landing_url)
    assert second.land(arrivals(4)) == {arrival(3).digest}
    assert len(waiting(second)) == 4


def test_two_that_start_at_once_make_one_table(landing_url: str) -> None:
    """Both land at the same moment in a database that holds nothing; neither is told no."""
    start = threading.Barrier(2)
    landed: list[frozenset[str]] = []

    def land(number: int) -> None:
        landing = Landing(landing_url)
        start.wait()
        landed.append(landing.land([arrival(number), arrival(99)]))

    threads = [threading.Thread(target=land, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(new) for new in landed) == [1, 2]


def test_overlapping_batches_do_not_wait_for_each_other_for_ever(postgres_url: str) -> None:
    """Two receivers that land the same rows in opposite orders; unsorted, Postgres ends one of them as a deadlock."""
    one, other = Landing(postgres_url), Landing(postgres_url)
    failures: list[Exception] = []

    def land(landing: Landing, step: int) -> None:
        try:
            for number in range(40):
                batch = [arrival(1_000 * number + row) for row in range(200)]
                landing.land(batch[::step])
        except LandingError as error:
            failures.append(error)

    threads = [threading.Thread(target=land, args=each) for each in [(one, 1), (other, -1)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert one.pending_count(ALL) == 8_000


def test_a_late_committer_is_never_skipped(postgres_url: str) -> None:
    """A row that was numbered first and committed last is read all the same, though later numbers were marked."""
    early, late = Landing(postgres_url), Landing(postgres_url)
    early.land([arrival(0)])
    numbered, may_commit = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        numbered.set()
        assert may_commit.wait(10)

    event.listen(late._engine, "commit", hold)
    slow = threading.Thread(target=late.land, args=[[arrival(1)]])
    slow.start()
    assert numbered.wait(10)
    early.land([arrival(2)])
    chunk = waiting(early)
    assert [one.body for one in chunk] == [arrival(0).body, arrival(2).body]
    early.mark_ingested(ids(chunk))
    may_commit.set()
    slow.join()
    (missed,) = waiting(early)
    assert missed.body == arrival(1).body
    assert missed.id < max(ids(chunk))


def test_a_row_that_the_database_cannot_hold_is_told_apart(postgres_url: str) -> None:
    """The others of its batch may land one by one; the landing itself is well."""
    landing = Landing(postgres_url)
    with pytest.raises(DeliveryRefused):
        landing.land([arrival(1), arrival(2, content_type="nul \0")])
    assert landing.land([arrival(1)]) == {arrival(1).digest}


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/landing.sqlite", "postgresql://me:pass9word@127.0.0.1:9/x"]
)
def test_a_landing_out_of_reach_says_so_without_secrets(url: str) -> None:
    """The setting is named; password and bodies are not repeated."""
    with pytest.raises(LandingError, match="LANDING_URL") as caught:
        Landing(url).land([arrival(4711)])
    assert "pass9word" not in str(caught.value)
    assert "4711" not in str(caught.value)


def test_a_lost_connection_is_opened_again(postgres_url: str) -> None:
    """The server ended our connection since it was last used: nobody who lands or reads next notices."""
    landing, other = Landing(postgres_url), Landing(postgres_url)
    landing.land([arrival(1)])
    for use in (lambda: landing.land([arrival(2)]), lambda: landing.pending(1, 1)):
        with other._transaction() as connection:
            connection.exec_driver_sql(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        assert len(use()) == 1


def test_what_was_committed_is_on_the_disk(landing_url: str) -> None:
    """SQLite writes through to the disk with every commit; Postgres is asked to, whatever its own settings say."""
    with Landing(landing_url)._transaction() as connection:
        if landing_url.startswith("sqlite"):
            settings = [
                connection.exec_driver_sql(f"pragma {name}").scalar()
                for name in ("journal_mode", "synchronous")
            ]
            assert settings == ["wal", 2]
        else:
            assert connection.exec_driver_sql("show synchronous_commit").scalar() == "on"


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """Deliveries are about people."""
    Landing(f"sqlite:///{tmp_path}/landing.sqlite").land([arrival(1)])
    for file in tmp_path.glob("landing.sqlite*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_marking_leaves_room_for_the_receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows are marked in slices, and between two of them somebody else gets to write."""
    landing = Landing(f"sqlite:///{tmp_path}/landing.sqlite")
    landing.land(arrivals(2_500))
    got_in: list[float] = []

    def meanwhile(seconds: float) -> None:
        with sqlite3.connect(tmp_path / "landing.sqlite", timeout=0) as other:
            other.execute("update webhook_deliveries set reason = 'seen' where id = 1")
        got_in.append(seconds)

    monkeypatch.setattr("salesloft_pipeline.landing.store.time.sleep", meanwhile)
    landing.mark_ingested(ids(waiting(landing)))
    assert len(got_in) == 2


def test_questions_read_the_index_only(tmp_path: Path) -> None:
    """Depth, age and prune do not go through the bodies, so they stay cheap when a million rows are there."""
    Landing(f"sqlite:///{tmp_path}/landing.sqlite").land(arrivals(3))
    with sqlite3.connect(tmp_path / "landing.sqlite") as database:
        for question in (
            "select id from webhook_deliveries where state = 0 limit 9",
            "select received_us from webhook_deliveries where state = 0 order by received_us, id limit 1",
            "select id from webhook_deliveries where state = 1 and received_us < 5 limit 9",
            "select state, count(*) from webhook_deliveries group by state",
        ):
            (plan,) = database.execute(f"explain query plan {question}").fetchall()
            assert "COVERING INDEX webhook_deliveries_state" in plan[-1]


def test_printing_a_delivery_shows_no_body(landing: Landing) -> None:
    """It turns up in tracebacks and logs."""
    landing.land([arrival(4711)])
    assert "4711" not in repr(arrival(4711)) + repr(waiting(landing)) + repr(landing)
