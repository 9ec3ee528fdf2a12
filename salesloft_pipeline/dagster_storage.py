"""Where Dagster keeps runs and events, from one dagster.yaml: Postgres when DAGSTER_POSTGRES_URL is set, else SQLite.

dagster.yaml cannot choose by itself: its `env:` has no default. The classes come from a private module, which is why
pyproject.toml holds Dagster below 1.14.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, Field
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData


class EnvironmentDagsterStorage(DagsterStorage, ConfigurableClass):
    """Named in dagster.yaml; makes one of Dagster's own storages and is never itself instantiated."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"sqlite_folder": Field(str, default_value="data/dagster")}

    @classmethod
    def from_config_value(  # type: ignore[override]  # it makes one of Dagster's own, never itself
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> DagsterStorage:
        # The instance is made before any of our code runs, so this one setting is read here.
        if url := os.environ.get("DAGSTER_POSTGRES_URL"):
            from dagster_postgres import DagsterPostgresStorage

            return DagsterPostgresStorage(postgres_url=url, inst_data=inst_data)
        folder = Path(config_value["sqlite_folder"]).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "opening.lock").open("w") as turn:
            # Two processes that make it at once would both enter its version, and nobody could open it ever again.
            fcntl.flock(turn, fcntl.LOCK_EX)
            return DagsterSqliteStorage(str(folder), inst_data=inst_data)


class StorageError(Exception):
    """Dagster's storage cannot be used; the message says which setting leads there, never its value."""


@dataclass(frozen=True)
class Glance:
    """What Dagster's storage tells of it. `daemon_at`: the newest heartbeat of its daemon, UTC."""

    kind: str
    runs: int
    warehouse_pool: int
    daemon_at: datetime | None


def glance() -> Glance | None:
    """A look into the instance of this folder, or of DAGSTER_HOME; None where nothing has run yet.

    Raises StorageError.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or Path.cwd())
    url = os.environ.get("DAGSTER_POSTGRES_URL")
    made = url or Path("data/dagster/history").exists()
    if not made or not (home / "dagster.yaml").exists():
        return None
    try:
        if url:
            _knock(url)
        with DagsterInstance.from_config(str(home)) as instance:
            return _glance(instance, "Postgres" if url else "SQLite")
    except Exception as error:
        # Whatever a driver says may hold the URL, and the URL a password.
        raise StorageError(
            f"Dagster's storage cannot be used ({type(error).__name__}): does the server of DAGSTER_POSTGRES_URL "
            "answer, and does its database exist?"
        ) from None


def _knock(url: str) -> None:
    """Raises when nobody answers: Dagster itself would try for ten seconds, and say so every time."""
    import psycopg2

    psycopg2.connect(url, connect_timeout=5).close()


def _glance(instance: DagsterInstance, kind: str) -> Glance:
    beats = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
    config = instance.get_concurrency_config().pool_config
    limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
    return Glance(
        kind=kind,
        runs=instance.get_runs_count(),
        warehouse_pool=limits.get("warehouse", config.default_pool_limit or 1),
        daemon_at=datetime.fromtimestamp(max(beats), UTC) if beats else None,
    )
