"""A deployment of the pipeline in a folder: its settings, its Dagster instance, its jobs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage

from salesloft_pipeline.definitions import defs
from salesloft_pipeline.simulator import DEMO_KEY
from salesloft_pipeline_tests.conftest import AMPLE, Scene

ROOT = Path(__file__).parent.parent


@dataclass
class House:
    """A scene and the Dagster instance of dagster.yaml, with its storage in `folder`."""

    scene: Scene
    instance: dg.DagsterInstance
    folder: Path

    def run(self, job: str, *tables: str, **options: Any) -> dg.ExecuteInProcessResult:
        """A run of the job, or of these raw tables of it."""
        keys = [dg.AssetKey(["raw_salesloft", table]) for table in tables]
        return defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, asset_selection=keys or None, raise_on_error=False, **options
        )

    def versions(self, *tables: str) -> dict[str, str | None]:
        """The data version of each raw table named."""
        return {table: self._version(dg.AssetKey(["raw_salesloft", table])) for table in tables}

    def _version(self, key: dg.AssetKey) -> str | None:
        event = self.instance.get_latest_materialization_event(key)
        assert event is not None
        assert event.asset_materialization is not None
        return (event.asset_materialization.tags or {})["dagster/data_version"]


@contextmanager
def kept(scene: Scene, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[House]:
    """The settings of a deployment, in the environment; everything it writes in `folder`."""
    engines = _engines_kept(patch)
    _furnish(folder)
    shutil.copy(ROOT / "dagster.yaml", folder)
    patch.chdir(folder)
    patch.setenv("SALESLOFT_API_URL", scene.url)
    patch.setenv("SALESLOFT_API_KEY", DEMO_KEY)
    patch.setenv("SALESLOFT_COST_PER_MINUTE", str(AMPLE))
    patch.setenv("WAREHOUSE_URL", scene.warehouse.url)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield House(scene, instance, folder)
    for engine in engines.values():
        engine.pool.dispose()


def _furnish(folder: Path) -> None:
    """Dagster's empty files, which it takes a while to make and here makes once for all."""
    for name, content in _empty_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@cache
def _empty_files() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(ROOT / "dagster.yaml", folder)
        with chdir(folder), dg.DagsterInstance.from_config(made):
            pass
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.db")}


def _engines_kept(patch: pytest.MonkeyPatch) -> dict[str, sqlalchemy.Engine]:
    """One engine for each file of Dagster's, by URL. Dagster makes one, and opens the file, for every single event."""
    engines: dict[str, sqlalchemy.Engine] = {}

    def create_engine(url: str, **_: Any) -> sqlalchemy.Engine:
        if url not in engines:
            engine = engines[url] = sqlalchemy.create_engine(url)
            # Nobody needs what a crash of the machine would cost here.
            sqlalchemy.event.listen(
                engine, "connect", lambda file, _: file.execute("pragma synchronous = off")
            )
            patch.setattr(engine, "dispose", lambda: None)
        return engines[url]

    for storage in (sqlite_event_log, sqlite_run_storage):
        patch.setattr(storage, "create_engine", create_engine)
    return engines
