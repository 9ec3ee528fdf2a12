"""What is made of metrics.yml: the dictionary, the exports, lineage and the glance at the last days."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from salesloft_pipeline.cli import main
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.transform import MARTS, build, exports, glance, metrics, tables
from salesloft_pipeline.transform.dictionary import PAGE, page
from salesloft_pipeline.transform.lineage import lineage
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import at

(DAILY,) = [mart for mart in MARTS if mart.name == "daily_engagement"]
LINEAGE = lineage(DAILY)


@pytest.fixture(scope="module")
def built(built_file: Path) -> Warehouse:
    """The small world built, to look at only."""
    return Warehouse(f"duckdb:///{built_file}", read_only=True)


def test_the_dictionary_is_what_the_file_says() -> None:
    """docs/data-dictionary.md is out of date until `make docs` has run."""
    told = (Path(__file__).parents[2] / PAGE).read_text(encoding="utf-8")
    assert told == page(), "metrics.yml or a grain has changed: make docs"


def test_the_dictionary_links_lead_somewhere() -> None:
    """Each link is to a heading of the page."""
    headings = {line.removeprefix("## ").lower() for line in page().splitlines() if line.startswith("## ")}
    assert set(re.findall(r"\(#(\w+)\)", page())) <= headings


@pytest.mark.parametrize("wanted", ["ossie", "cube"])
def test_the_command_prints_an_export(wanted: str) -> None:
    """`salesloft-pipeline metrics --format ...` is what a file may be made of."""
    result = CliRunner().invoke(main, ["metrics", "--format", wanted])
    assert result.exit_code == 0
    assert result.output == {"ossie": exports.ossie, "cube": exports.cube}[wanted]() + "\n"


def test_ossie_is_whole(built: Warehouse) -> None:
    """Version 0.1.1; joins lead to keys of datasets; fields are columns; metrics run as they stand."""
    document = json.loads(exports.ossie())
    (model,) = document["semantic_model"]
    datasets = {each["name"]: each for each in model["datasets"]}
    assert document["version"] == "0.1.1"
    for name, dataset in datasets.items():
        assert dataset["source"] == f"mart.{name}"
        fields = {field["name"] for field in dataset["fields"]}
        assert set(dataset["primary_key"]) <= fields <= tables()[name].columns.keys()
        assert not fields & metrics().keys()
    for join in model["relationships"]:
        assert join["to_columns"] == datasets[join["to"]]["primary_key"]
        assert join["from_columns"][0] in tables()[join["from"]].columns
    assert [metric["name"] for metric in model["metrics"]] == list(metrics())
    with built.kept_open():
        for metric in model["metrics"]:
            sql = sql_of(metric)
            table = metrics()[metric["name"]].table
            plain = built.query(f"select {metrics()[metric['name']].expression} from mart.{table}")
            assert built.query(f"select {sql} from mart.{table} as {table}") == plain


def test_nothing_personal_is_a_dataset_of_its_own() -> None:
    """The tables that are granted apart are in no export."""
    assert "_pii" not in exports.ossie() + exports.cube()


def test_cube_is_whole(built: Warehouse) -> None:
    """Each dimension and measure of each cube runs; names are used once; joins are to cubes; rates are no averages."""
    cubes = yaml.safe_load(exports.cube())["cubes"]
    names = {cube["name"] for cube in cubes}
    with built.kept_open():
        for cube in cubes:
            members = [*cube["dimensions"], *cube["measures"]]
            assert len({member["name"] for member in members}) == len(members)
            assert {join["name"] for join in cube["joins"]} <= names
            aggregates = [aggregate(measure) for measure in cube["measures"]] or ["count(*)"]
            for picked in ([member["sql"] for member in cube["dimensions"]], aggregates):
                sql = ", ".join(picked).replace("{CUBE}", cube["name"])
                assert built.query(f"select {sql} from {cube['sql_table']} as {cube['name']} limit 1")
            assert {measure["type"] for measure in cube["measures"]} <= {"sum", "number"}
            keys = {each["name"] for each in cube["dimensions"] if each.get("primary_key")}
            assert keys == set(tables()[cube["name"]].key)


@pytest.mark.parametrize(
    ("column", "sources"),
    [
        ("emails_replied", {"fct_email.was_replied"}),
        ("emails_sent", {"fct_email.email_id"}),
        ("talk_seconds", {"fct_call.duration_seconds"}),
        ("dials", {"fct_call.call_id", "fct_dial.dial_id"}),
        ("total_touches", {"fct_email.email_id", "fct_call.call_id", "fct_step_completion.activity_id"}),
        ("evt_replies", {"fct_engagement_event.event_type", "fct_engagement_event.quantity"}),
        ("meeting_held_rate", {"fct_meeting.is_held", "fct_meeting.start_at"}),
        ("reply_rate", {"fct_email.was_replied", "fct_email.is_bounced"}),
    ],
)
def test_a_column_knows_what_it_is_made_of(column: str, sources: set[str]) -> None:
    """Through all steps of the SQL down to the facts; a count of rows comes from their keys."""
    assert {f"{table}.{name}" for table, name in LINEAGE[column]} == sources


def test_every_column_of_the_daily_mart_has_sources() -> None:
    """All columns, in their order; each source is a column of a table that the mart reads."""
    assert tuple(LINEAGE) == DAILY.columns
    for column, sources in LINEAGE.items():
        assert sources, column
        for table, name in sources:
            assert f"mart.{table}" in DAILY.upstream
            assert name in tables()[table].columns


def test_a_glance_shows_the_days(built: Warehouse) -> None:
    """A bar for each day until the load; a day with anything stands out from one with nothing; the sum beside it."""
    lines = glance(built).splitlines()
    assert lines[0] == "| | 2026-11-09 to 2026-11-20 | in all |"
    assert lines[2] == "| emails sent | `▂▁▂▁▁▁▁█▁▁▁▁` | 63 |"
    assert len(lines) == 8


def test_a_glance_at_nothing(warehouse: Warehouse) -> None:
    """An empty mart is one day with nothing."""
    build(warehouse, at("2026-11-20 10:00"), "UTC")
    assert "| emails sent | `▁` | 0 |" in glance(warehouse)


def test_dagster_shows_meaning_and_marks_what_is_personal() -> None:
    """Each column of a mart asset has its type and meaning before the first build; personal ones are tagged."""
    for key, spec in mart_build.specs_by_key.items():
        table = tables()[key.path[-1]]
        columns = spec.metadata["dagster/column_schema"].columns
        assert [(each.name, each.type, each.description) for each in columns] == [
            (column.name, column.type, column.comment) for column in table.columns.values()
        ]
        assert {each.name for each in columns if "personal" in each.tags} == {
            column.name for column in table.columns.values() if column.personal
        }


def sql_of(metric: dict[str, Any]) -> str:
    (dialect,) = metric["expression"]["dialects"]
    assert dialect["dialect"] == "ANSI_SQL"
    return str(dialect["expression"])


def aggregate(measure: dict[str, Any]) -> str:
    return f"sum({measure['sql']})" if measure["type"] == "sum" else str(measure["sql"])
