"""Warehouses for the tests, on each engine: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import create_tables
from salesloft_pipeline.transform import build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.postgres import Server, name_of
from salesloft_pipeline_tests.transform import twin, worked_years, world


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
def years_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with a small team's year in it and a mart that can be changed in place."""
    path = tmp_path_factory.mktemp("years") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    _build_years(Warehouse(f"duckdb:///{path}"))
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


@pytest.fixture(scope="session")
def years_database(postgres_server: Server, empty_database: str) -> Iterator[str]:
    """The name of a Postgres database with the same."""
    with postgres_server.database(empty_database) as url:
        _build_years(Warehouse(url))
        yield name_of(url)


@pytest.fixture
def warehouse(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse whose raw tables are there and empty."""
    yield from _copied("empty", engine, request, tmp_path)


@pytest.fixture
def built_warehouse(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse that holds the small world, built."""
    yield from _copied("built", engine, request, tmp_path)


@pytest.fixture
def years_warehouse(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse that holds a year of 100 emails, built as one that is changed in place."""
    yield from _copied("years", engine, request, tmp_path)


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


def _build_years(warehouse: Warehouse) -> None:
    worked_years.fill(warehouse, emails=100)
    # Nothing is there yet that could be changed in place.
    assert build(warehouse, worked_years.AS_OF, twin.ZONE, whole_up_to_emails=0).whole


def _create(warehouse: Warehouse) -> None:
    create_tables(warehouse)
    ops.create_tables(warehouse)
