"""A build that is killed has changed nothing: readers see the build before, whole, and the next one completes."""

from __future__ import annotations

import pytest

from salesloft_pipeline.transform import MARTS
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.conftest import both_engines, sized
from salesloft_pipeline_tests.transform.killed import builds_survive


@pytest.mark.parametrize("whole_up_to_emails", [0, 1_000_000], ids=["in place", "whole"])
@both_engines
def test_killed_at_any_table(warehouse_url: str, whole_up_to_emails: int) -> None:
    """Killed early, half way and late; then it goes through."""
    last = len(MARTS) - 1
    tables = range(1, last + 1, sized(last // 2, 1))
    builds_survive(Warehouse(warehouse_url), tables, whole_up_to_emails)
