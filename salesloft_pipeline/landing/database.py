"""SQLite or Postgres, by URL: how each is opened so that what is committed survives a crash.

sqlite:///data/landing.sqlite       a file, path relative to the working folder; one receiver writes it
postgresql://user@host/database     a server, for several receivers
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url

from salesloft_pipeline.landing.rows import DELIVERIES

OWNER_ONLY = 0o600
LOCK_WAIT_MS = 5_000
LOCK_LOOK_MS = 20
# WAL's usual setting, normal, brings a commit to the disk some time later.
# What is deleted is about people, and by itself stays in the file until its page is written anew.
_SAFE = ("pragma journal_mode = wal", "pragma synchronous = full", "pragma secure_delete = on")
# Any number that nobody else locks by.
_CREATION = 7_305_552_126_801


def engine_of(url: str) -> Engine:
    """An engine that opens nothing yet. Its errors repeat no parameters, for those hold bodies."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_MS / 1000})
        event.listen(engine, "do_connect", lambda *_: _make_file(parsed))
        event.listen(engine, "connect", _make_safe)
        return engine
    return create_engine(
        # A socket's folder stands in a URL with its slashes encoded, which libpq reads and SQLAlchemy does not.
        parsed.set(drivername="postgresql+psycopg", host=unquote(parsed.host) if parsed.host else None),
        hide_parameters=True,
        # A server that was restarted since costs nobody an error.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            # A server that vanished without a word is noticed in seconds, not in the hours that TCP allows.
            "tcp_user_timeout": 10_000,
            # Whatever the server does by itself: an answered delivery is on its disk.
            "options": f"-c synchronous_commit=on -c lock_timeout={LOCK_WAIT_MS}",
        },
    )


def file_of(url: str) -> Path | None:
    """The SQLite file; None on Postgres."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def create_table(connection: Connection) -> None:
    """The table with its index, or neither, where there is none yet; two receivers may start at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CREATION})
    else:
        # Left to itself, Python's driver commits after each statement that creates something.
        connection.exec_driver_sql("begin immediate")
    DELIVERIES.metadata.create_all(connection)


def scrub(engine: Engine) -> None:
    """Leave no bytes of what was deleted: not in SQLite's log, and not in the free space of a Postgres table."""
    statement = (
        f"vacuum full {DELIVERIES.name}"
        if engine.dialect.name == "postgresql"
        else "pragma wal_checkpoint(truncate)"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)


def _make_file(url: URL) -> None:
    """An empty file that only its owner reads, as what comes into it is about people."""
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=OWNER_ONLY, exist_ok=True)


def _make_safe(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _SAFE:
        _patiently(cursor, pragma)
    cursor.close()


def _patiently(cursor: sqlite3.Cursor, pragma: str) -> None:
    """SQLite waits for locks, but not when two change a new file to WAL at once: one of them is told no."""
    for _ in range(LOCK_WAIT_MS // LOCK_LOOK_MS):
        try:
            cursor.execute(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(LOCK_LOOK_MS / 1000)
        else:
            return
    cursor.execute(pragma)
