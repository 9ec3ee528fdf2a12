"""Models and rows are checked before anything else; what is wrong is told by its place, never by its value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from salesloft_pipeline.reverse_sync.desired import Desired, read_desired
from salesloft_pipeline.reverse_sync.errors import DesiredError, ModelError, TooManyChanges
from salesloft_pipeline.reverse_sync.model import Model, load_model
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import both_engines
from salesloft_pipeline_tests.reverse_sync.pushing import MODEL, Push, writes
from salesloft_pipeline_tests.test_docs import README

CHECKED: dict[str, Any] = {
    "source": {"file": "rows.csv"},
    "match": {"column": "email", "field": "email_address"},
    "fields": {"owner": "owner_id", "dnc": "do_not_contact", "tags": "tags", "rank": "job_seniority", "x": "custom_fields.X"},
}  # fmt: skip


@pytest.fixture
def load(tmp_path: Path) -> Callable[[dict[str, Any]], Model]:
    """A model out of its content."""

    def loaded(content: dict[str, Any]) -> Model:
        (tmp_path / "model.yaml").write_text(yaml.safe_dump(content))
        return load_model(tmp_path / "model.yaml")

    return loaded


@pytest.fixture
def warehouse(warehouse_url: str) -> Warehouse:
    """An empty one."""
    return Warehouse(warehouse_url)


def test_the_example_of_the_readme_is_a_model(tmp_path: Path) -> None:
    """What the README shows can be used."""
    (example,) = (block for block in README.split("```yaml\n")[1:] if "match:" in block)
    (tmp_path / "model.yaml").write_text(example.partition("```")[0])
    model = load_model(tmp_path / "model.yaml")
    assert model.source == ("table", "analytics.people")
    assert set(model.policies) == {"title", "mobile_phone", "custom_fields.Region"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sauce": 1}, "sauce: no such setting"),
        ({"source": {"file": "a", "table": "b"}}, "source: must have one of"),
        ({"match": {"column": "id", "field": "name"}}, "match: field must be one of"),
        ({"fields": {}}, "fields: must name"),
        ({"fields": {"a": "eyes"}}, "a goes to no field that can be written"),
        ({"fields": {"a": "title", "b": "title"}}, "title is written by two columns"),
        ({"fields": {"a": {"field": "title", "policy": "mine"}}}, "the policy of a must be one of"),
        ({"policy": "newest_wins"}, "changed_at must name a column"),
        ({"create": "maybe"}, "create: must be true or false"),
        ({"limit": 0}, "limit: must be a number from 1"),
        ({"consent": 7}, "consent: must be a column"),
    ],
)
def test_a_wrong_model_is_explained(load: Callable[..., Model], change: dict[str, Any], told: str) -> None:
    """Every mistake by its place in the file."""
    with pytest.raises(ModelError, match=told):
        load({**MODEL, **change})


def test_rows_are_typed(load: Callable[..., Model], tmp_path: Path, warehouse: Warehouse) -> None:
    """Numbers, flags, lists and custom fields out of a CSV's texts; an empty cell says nothing."""
    (tmp_path / "rows.csv").write_text(
        'email,owner,dnc,tags,rank,x\nAnn@Example.com,007,TRUE,"[""b"", ""a""]",manager, 3 \nbob@example.com,,,,,\n'
    )
    ann, bob = read_desired(load(CHECKED), warehouse).rows
    assert ann == Desired(
        1,
        "ann@example.com",
        {
            "owner_id": 7,
            "do_not_contact": True,
            "tags": ["a", "b"],
            "job_seniority": "manager",
            "custom_fields.X": "3",
        },
    )
    assert bob == Desired(2, "bob@example.com", {})


def test_wrong_rows_are_told_by_number_and_field(
    load: Callable[..., Model], tmp_path: Path, warehouse: Warehouse
) -> None:
    """All of them at once, without a value that might be personal."""
    (tmp_path / "rows.csv").write_text(
        "email,owner,dnc,tags,rank,x\nsecret@example.com,ann secret,perhaps,secret,secret,1\n"
        ",1,true,,,\nSECRET@example.com,,,,,\nbob@example.com,,,,,\nBob@Example.com,,,,,\nsecret,,,,,\n"
    )
    source = read_desired(load(CHECKED), warehouse)
    told = "\n".join(map(str, source.wrong))
    assert [row.row for row in source.rows] == [3, 4]
    assert sorted((problem.row, problem.field) for problem in source.wrong) == [
        (1, "do_not_contact"), (1, "job_seniority"), (1, "owner_id"), (1, "tags"), (2, "email_address"),
        (5, "email_address"), (6, "email_address"),
    ]  # fmt: skip
    assert "row 5, email_address: is the same as in row 4" in told
    assert "row 2, email_address: is empty" in told
    assert "secret" not in told.lower()


def test_a_missing_file_or_column_is_named(
    load: Callable[..., Model], tmp_path: Path, warehouse: Warehouse
) -> None:
    """With the file, or the column."""
    with pytest.raises(ModelError, match=r"no file .*rows\.csv"):
        read_desired(load(MODEL), warehouse)
    (tmp_path / "rows.csv").write_text("id,job\n1,x\n")
    with pytest.raises(ModelError, match="no column title"):
        read_desired(load(MODEL), warehouse)


def test_a_source_without_one_right_row_is_refused(
    load: Callable[..., Model], tmp_path: Path, warehouse: Warehouse
) -> None:
    """That is the mapping, not the rows: the first of them are named."""
    (tmp_path / "rows.csv").write_text("id,title\nann,x\nbob,y\n")
    with pytest.raises(DesiredError, match=r"no row that can be right.*\nrow 1, id: must be a whole number"):
        read_desired(load(MODEL), warehouse)


@both_engines
def test_rows_come_from_tables_queries_and_parquet(
    load: Callable[..., Model], tmp_path: Path, warehouse: Warehouse
) -> None:
    """The same rows, whichever way; a number with a null beside it is still a number."""
    warehouse.execute("create table scores (id bigint, title text, owner bigint)")
    warehouse.execute("insert into scores values (1, 'x', 5), (2, null, null)")
    pd.DataFrame({"id": [1, 2], "title": ["x", None], "owner": [5.0, None]}).to_parquet(
        tmp_path / "rows.parquet"
    )
    schema = "main" if warehouse.path else "public"
    sources = (
        {"table": f"{schema}.scores"},
        {"query": "select * from scores order by id"},
        {"file": "rows.parquet"},
    )
    for source in sources:
        model = load({**MODEL, "source": source, "fields": {"title": "title", "owner": "owner_id"}})
        assert read_desired(model, warehouse).rows == [
            Desired(1, 1, {"title": "x", "owner_id": 5}),
            Desired(2, 2, {}),
        ]
    with pytest.raises(ModelError, match="query of model model cannot be read"):
        read_desired(load({**MODEL, "source": {"query": "select * from nowhere"}}), warehouse)


def test_too_many_changes_are_refused(push: Push) -> None:
    """Before the first is written."""
    push.model["limit"] = 2
    push.rows([{"id": person["id"], "title": "Chief"} for person in push.people(3)])
    with pytest.raises(TooManyChanges, match="3 changes, and model model allows 2"):
        push()
    assert writes(push.scene) == []
