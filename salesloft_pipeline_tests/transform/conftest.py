"""Warehouses for the tests, on each engine: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.postgres import Server, name_of
from salesloft_pipeline_tests.transform import world


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with every raw table and no row."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    _create(Warehouse(f"duckdb:///{path}"))
    return path


@pytest.fixture(scope="session")
def built_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with the small world in it and the mart built."""
    path = tmp_path_factory.mktemp("built") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    world.build_world(Warehouse(f"duckdb:///{path}"))
    return path


@pytest.fixture(scope="session")
def empty_database(postgres_server: Server) -> Iterator[str]:
    """The name of a Postgres database with every raw table and no row."""
    with postgres_server.database() as url:
        _create(Warehouse(url))
        yield name_of(url)


@pytest.fixture(scope="session")
def built_database(postgres_server: Server, empty_database: str) -> Iterator[str]:
    """The name of a Postgres database with the small world in it and the mart built."""
    with postgres_server.database(empty_database) as url:
        world.build_world(Warehouse(url))
        yield name_of(url)


@pytest.fixture
def warehouse(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse whose raw tables are there and empty."""
    yield from _copied("empty", engine, request, tmp_path)


@pytest.fixture
def built_warehouse(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse that holds the small world, built."""
    yield from _copied("built", engine, request, tmp_path)


def _copied(what: str, engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Warehouse]:
    if engine == "postgres":
        server, template = (request.getfixturevalue(name) for name in ("postgres_server", f"{what}_database"))
        with server.database(template) as url:
            yield Warehouse(url)
    else:
        shutil.copyfile(request.getfixturevalue(f"{what}_file"), folder / "warehouse.duckdb")
        warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
        # Opening a file takes longer than asking it something.
        with warehouse.kept_open():
            yield warehouse


def _create(warehouse: Warehouse) -> None:
    create_tables(warehouse)
    ops.create_tables(warehouse)
