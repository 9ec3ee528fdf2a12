"""Where Dagster keeps runs and events, from one dagster.yaml: Postgres when DAGSTER_POSTGRES_URL is set, else SQLite.

dagster.yaml cannot choose by itself: its `env:` has no default. The classes come from a private module, which is why
pyproject.toml holds Dagster below 1.14.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster import Field
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
        return DagsterSqliteStorage(str(folder), inst_data=inst_data)
