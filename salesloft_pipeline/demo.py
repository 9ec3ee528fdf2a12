"""`demo`: the main job once, from a simulated SalesLoft to the daily engagement, without an account.

simulator (a process of its own)  ->  main_job of definitions.py  ->  data/warehouse.duckdb  ->  what to look at
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import httpx
import pandas as pd
from rich.console import Console
from rich.table import Table

from salesloft_pipeline import connections, progress, standin
from salesloft_pipeline.ingest.pipeline import Watch
from salesloft_pipeline.settings import load_settings
from salesloft_pipeline.warehouse import Warehouse

WAREHOUSE_URL = "duckdb:///data/warehouse.duckdb"

_DAYS = """
    select engagement_date as "day", sum(emails_sent) as sent, sum(emails_bounced) as bounced,
        sum(emails_replied) as replied, sum(calls_logged) as calls, sum(calls_connected) as connected,
        sum(meetings_booked) as meetings, sum(successes) as successes
    from mart.daily_engagement group by 1 order by 1 desc limit 10
"""


class DemoError(Exception):
    """The demo cannot run here, or one of its steps failed; the message says which."""


def run_demo() -> None:
    """Run the demo and print what it made. Raises DemoError."""
    console = Console()
    with standin.simulator(standin.DEMO_SIZES) as api_url:
        console.print(
            f"A simulated SalesLoft answers at {api_url}. Reading it into data/warehouse.duckdb ...\n"
        )
        os.environ.update(standin.environment(api_url), WAREHOUSE_URL=WAREHOUSE_URL)
        settings = load_settings()
        warehouse = connections.warehouse(settings)
        _make_room(warehouse, _team_of(api_url))
        with progress.shown(console, settings.salesloft_cost_per_minute) as watch:
            _run_main_job(watch)
    _print_results(console, warehouse)


def _team_of(api_url: str) -> int:
    answer = httpx.get(f"{api_url}/team", headers={"authorization": f"Bearer {standin.API_KEY}"})
    return int(answer.raise_for_status().json()["data"]["id"])


def _make_room(warehouse: Warehouse, team: int) -> None:
    """Take away what an earlier demo left. A warehouse that another team filled is left alone."""
    assert warehouse.path is not None
    if not warehouse.path.exists():
        return
    loaded = "team" in warehouse.tables("raw_salesloft")
    teams = (
        {number for (number,) in warehouse.query("select id from raw_salesloft.team")} if loaded else set()
    )
    if teams - {team}:
        raise DemoError(
            f"{warehouse.path} holds data of team {min(teams - {team})}, which the demo would overwrite: move the "
            "file away, or run the demo in a fresh checkout"
        )
    warehouse.path.unlink()


def _run_main_job(watch: Watch) -> None:
    from salesloft_pipeline.definitions import defs
    from salesloft_pipeline.defs.resources import RESOURCES, ProgressResource

    class Shown(ProgressResource):
        def watch(self, _: dg.DagsterLogManager) -> Watch:
            return watch

    job = defs.resolve_job_def("main_job")
    with _instance() as instance:
        result = job.execute_in_process(
            instance=instance,
            resources={**RESOURCES, "progress": Shown()},
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            raise_on_error=False,
        )
    if not result.success:
        raise DemoError("the main job failed: its log is above")


@contextmanager
def _instance() -> Iterator[dg.DagsterInstance]:
    """The instance of dagster.yaml here, so that the run shows in the UI later; else one for this run only."""
    if Path("dagster.yaml").exists():
        os.environ.setdefault("DAGSTER_HOME", str(Path.cwd()))
        with dg.DagsterInstance.get() as instance:
            yield instance
    else:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance


def _print_results(console: Console, warehouse: Warehouse) -> None:
    console.print("\n[bold]Rows per table")
    for schema in ("raw_salesloft", "mart"):
        counts = [(name, _count(warehouse, schema, name)) for name in _own_tables(warehouse, schema)]
        console.print(_table([schema, "rows"], [(name, f"{rows:,}") for name, rows in counts if rows]))
    console.print("\n[bold]mart.daily_engagement, the last ten days with anything in them")
    days = warehouse.frame(_DAYS)
    console.print(
        _table(list(days.columns), [[_cell(value) for value in row] for row in days.itertuples(index=False)])
    )
    folder = load_settings().serving_folder
    console.print(
        "\nLook further:\n"
        f"  the dashboard  {folder / 'dashboard.html'}, in a browser\n"
        f"  the report     {folder / 'reports' / 'daily-all.html'}, in a browser or as .md\n"
        f"  the tables     {warehouse.path}, by any DuckDB client\n"
        "  Dagster's UI   make dev\n"
        "  your account   put SALESLOFT_API_KEY into .env, then: salesloft-pipeline sync"
    )


def _own_tables(warehouse: Warehouse, schema: str) -> list[str]:
    return [name for name in warehouse.tables(schema) if not name.startswith("_dlt")]


def _count(warehouse: Warehouse, schema: str, table: str) -> int:
    ((rows,),) = warehouse.query(f"select count(*) from {schema}.{table}")
    return int(rows)


def _cell(value: object) -> str:
    return f"{value:%a %Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{value:,.0f}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, title in enumerate(titles):
        table.add_column(title, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    return table
