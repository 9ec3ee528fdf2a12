"""How rows travel into the warehouse: as files of columns, so that every value arrives as it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.configuration.utils import get_resolved_traces

from salesloft_pipeline.ingest.columns import raw_tables
from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.ingest.killed import COMMAND, SYNC, started
from salesloft_pipeline_tests.ingest.truth import assert_equals_truth, assert_unique

Scenes = Callable[..., Scene]


@both_engines
def test_rows_go_as_parquet(scene: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as CSV, and not row by row, which dlt falls back to on Postgres without its driver, silently."""
    loads: list[Any] = []
    run = dlt.Pipeline.run

    def watched(pipeline: dlt.Pipeline, *arguments: Any, **options: Any) -> Any:
        loads.append(run(pipeline, *arguments, **options))
        return loads[-1]

    monkeypatch.setattr(dlt.Pipeline, "run", watched)
    stage = scene()
    stage.sync("emails", "users")
    jobs = [job for load in loads for package in load.load_packages for job in package.jobs["completed_jobs"]]
    formats = {
        (job.job_file_info.table_name, job.job_file_info.file_format)
        for job in jobs
        if not job.job_file_info.table_name.startswith("_dlt")
    }
    tables = ("emails", "emails_versions", "users", "users_versions")
    # The sql is the merge out of the staging table, which DuckDB does without.
    kinds = ("parquet", "sql") if stage.warehouse.dialect == "postgres" else ("parquet",)
    assert formats == {(table, kind) for table in tables for kind in kinds}


def test_a_duckdb_file_holds_no_row_twice(scene: Scenes) -> None:
    """Files are merged from where they lie; the staging tables of an earlier version are gone after a sync."""
    stage = scene()
    stage.warehouse.execute("create schema raw_salesloft_staging_salesloft")
    stage.warehouse.execute("create table raw_salesloft_staging_salesloft.emails (id bigint)")
    stage.sync("users")
    found = stage.warehouse.query(
        "select schema_name from information_schema.schemata where schema_name like '%staging%'"
    )
    assert found == []


# As CSV some of these would arrive as something else.
TEXTS = [
    "",
    " ",
    "NULL",
    "\\N",
    '"',
    "a,b",
    "two\nlines",
    "tab\there",
    "\u00e9\U0001f600",
    "\\x41",
    "{}",
    "$1 %s",
]


@both_engines
def test_every_text_arrives_as_it_was_sent(scene: Scenes) -> None:
    """The empty one above all, which is not null; in text columns and inside of JSON."""
    stage = scene(people=len(TEXTS))
    people = dict(zip(stage.world.ids("people"), TEXTS, strict=True))
    for person, text in people.items():
        stage.world.malform("people", person, title=text, tags=[text], mood=text)
    stage.sync("people")
    found = stage.warehouse.query("select id, title, tags, _extra from raw_salesloft.people")
    assert {person: title for person, title, _, _ in found} == people
    assert {person: json.loads(tags) for person, _, tags, _ in found} == {
        person: [text] for person, text in people.items()
    }
    assert {person: json.loads(extra) for person, _, _, extra in found} == {
        person: {"mood": text} for person, text in people.items()
    }


LONG = "Whitney \u00e9\U0001f600 " * 150_000


@both_engines
def test_the_ends_of_what_there_is_arrive_too(scene: Scenes) -> None:
    """Two megabytes and more, the first and the last instant, nothing; and of a text with NUL all but that."""
    stage = scene(people=4)
    first, last, nothing, odd = stage.world.ids("people")
    ends = ("0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z")
    for person, instant in zip((first, last), ends, strict=True):
        stage.world.malform("people", person, title=LONG, tags=[LONG], last_contacted_at=instant)
    stage.world.malform("people", nothing, title=None, tags=None, last_contacted_at=None)
    stage.world.malform("people", odd, title="a\0b", tags=["\0c"], mood={"\0d": "\0"})
    stage.sync("people")
    found = stage.warehouse.query(
        "select id, title, tags, last_contacted_at, _extra from raw_salesloft.people"
    )
    rows = {key: (title, tags and json.loads(tags), at, extra) for key, title, tags, at, extra in found}
    instants = [datetime.fromisoformat(each) for each in ends]
    assert rows[first] == (LONG, [LONG], instants[0], None)
    assert rows[last] == (LONG, [LONG], instants[1], None)
    assert rows[nothing] == (None, None, None, None)
    assert (rows[odd][0], rows[odd][1], json.loads(rows[odd][3] or "")) == ("ab", ["c"], {"mood": {"d": ""}})


on_postgres = pytest.mark.parametrize("warehouse_url", ["postgres"], indirect=True)


@on_postgres
def test_no_key_is_there_twice_on_postgres(scene: Scenes) -> None:
    """Each raw table has an index that forbids it, tables of an earlier version included."""
    stage = scene()
    stage.sync("users")
    stage.warehouse.execute("drop index raw_salesloft.users_key")
    stage.sync("users")
    keyed = stage.warehouse.query(
        "select tablename from pg_indexes where schemaname = 'raw_salesloft' and indexdef like 'CREATE UNIQUE%'"
    )
    assert {name for name, _, _ in raw_tables()} <= {table for (table,) in keyed}


@on_postgres
def test_two_syncs_at_once_take_turns(scene: Scenes, tmp_path: Path) -> None:
    """Both begin with an empty database and end well; no record is there twice, and none is missing."""
    stage = scene(emails=1_200)
    folders = [tmp_path / name for name in ("one", "other")]
    with ExitStack() as stack:
        for folder in folders:
            folder.mkdir()
        runs = [stack.enter_context(started(COMMAND, SYNC, stage, folder)) for folder in folders]
    assert [run.returncode for run in runs] == [0, 0], [
        each.read_text() for each in tmp_path.glob("*/said.txt")
    ]
    assert_equals_truth(stage.warehouse, stage.world, "emails")
    assert_unique(stage.warehouse, "emails_versions", "version_id")


def test_a_process_that_loads_often_keeps_no_log(scene: Scenes) -> None:
    """dlt's log of the settings that it looked up grows by thousands of entries a load, and is empty here."""
    stage = scene()
    stage.sync("users")
    assert not get_resolved_traces().all_traces
