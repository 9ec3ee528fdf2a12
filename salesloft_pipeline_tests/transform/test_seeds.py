"""Seeds are checked before anything is built from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesloft_pipeline.transform import SEED_FOLDER, SEEDS, Seed, SeedError, build
from salesloft_pipeline.transform.seeds import read_seed
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import at, call, fill, seed_folder

BY_NAME = {seed.name: seed for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_shipped_seeds_are_in_order(seed: Seed) -> None:
    """What is shipped passes its own checks."""
    read_seed(seed, SEED_FOLDER)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("ref_disposition", "disposition,category\nBusy,buzy\n", "line 2: unknown category 'buzy'"),
        (
            "ref_disposition",
            "disposition,category\nBusy,other\nbusy,no_answer\n",
            "'busy' stands there twice",
        ),
        ("ref_disposition", "Busy,other\n", "line 1: the header must be disposition,category"),
        ("ref_disposition", "", "line 1: the header must be disposition,category"),
        ("ref_disposition", "disposition,category\nBusy\n", "line 2: 1 values, expected 2"),
        ("ref_disposition", "disposition,category\n ,other\n", "line 2: disposition is empty"),
        ("ref_user_alias", "user_id,canonical_user_id,note\nseven,8,\n", "line 2: invalid literal"),
        ("ref_holiday", "holiday_date,name\n25 December,Christmas\n", "line 2: Invalid isoformat"),
    ],
)
def test_a_faulty_seed_is_refused_by_line(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    """The message names the file, the line and what is wrong there."""
    with pytest.raises(SeedError, match=complaint) as caught:
        read_seed(BY_NAME[name], seed_folder(tmp_path, **{name: text}))
    assert f"{name}.csv" in str(caught.value)


def test_a_missing_seed_is_named(tmp_path: Path) -> None:
    """The message says which file is missing and what its header is."""
    with pytest.raises(SeedError, match=r"ref_holiday\.csv is missing"):
        read_seed(BY_NAME["ref_holiday"], tmp_path)


def test_an_edited_seed_changes_the_metric(warehouse: Warehouse, tmp_path: Path) -> None:
    """A team's own wording counts once it is classified; until then it is `other` and unmapped."""
    fill(warehouse, call(1, "Reached!"))
    found = "select disposition_category from mart.fct_call"
    build(warehouse, at("11-20 00:00"), "UTC")
    assert warehouse.query(found) == [("other",)]
    mapped = "select is_mapped from mart.dim_disposition where disposition_key = 'reached!'"
    assert warehouse.query(mapped) == [(False,)]
    folder = seed_folder(tmp_path, ref_disposition="disposition,category\nReached!,connected\n")
    build(warehouse, at("11-20 00:00"), "UTC", seed_folder=folder)
    assert warehouse.query(found) == [("connected",)]
