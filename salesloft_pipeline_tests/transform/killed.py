"""Builds of the mart as processes of their own, killed after a table of one's choice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta

from salesloft_pipeline.transform import build
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.rows import RAW
from salesloft_pipeline_tests.transform.twin import ZONE
from salesloft_pipeline_tests.transform.worked_years import AS_OF, fill

# Says the name of each table that it has made.
BUILDER = """
import sys
from datetime import timedelta
from salesloft_pipeline.transform import build, maker
from salesloft_pipeline.warehouse import Warehouse
from salesloft_pipeline_tests.transform.worked_years import AS_OF

make = maker.Maker.make
def told(self, mart):
    rows = make(self, mart)
    print(mart.name, flush=True)
    return rows
maker.Maker.make = told
build(Warehouse(sys.argv[1]), AS_OF + timedelta(days=1), "America/New_York", whole_up_to_emails=int(sys.argv[2]))
print("committed", flush=True)
"""


def kill_after(url: str, tables: int, whole_up_to_emails: int) -> None:
    """Start a build and kill it when it has made so many tables."""
    command = [sys.executable, "-c", BUILDER, url, str(whole_up_to_emails)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for _ in range(tables):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        assert "committed" not in process.stdout.read()


def shown(warehouse: Warehouse) -> list[tuple[object, ...]]:
    """What a reader sees: which build, and sums that a half build would not have."""
    return warehouse.query(
        "select b.build_id, (select count(*) from mart.fct_email), (select sum(views) from mart.fct_email), "
        "(select sum(emails_sent) from mart.daily_engagement), (select count(*) from mart.v_daily_engagement) "
        "from mart.build_info b"
    )


def builds_survive(warehouse: Warehouse, tables: Iterable[int], whole_up_to_emails: int) -> None:
    """Builds that are killed after so many tables each show nobody anything; then one goes through, with all."""
    fill(warehouse, emails=200)
    build(warehouse, AS_OF, ZONE, whole_up_to_emails=0)
    before = shown(warehouse)
    warehouse.execute(
        f"update {RAW}.emails set counts_views = counts_views + 1, _dlt_load_id = '2' where id % 20 = 1"
    )
    for count in tables:
        kill_after(warehouse.url, count, whole_up_to_emails)
        assert shown(warehouse) == before, f"a build killed after {count} tables shows"
    build(warehouse, AS_OF + timedelta(days=1), ZONE, whole_up_to_emails=whole_up_to_emails)
    ((_, emails, views, *_),) = shown(warehouse)
    ((held,),) = warehouse.query(f"select sum(counts_views) from {RAW}.emails")
    assert (emails, views) == (before[0][1], held), (
        f"{emails} emails, {views} views; the raw tables have {held}"
    )
