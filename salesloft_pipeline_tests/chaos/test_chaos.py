"""The fault suite in short: its fastest faults once, and that it would tell."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError
from salesloft_pipeline.salesloft.protocol import Reply
from salesloft_pipeline_tests.chaos import __main__ as suite
from salesloft_pipeline_tests.chaos.fault import Fault, Ground, Outcome, tried
from salesloft_pipeline_tests.chaos.faults import FAULTS
from salesloft_pipeline_tests.chaos.page import table, write

BY_NAME = {fault.name: fault for fault in FAULTS}
QUICK = ("receiver killed", "landing damaged")


@pytest.mark.parametrize("name", QUICK)
def test_a_fault_is_survived(name: str) -> None:
    """Nothing that SalesLoft holds and nothing that was acknowledged is missing; all of them: make chaos."""
    outcome = tried(BY_NAME[name], "duckdb", seed=1, tries=1)
    assert outcome.failure is None
    assert outcome.figures


def test_a_broken_pipeline_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a client that takes an error for the end of a list loses records, and the comparison names some."""
    get = SalesloftClient.get

    def careless(self: SalesloftClient, path: str, params: Any = None) -> Reply:
        try:
            return get(self, path, params)
        except SalesloftError:
            if path == "/me":
                raise
            return Reply(data=[], metadata={})

    monkeypatch.setattr(SalesloftClient, "get", careless)
    monkeypatch.setattr("salesloft_pipeline.salesloft.client.ATTEMPTS", 1)
    monkeypatch.setattr("salesloft_pipeline.salesloft.client.check_echo", lambda *_: None)
    outcome = tried(BY_NAME["garbage"], "duckdb", seed=1, tries=1)
    assert outcome.failure is not None
    assert "differ from SalesLoft" in outcome.failure
    assert "is missing" in outcome.failure


def losing(_: Ground) -> Counter[str]:
    """A fault that is not survived."""
    raise AssertionError("2 | of 9 deliveries are lost")


def drawing(ground: Ground) -> Counter[str]:
    """A fault whose figures are what was drawn."""
    return Counter({"drawn": ground.dice.randrange(1, 10**9)})


def test_a_loss_ends_the_suite_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message stands in the table, and in no column but its own."""
    monkeypatch.setattr(suite, "PAIRS", [(Fault("one that loses", "nothing", losing), "duckdb")])
    result = CliRunner().invoke(suite.main, ["--tries", "2"])
    assert result.exit_code == 1
    assert "try 1: AssertionError: 2 / of 9 deliveries are lost" in result.stdout


def test_a_seed_is_what_was_drawn() -> None:
    """The same seed does the same, in each try something else; another seed does other things."""
    fault = Fault("drawn", "nothing", drawing)
    once, again, other = (tried(fault, "duckdb", seed, 2).figures for seed in (1, 1, 2))
    assert once == again != other
    assert tried(fault, "duckdb", 1, 1).figures["drawn"] not in (0, once["drawn"] // 2)


def test_each_fault_has_a_name_of_its_own() -> None:
    """By which it is asked for, and its dice are thrown."""
    assert len(BY_NAME) == len(FAULTS)


def test_the_page_holds_the_table(tmp_path: Path) -> None:
    """Between words that stand in one place."""
    outcomes = [Outcome("one", "postgres", "nothing", 2, Counter({"kills": 1_000}), None)]
    write(outcomes, 7, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "seed 7" in page
    assert table(outcomes) in page
    assert "| one (Postgres) | nothing       | held    | tries: 2, kills: 1,000 |" in page
