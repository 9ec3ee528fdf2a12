"""The server that the tests bring along ends with them, however they end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.postgres import name_of

_DIES = """
import os, signal
from salesloft_pipeline_tests.postgres import running
with running() as url:
    print(url, flush=True)
    {end}
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL), ("raise KeyboardInterrupt", -signal.SIGINT)],
)
def test_nothing_outlives_the_tests(end: str, code: int) -> None:
    """Killed or interrupted: the server goes, and its folder with it."""
    with subprocess.Popen(
        [sys.executable, "-c", _DIES.format(end=end)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as dying:
        assert dying.stdout
        assert dying.stderr
        url = dying.stdout.readline().strip()
        # The guardian holds this stream, so it ends when the guardian has done its work.
        dying.stderr.read()
    (data,) = parse_qs(urlsplit(url).query)["host"]
    assert dying.returncode == code
    assert not Path(data).parent.exists()


def test_every_test_has_a_database_of_its_own(postgres_url: str, request: pytest.FixtureRequest) -> None:
    """Empty, apart from every other, and gone afterwards."""
    server = request.getfixturevalue("postgres_server")
    mine = Warehouse(postgres_url)
    assert mine.tables("public") == []
    with server.database() as url:
        other = Warehouse(url)
        other.execute("create table t as select 1 as id")
        assert mine.tables("public") == []
    names = mine.query("select datname from pg_database where datname like 'salesloft_test_%'")
    assert name_of(url) not in {name for (name,) in names}
