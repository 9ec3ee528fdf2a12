"""What assets are handed: SalesLoft and the warehouse. Both read the settings when a step runs, never before,
so definitions load without credentials and no secret becomes a field that Dagster could show.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from salesloft_pipeline.warehouse import Warehouse

if TYPE_CHECKING:
    from salesloft_pipeline.ingest.pipeline import Watch
    from salesloft_pipeline.ingest.reader import Reader
    from salesloft_pipeline.ingest.report import SyncReport
    from salesloft_pipeline.landing import Landing
    from salesloft_pipeline.salesloft.client import SalesloftClient
    from salesloft_pipeline.settings import Settings


class SettingsResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The settings of the process that runs the step."""

    def load(self) -> "Settings":
        """Raises SettingsError that names what is missing or wrong."""
        from salesloft_pipeline.settings import load_settings

        return load_settings()

    def client(self) -> "SalesloftClient":
        """SalesLoft's API, with a budget of its own."""
        from salesloft_pipeline import connections

        return connections.salesloft(self.load())

    def warehouse(self) -> Warehouse:
        """The warehouse; opens nothing yet."""
        from salesloft_pipeline import connections

        return connections.warehouse(self.load())

    def tell_prometheus(self, warehouse: Warehouse) -> None:
        """Write how reading goes to SYNC_METRICS_FILE, if any: by the run itself, for whom alone a DuckDB file is open."""
        from salesloft_pipeline.ingest import exposition

        if file := self.load().sync_metrics_file:
            exposition.write(warehouse, file)

    def landing(self) -> "Landing":
        """Where webhook deliveries wait; opens nothing yet."""
        from salesloft_pipeline import connections

        return connections.landing(self.load())


class ProgressResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where a sync tells how far it is: the log of the run. The demo hands in a display instead."""

    def watch(self, log: dg.DagsterLogManager) -> "Watch":
        """The function that a sync calls as it goes."""
        return lambda readers: log.info(_so_far(readers))


def _so_far(readers: Sequence["Reader"]) -> str:
    rows, points = sum(r.tally.rows for r in readers), sum(r.tally.points for r in readers)
    waiting = ", ".join(reader.endpoint.name for reader in readers if not reader.over)
    left = sum(reader.rows_left or 0 for reader in readers)
    return f"{rows:,} rows for {points:,} points so far, {left:,} left; still to read: {waiting or 'nothing'}"


def told(report: "SyncReport") -> dict[str, Any]:
    """What a run did, as metadata of its step."""
    return {"rows": report.rows, "points": report.points, "summary": str(report)}


RESOURCES = {"settings": SettingsResource(), "progress": ProgressResource()}
POOL = "warehouse"
# Runs of jobs that read SalesLoft: dagster.yaml says how many may at once.
API = {"salesloft_api": "reads"}
OWNERS = ["team:data"]
