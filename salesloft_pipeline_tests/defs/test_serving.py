"""What Dagster publishes, and when: after a build whose checks pass, and the page only of a copy that is the mart."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from salesloft_pipeline.defs.resources import RESOURCES
from salesloft_pipeline.defs.serving import engagement_dashboard, publish_serving, serving_is_the_mart
from salesloft_pipeline.defs.transform import mart_build
from salesloft_pipeline.served import copy_at_hand
from salesloft_pipeline.settings import load_settings
from salesloft_pipeline.transform import serving
from salesloft_pipeline.transform.serving import ServingError
from salesloft_pipeline_tests.transform.conftest import built_file, empty_file

__all__ = ["built_file", "empty_file"]

COPY, PAGE = dg.AssetKey("publish_serving"), dg.AssetKey("engagement_dashboard")


@pytest.fixture
def folder(built_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deployment whose mart is built."""
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(built_file, tmp_path / "warehouse.duckdb")
    monkeypatch.setenv("WAREHOUSE_URL", f"duckdb:///{tmp_path}/warehouse.duckdb")
    monkeypatch.setenv("SERVING_FOLDER", str(tmp_path / "serving"))
    return tmp_path / "serving"


def run() -> dg.ExecuteInProcessResult:
    assets = [publish_serving, engagement_dashboard, serving_is_the_mart]
    return dg.materialize(assets, resources=RESOURCES, raise_on_error=False)


def made(result: dg.ExecuteInProcessResult) -> list[dg.AssetKey]:
    return [event.asset_key for event in result.get_asset_materialization_events() if event.asset_key]


def test_copy_check_and_page_in_one_run(folder: Path) -> None:
    """The copy, Q28 about it, then the page; the metadata says which build and where."""
    result = run()
    assert result.success
    assert made(result) == [COPY, PAGE]
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]
    (page,) = result.asset_materializations_for_node("engagement_dashboard")
    assert page.metadata["page"].value == (folder / "dashboard.html").as_uri()
    assert (folder / "salesloft.duckdb").exists()


def test_no_page_of_a_copy_that_is_not_the_mart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Q28 finds a fault, it is named and the page stays as it was."""
    monkeypatch.setattr(serving, "faults", lambda *_: ["dim_user has 2 rows in the copy and 3 in the mart"])
    result = run()
    assert not result.success
    assert made(result) == [COPY]
    (check,) = result.get_asset_check_evaluations()
    assert check.metadata["offending_count"].value == 1
    assert not (folder / "dashboard.html").exists()


@pytest.mark.parametrize("passed", [True, False])
def test_it_follows_a_build_that_passed(passed: bool) -> None:
    """A build asks for copy and page; one with an error among its checks does not."""
    definitions = dg.Definitions([mart_build, publish_serving, engagement_dashboard], resources=RESOURCES)
    with dg.DagsterInstance.ephemeral() as instance:
        before = dg.evaluate_automation_conditions(definitions, instance)
        assert before.get_num_requested(COPY) == 0
        for key in mart_build.keys:
            instance.report_runless_asset_event(dg.AssetMaterialization(key))
        for number, check in enumerate(mart_build.check_specs):
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=check.asset_key, check_name=check.name, passed=passed or number > 0, metadata={}
                )
            )
        after = dg.evaluate_automation_conditions(definitions, instance, cursor=before.cursor)
    assert after.get_num_requested(COPY) == after.get_num_requested(PAGE) == int(passed)


def test_another_machine_takes_the_copy_from_the_store(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SERVING_URL the files go there too, and a page is made where nothing was published; nothing else is there."""
    store = tmp_path / "store"
    monkeypatch.setenv("SERVING_URL", f"file://{store}/salesloft")
    assert dg.materialize([publish_serving], resources=RESOURCES).success
    assert served(store / "salesloft") == served(folder)
    monkeypatch.setenv("SERVING_FOLDER", str(tmp_path / "elsewhere"))
    assert dg.materialize([engagement_dashboard], resources=RESOURCES).success
    assert (store / "salesloft/dashboard.html").read_bytes() == (
        tmp_path / "elsewhere/dashboard.html"
    ).read_bytes()
    assert served(tmp_path / "elsewhere").keys() == {"salesloft.duckdb", "dashboard.html"}


def served(folder: Path) -> dict[str, bytes]:
    """Every file by its place in the folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_store_that_nobody_knows_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of the setting."""
    monkeypatch.setenv("SERVING_URL", "carrier-pigeon://loft")
    with pytest.raises(ServingError, match="SERVING_URL cannot be used"):
        copy_at_hand(load_settings())
