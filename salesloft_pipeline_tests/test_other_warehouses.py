"""What docs/other-warehouses.md says of dialects that nothing is run on: the mart's SQL is translated and parsed again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel, SqlglotError

from salesloft_pipeline.transform import MARTS, Rules

PAGE = (Path(__file__).parent.parent / "docs/other-warehouses.md").read_text(encoding="utf-8")
LITERALS = {
    "as_of": "timestamp with time zone '2026-11-23 15:00:00+00'",
    "time_zone": "'America/New_York'",
    **Rules().values,
}
DIALECTS = ("snowflake", "databricks", "redshift", "clickhouse", "bigquery")


def untranslatable(dialect: str) -> Iterator[str]:
    """Names of the tables whose SQL cannot be said in this dialect."""
    for mart in MARTS:
        sql = re.sub(r"(?<!:):([a-z_]+)\b", lambda found: LITERALS.get(found[1], found[0]), mart.sql)
        try:
            (said,) = sqlglot.transpile(
                sql, read="postgres", write=dialect, unsupported_level=ErrorLevel.RAISE
            )
            sqlglot.parse_one(said, read=dialect)
        except (SqlglotError, AttributeError):  # the latter is its own fault at a named window
            yield mart.name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_page_says_what_can_be_translated(dialect: str) -> None:
    """Every file, but those that the row of the engine names."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and dialect in line.lower()]
    assert sorted(untranslatable(dialect)) == re.findall(r"`(\w+)`", row.split("|")[3])
