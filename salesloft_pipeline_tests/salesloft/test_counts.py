"""A capped count is halved until each part is below the cap, and a list that does not count is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from salesloft_pipeline.salesloft.counts import CAP, counted
from salesloft_pipeline.salesloft.errors import BrokenContract
from salesloft_pipeline.salesloft.protocol import Params, Reply, parse_instant
from salesloft_pipeline_tests.salesloft.listing import EPOCH

MICROSECOND = timedelta(microseconds=1)


def test_a_count_that_may_be_capped_is_halved() -> None:
    """25,000 records, one for each microsecond: counted exactly, though no answer says more than the cap."""
    asked: list[Params] = []

    def fetch(params: Params) -> Reply:
        asked.append(params)
        since, until = (parse_instant(str(params[f"sent_at[{end}]"])) for end in ("gte", "lte"))
        return Reply([], {"paging": {"total_count": min(CAP, (until - since) // MICROSECOND + 1)}})

    assert counted(fetch, "sent_at", EPOCH, EPOCH + 24_999 * MICROSECOND) == 25_000
    assert len(asked) == 7
    assert asked[0]["per_page"] == asked[0]["page"] == "1"
    assert (asked[0]["include_paging_counts"], asked[0]["limit_paging_counts"]) == ("true", "false")


@pytest.mark.parametrize(("total", "requests"), [(CAP - 1, 1), (CAP + 1, 1), (CAP, 1)])
def test_one_instant_is_not_halved(total: int, requests: int) -> None:
    """Nor what is above the cap, for then there is none."""
    asked: list[datetime] = []

    def fetch(params: Params) -> Reply:
        asked.append(parse_instant(str(params["sent_at[gte]"])))
        return Reply([], {"paging": {"total_count": total}})

    assert counted(fetch, "sent_at", EPOCH, EPOCH) == total
    assert len(asked) == requests


def test_a_list_that_does_not_count_is_told() -> None:
    """With the filter that was asked for."""
    with pytest.raises(BrokenContract, match=r"between two instants of sent_at"):
        counted(lambda _: Reply([], {}), "sent_at", EPOCH, EPOCH)
