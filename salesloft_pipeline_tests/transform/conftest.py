"""A warehouse with empty raw tables for each test: a DuckDB file, or Postgres where TEST_POSTGRES_URL names one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.warehouse import Warehouse


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with every raw table and no row; made once, copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    _create(Warehouse(f"duckdb:///{path}"))
    return path


@pytest.fixture
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    url = os.environ.get("TEST_POSTGRES_URL")
    if url:
        server = Warehouse(url)
        for schema in ("mart_next", "mart", "raw_salesloft", "ops"):
            server.execute(f"drop schema if exists {schema} cascade")
        _create(server)
        return server
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(request.getfixturevalue("empty_file"), path)
    return Warehouse(f"duckdb:///{path}")


def _create(warehouse: Warehouse) -> None:
    create_tables(warehouse)
    ops.create_tables(warehouse)
