"""The plan of a push of very many people: rows a second and memory, against a bare pass over the same rows.

    python -m benchmarks.reverse_sync                     1,000,000 rows, 50,000 of which differ
    python -m benchmarks.reverse_sync --rows 100000

The bare pass reads the same two tables into dicts and compares two fields by ==: no checks, no policies, no history,
no rules. Each contender works in a process of its own, so that its peak memory is its own; imports are not timed.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks.table import Row, in_turns, print_table, ratio_of
from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.model import load_model
from salesloft_pipeline.reverse_sync.push import Push
from salesloft_pipeline.warehouse import Warehouse

ROWS, DIFFERING = 1_000_000, 20
MODEL = """
source: {table: analytics.scores}
match: {column: email, field: email_address}
fields: {title: title, city: {field: city, policy: fill_if_empty}}
limit: 1000000
"""
_PEOPLE = """
    create table raw_salesloft.people as select
        i as id, 'person' || i || '@example.com' as email_address, 'crm' || i as crm_id, 'Title ' || (i % 500) as title,
        'City ' || (i % 90) as city, i % 97 = 0 as do_not_contact, '[]' as contact_restrictions,
        i % 10 = 0 as eu_resident, false as bouncing, '[{"id": 7}]' as cadences, '{}' as custom_fields,
        timestamptz '2026-01-01' + interval (i) second as updated_at, cast(null as timestamptz) as _deleted_at
    from range($1) as t(i)
"""
_SCORES = """
    create table analytics.scores as select
        'person' || i || '@example.com' as email,
        'Title ' || (i % 500) || case when i % $2 = 1 then ' of Sales' else '' end as title, 'City ' || (i % 90) as city
    from range($1) as t(i)
"""


def fill(folder: Path, rows: int) -> None:
    """A warehouse with so many people, and as many rows that say what should be."""
    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    with warehouse.transaction() as sql:
        sql.execute("create schema raw_salesloft")
        sql.execute("create schema analytics")
        sql.execute(_PEOPLE, [rows])
        sql.execute(_SCORES, [rows, DIFFERING])
    (folder / "model.yaml").write_text(MODEL)


def planned(folder: Path) -> int:
    """Our plan: how many people it would change."""

    def connect() -> Any:
        raise AssertionError("a plan asks SalesLoft nothing")

    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    push = Push(connect, warehouse, load_model(folder / "model.yaml"), open_cache(None), pace=480)
    return len(push().plan.changes)


def bare(folder: Path) -> int:
    """The least that finds the differences, by dicts."""
    warehouse = Warehouse(f"duckdb:///{folder}/warehouse.duckdb")
    people = warehouse.query("select email_address, title, city from raw_salesloft.people")
    actual = {email: {"title": title, "city": city} for email, title, city in people}
    scores = warehouse.frame("select email, title, city from analytics.scores").to_dict("records")
    return sum(actual[row["email"]] != {"title": row["title"], "city": row["city"]} for row in scores)


CONTENDERS = {"plan": planned, "bare": bare}


def worked(name: str, folder: Path) -> dict[str, float]:
    """One contender in a process of its own: its seconds, peak memory in MiB, and what it found."""
    command = [sys.executable, "-m", "benchmarks.reverse_sync", "--work", name]
    done = subprocess.run([*command, "--folder", str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def measure(rows: int = ROWS) -> list[Row]:
    """Our time and memory over those of the bare pass."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}

    def once(name: str) -> float:
        found[name].append(worked(name, folder))
        return found[name][-1]["seconds"]

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        fill(folder, rows)
        seconds = in_turns({name: lambda name=name: once(name) for name in CONTENDERS})  # type: ignore[misc]
    memory = {name: [each["mib"] for each in tries] for name, tries in found.items()}
    pace = {name: rows / min(tries) for name, tries in seconds.items()}
    changes = found["plan"][0]["changes"]
    return [
        Row(
            f"plan of a push, {rows:,} rows: time over a bare pass",
            ratio_of(seconds, "plan", "bare"),
            "<= 5",
            f"{pace['plan']:,.0f} rows/s against {pace['bare']:,.0f}; {changes:,.0f} changes",
        ),
        Row(
            f"plan of a push, {rows:,} rows: peak memory over a bare pass",
            ratio_of(memory, "plan", "bare"),
            "<= 3",
            f"{max(memory['plan']):,.0f} MiB against {max(memory['bare']):,.0f}",
        ),
    ]


@click.command()
@click.option("--rows", default=ROWS, show_default=True)
@click.option("--work", type=click.Choice(list(CONTENDERS)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(rows: int, work: str | None, folder: Path | None) -> None:
    """Measure and print the table."""
    if work is None or folder is None:
        print_table(measure(rows))
        return
    began = time.monotonic()
    changes = CONTENDERS[work](folder)
    seconds, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"changes": changes, "seconds": seconds, "mib": peak}))


if __name__ == "__main__":
    main()
