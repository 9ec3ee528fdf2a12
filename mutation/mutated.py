"""A plugin for pytest: builds take the SQL of one mart from the file that MART_MUTANT names."""

import os
from dataclasses import replace
from pathlib import Path

from salesloft_pipeline.transform import MARTS, build


def pytest_configure() -> None:
    """Replace what a build makes unless it is told otherwise."""
    file = Path(os.environ["MART_MUTANT"])
    sql = file.read_text("utf-8")
    assert build.__kwdefaults__
    build.__kwdefaults__["marts"] = tuple(
        replace(mart, sql=sql) if mart.name == file.stem else mart for mart in MARTS
    )
