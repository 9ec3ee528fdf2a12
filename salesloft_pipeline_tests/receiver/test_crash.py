"""An acknowledged delivery is never lost: kill -9 under load, the order of system calls, and controls that do lose."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from salesloft_pipeline_tests.conftest import sized
from salesloft_pipeline_tests.receiver.killed import assert_kept, killed_under_load, survivors
from salesloft_pipeline_tests.receiver.stand import Process, until

KILLS = sized(3, 40)

RUN = "from salesloft_pipeline.cli import main; main()"
# The mistake that this house is built to exclude: the answer goes out, then the commit begins.
ANSWERS_FIRST = f"""
import time
from salesloft_pipeline.receiver.writer import Writer
def commit(self, batch):
    self._tell(batch, [True] * len(batch))
    time.sleep(0.05)
    self._landing.land([waiting.arrival for waiting in batch])
Writer._commit = commit
{RUN}
"""
WRITES_LATER = f"""
from salesloft_pipeline.landing import database
database._SAFE = tuple(each.replace("full", "normal") for each in database._SAFE)
{RUN}
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Every 200 has its row, no row is there twice, and none was called new twice."""
    url = f"sqlite:///{tmp_path}/landing.sqlite"
    assert_kept(killed_under_load(url, kills=KILLS), survivors(url))


def test_two_receivers_on_one_postgres_lose_nothing_either(postgres_url: str) -> None:
    """The same when either of two is killed while the other goes on."""
    assert_kept(killed_under_load(postgres_url, kills=KILLS, doors=2), survivors(postgres_url))


def test_the_kill_test_sees_a_loss_where_there_is_one(tmp_path: Path) -> None:
    """Control: a receiver that answers before the commit does lose, so the tests above would have told."""
    url = f"sqlite:///{tmp_path}/landing.sqlite"
    load = killed_under_load(url, kills=1, code=ANSWERS_FIRST)
    assert load.acknowledged - set(survivors(url))


def traced(tmp_path: Path, code: str) -> list[str]:
    """System calls of a receiver that takes ten deliveries one by one, in words: wal, sync, answer."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not here")
    calls = tmp_path / "calls"
    with Process(f"sqlite:///{tmp_path}/landing.sqlite", code=code) as process:
        process.deliver(b"the first one makes the table")
        tracer = subprocess.Popen(
            [strace, "-f", "-y", "-qq", "-s", "16", "-e", "trace=pwrite64,fdatasync,fsync,write,sendto,sendmsg",
             "-o", calls, "-p", str(process.pid)],
            stderr=subprocess.PIPE,
        )  # fmt: skip
        # Whatever it traces first shows that it has begun.
        until(lambda: bool(process.get("/health/live").body and has_begun(tracer, calls)))
        if tracer.poll() is not None:
            pytest.skip("strace may not trace here")
        for number in range(10):
            assert process.deliver(b"%d" % number).status == 200
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
    return [word for line in calls.read_text().splitlines() if (word := in_words(line))]


def has_begun(tracer: subprocess.Popen[bytes], calls: Path) -> bool:
    """It has written something, or given up."""
    return tracer.poll() is not None or (calls.exists() and calls.stat().st_size > 0)


def in_words(call: str) -> str | None:
    """What a traced call did, of what matters here. A call that was interrupted is told when it resumes."""
    if re.search(r"pwrite64\(.*landing\.sqlite-wal", call):
        return "wal"
    if re.search(r"f(data)?sync\(.*landing\.sqlite-wal|<\.\.\. f(data)?sync resumed", call):
        return None if "unfinished" in call else "sync"
    return "answer" if '"HTTP/1.1 200 OK' in call else None


def unsafe_answers(calls: list[str]) -> int:
    """Answers before which something was written and not yet brought to the disk."""
    found, written = 0, False
    for call in calls:
        found += call == "answer" and written
        written = call == "wal" or (written and call != "sync")
    return found


def test_the_disk_has_it_before_the_answer(tmp_path: Path) -> None:
    """A kill cannot show a missing fsync, as the kernel keeps what was written; the order of the calls does."""
    calls = traced(tmp_path, RUN)
    assert calls.count("sync") >= 10
    assert unsafe_answers(calls) == 0


def test_the_trace_sees_a_missing_sync(tmp_path: Path) -> None:
    """Control: with WAL's usual setting, answers go out before the disk has what they promise."""
    assert unsafe_answers(traced(tmp_path, WRITES_LATER)) >= 9
