"""How reading goes, as Prometheus reads it; and that the dashboard and the alerts ask for what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from salesloft_pipeline.ingest import exposition
from salesloft_pipeline.receiver.metrics import Metrics
from salesloft_pipeline_tests.conftest import Scene, both_engines
from salesloft_pipeline_tests.house import House

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def team(scene: Callable[..., Scene]) -> Scene:
    """A small team and an empty warehouse."""
    return scene(people=60, emails=200, days=20)


def samples(families: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by name and labels, which the text shows in the order of their names."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


@both_engines
def test_prometheus_reads_what_the_log_says(team: Scene, tmp_path: Path) -> None:
    """Points, rows, requests and the instant of the last reading of each resource; sums grow from run to run."""
    assert exposition.exposition(team.warehouse) == ""
    assert team.warehouse.path is None or not team.warehouse.path.exists()
    first, second = team.sync("users", "people"), team.sync("people")
    exposition.write(team.warehouse, tmp_path / "new" / "salesloft.prom")
    text = (tmp_path / "new" / "salesloft.prom").read_text()
    assert text == exposition.exposition(team.warehouse)
    found = samples(text_string_to_metric_families(text))
    people = ("sync", "people")
    points = [
        r.tally.points for report in (first, second) for r in report.resources if r.resource == "people"
    ]
    assert found["salesloft_sync_points_total"][people] == sum(points)
    assert found["salesloft_sync_runs_total"] == {people: 2, ("sync", "users"): 1}
    assert set(found["salesloft_sync_errors_total"].values()) == {0}
    done = datetime.fromtimestamp(found["salesloft_sync_done_timestamp_seconds"][people], UTC)
    assert abs((done - second.finished_at).total_seconds()) < 0.001


def test_a_sync_by_dagster_leaves_the_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that failed in part: that is when somebody wants to see it."""
    file = house.folder / "node_exporter" / "salesloft.prom"
    monkeypatch.setenv("SYNC_METRICS_FILE", str(file))
    house.scene.world.fault("status", times=20, resource="users", status=422)
    assert not house.run("sync_job", "users", "people").success
    found = samples(text_string_to_metric_families(file.read_text()))
    assert found["salesloft_sync_errors_total"][("sync", "users")] >= 1
    assert found["salesloft_sync_rows_total"][("sync", "people")] > 0


def asked_for() -> set[str]:
    """Every metric of ours that a panel or a rule names."""
    dashboard = json.loads((DEPLOY / "grafana" / "salesloft.json").read_text())
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    questions += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert all(re.findall(r"salesloft_\w+", question) for question in questions)
    return {name for question in questions for name in re.findall(r"salesloft_\w+", question)}


def names_of(families: list[Metric]) -> set[str]:
    """The names of a registry's series: counters end in _total, histograms in _bucket, _count and _sum."""
    ends = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
    return {family.name + end for family in families for end in ends.get(family.type, [""])}


def test_dashboard_and_alerts_name_metrics_that_exist(team: Scene) -> None:
    """A renamed metric would leave a panel empty and an alert silent."""
    team.sync("users")
    there = list(text_string_to_metric_families(exposition.exposition(team.warehouse)))
    there += Metrics().registry.collect()
    assert asked_for() <= names_of(there)
