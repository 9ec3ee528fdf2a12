"""Warehouses for the tests: DuckDB files, or Postgres where TEST_POSTGRES_URL names one (then without -n)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform import world

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with every raw table and no row; made once, copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    _create(Warehouse(f"duckdb:///{path}"))
    return path


@pytest.fixture(scope="session")
def built_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with the small world in it and the mart built; made once, copied for each test."""
    path = tmp_path_factory.mktemp("built") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    world.build_world(Warehouse(f"duckdb:///{path}"))
    return path


@pytest.fixture
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse whose raw tables are there and empty."""
    if POSTGRES_URL:
        yield _emptied(POSTGRES_URL)
    else:
        yield from _copied(request.getfixturevalue("empty_file"), tmp_path)


@pytest.fixture
def built_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse that holds the small world, built."""
    if POSTGRES_URL:
        server = _emptied(POSTGRES_URL)
        world.build_world(server)
        yield server
    else:
        yield from _copied(request.getfixturevalue("built_file"), tmp_path)


def _copied(file: Path, folder: Path) -> Iterator[Warehouse]:
    shutil.copyfile(file, folder / "warehouse.duckdb")
    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    # Opening a file takes longer than asking it something.
    with warehouse.kept_open():
        yield warehouse


def _emptied(url: str) -> Warehouse:
    server = Warehouse(url)
    for schema in ("mart_next", "mart", "raw_salesloft", "ops"):
        server.execute(f"drop schema if exists {schema} cascade")
    _create(server)
    return server


def _create(warehouse: Warehouse) -> None:
    create_tables(warehouse)
    ops.create_tables(warehouse)
