"""The seeds: small tables kept by hand as CSV, checked when they are read.

    seeds/ref_disposition.csv  ->  checked rows  ->  mart.ref_disposition

Every team words its call dispositions and sentiments itself, so their meaning is theirs to edit.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from salesloft_pipeline.warehouse import Sql, quote

SeedRows: TypeAlias = list[tuple[Any, ...]]
SEED_FOLDER = Path(__file__).parent / "seeds"


class SeedError(Exception):
    """A seed file cannot be used; the message names the file, the line and what is expected there."""


@dataclass(frozen=True)
class Kind:
    """A type of column: its name in SQL, and how its text is read."""

    sql: str
    read: Callable[[str], Any]


TEXT, BIGINT, DATE = Kind("text", str), Kind("bigint", int), Kind("date", date.fromisoformat)


@dataclass(frozen=True)
class Seed:
    """One seed: its table, what a row is, its columns (the first is the key) and the categories it may use."""

    name: str
    grain: str
    columns: Mapping[str, Kind]
    categories: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        return next(iter(self.columns))


SEEDS = (
    Seed(
        "ref_disposition",
        "One row per call disposition (disposition) that the team has classified.",
        {"disposition": TEXT, "category": TEXT},
        ("connected", "voicemail", "no_answer", "gatekeeper", "bad_data", "other"),
    ),
    Seed(
        "ref_sentiment",
        "One row per call sentiment (sentiment) that the team has classified.",
        {"sentiment": TEXT, "category": TEXT},
        ("positive", "neutral", "negative"),
    ),
    Seed(
        "ref_user_alias",
        "One row per user account (user_id) that belongs to the same rep as another one.",
        {"user_id": BIGINT, "canonical_user_id": BIGINT, "note": TEXT},
    ),
    Seed(
        "ref_person_alias",
        "One row per person (person_id) who was merged into another one.",
        {"person_id": BIGINT, "canonical_person_id": BIGINT, "note": TEXT},
    ),
    Seed(
        "ref_rails_time_zone",
        "One row per Rails name of a time zone (rails_name) with its IANA name.",
        {"rails_name": TEXT, "iana_name": TEXT},
    ),
    Seed(
        "ref_holiday",
        "One row per day (holiday_date) on which nobody is expected to work.",
        {"holiday_date": DATE, "name": TEXT},
    ),
)


def read_seed(seed: Seed, folder: Path) -> SeedRows:
    """The checked rows of a seed's file, sorted by key. Raises SeedError."""
    path = folder / f"{seed.name}.csv"
    if not path.exists():
        raise SeedError(
            f"{path} is missing: it holds the header {','.join(seed.columns)}, and rows if there are any"
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        if next(lines, []) != list(seed.columns):
            raise SeedError(f"{path} line 1: the header must be {','.join(seed.columns)}")
        rows = [_row(seed, line, f"{path} line {lines.line_num}") for line in lines if line]
    _refuse_duplicates(seed, rows, path)
    return sorted(rows)


def load_seed(sql: Sql, seed: Seed, rows: SeedRows, schema: str) -> None:
    """Create the seed's table and fill it."""
    columns = ", ".join(f"{quote(name)} {kind.sql}" for name, kind in seed.columns.items())
    sql.execute(f"drop table if exists {schema}.{seed.name}")
    sql.execute(f"create table {schema}.{seed.name} ({columns})")
    if rows:
        places = itertools.count(1)
        values = ", ".join(f"({', '.join(f'${next(places)}' for _ in row)})" for row in rows)
        sql.execute(
            f"insert into {schema}.{seed.name} values {values}", [cell for row in rows for cell in row]
        )


def _row(seed: Seed, line: list[str], where: str) -> tuple[Any, ...]:
    if len(line) != len(seed.columns):
        raise SeedError(
            f"{where}: {len(line)} values, expected {len(seed.columns)} ({','.join(seed.columns)})"
        )
    cells = dict(zip(seed.columns, (cell.strip() for cell in line), strict=True))
    if not cells[seed.key]:
        raise SeedError(f"{where}: {seed.key} is empty")
    if seed.categories and cells["category"] not in seed.categories:
        raise SeedError(
            f"{where}: unknown category {cells['category']!r}, use one of {', '.join(seed.categories)}"
        )
    try:
        return tuple(kind.read(cells[name]) for name, kind in seed.columns.items())
    except ValueError as error:
        raise SeedError(f"{where}: {error}") from error


def _refuse_duplicates(seed: Seed, rows: SeedRows, path: Path) -> None:
    seen: set[Any] = set()
    for key, *_ in rows:
        # Calls are matched in lower case, so two spellings of one text would count a call twice.
        folded = key.lower() if isinstance(key, str) else key
        if folded in seen:
            raise SeedError(f"{path}: {seed.key} {key!r} stands there twice: keep one")
        seen.add(folded)
