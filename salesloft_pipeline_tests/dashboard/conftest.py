"""Serving copies for the tests of the page: the small world with a past and hostile names, and a warehouse of nobody."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from salesloft_pipeline.transform.serving import publish
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.conftest import built_file, empty_file
from salesloft_pipeline_tests.transform.rows import Row, built, call, email, meeting
from salesloft_pipeline_tests.transform.world import ANN, AS_OF

__all__ = ["built_file", "empty_file"]

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&"


def _past() -> list[Row]:
    """Two months before the small world: Bob's mail on a cadence, forty calls, a meeting of Ann's."""
    return [
        *(
            email(
                300 + n,
                f"{month}-{10 + n % 5} 15:00",
                user=8,
                person=50 + n % 3,
                replies=n % 4 == 0,
                bounced=n % 20 == 1,
                updated_at=f"{month}-{12 + n % 5} 1{n % 8}:00",
            )
            for n in range(200)
            for month in ["09" if n % 2 else "10"]
        ),
        *(
            call(
                100 + n,
                "Connected" if n % 3 else "No Answer",
                None,
                60 + n,
                called_at=f"10-{12 + n % 5} 16:00",
                user=8,
            )
            for n in range(40)
        ),
        meeting(9, "10-13 16:05", "10-15 16:00", booked_by=ANN),
    ]


def _served(folder: Path, source: Path, change: Callable[[Warehouse], object]) -> Path:
    """A serving folder of a changed copy of the warehouse at `source`."""
    shutil.copyfile(source, folder / "warehouse.duckdb")
    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    change(warehouse)
    publish(warehouse, folder / "serving")
    return folder / "serving"


def _lived_in(warehouse: Warehouse) -> None:
    built(warehouse, *_past(), as_of=f"{AS_OF} 10:00")
    warehouse.execute("update mart.dim_cadence set cadence_name = $1 where cadence_id = 10", [HOSTILE])
    warehouse.execute("update mart.dim_user set user_name = 'Bob </script> & Söhne' where user_id = 8")


@pytest.fixture(scope="session")
def served(built_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The serving folder of a team with three months of work."""
    return _served(tmp_path_factory.mktemp("served"), built_file, _lived_in)


@pytest.fixture(scope="session")
def served_empty(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The serving folder of a warehouse into which nothing was loaded."""
    return _served(tmp_path_factory.mktemp("bare"), empty_file, lambda warehouse: built(warehouse))
