"""How reading goes, as Prometheus reads it: ops.sync_log summed up, and what lies in quarantine.

ops.sync_log, ops.quarantine  ->  exposition()  ->  text  ->  write()  ->  a file for node_exporter's textfile collector

Counters are sums over the whole log, so they only grow, whichever process or machine did the work. The lag of a
resource is the age of its newest complete reading: time() - salesloft_sync_done_timestamp_seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from salesloft_pipeline.ingest import ops
from salesloft_pipeline.warehouse import Warehouse

# By metric: what it counts, and how, out of ops.sync_log by resource and kind of run.
_SUMS = {
    "rows": ("Records loaded.", "sum(rows_loaded)"),
    "rows_quarantined": ("Records refused.", "sum(rows_quarantined)"),
    "requests": ("Requests sent to SalesLoft.", "sum(requests)"),
    "points": ("Cost points spent.", "sum(points)"),
    "runs": ("Runs that took part in reading.", "count(*)"),
    "errors": ("Runs in which reading failed.", "count(*) filter (where outcome = 'failed')"),
}
# By gauge: what it tells, its labels, and the query of these and the value.
_GAUGES = {
    "salesloft_sync_done_timestamp_seconds": (
        "End of the newest complete reading.",
        ["resource", "kind"],
        "select resource, kind, extract(epoch from max(finished_at)) from ops.sync_log where outcome = 'done' "
        "group by 1, 2 order by 1, 2",
    ),
    "salesloft_quarantine_rows": (
        "Records that lie in quarantine.",
        ["resource"],
        "select resource, count(*) from ops.quarantine group by 1 order by 1",
    ),
}


def exposition(warehouse: Warehouse) -> str:
    """All metrics as text; none of them before the first sync. Raises WarehouseError."""
    return generate_latest(_registry(warehouse)).decode()


def write(warehouse: Warehouse, file: Path) -> None:
    """The same into a file, at once: whoever reads it sees the old or the new. Raises WarehouseError, OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), _registry(warehouse))


def _registry(warehouse: Warehouse) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Log(warehouse))
    return registry


class _Log(Collector):
    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def describe(self) -> list[Metric]:
        """Nothing, so that registering asks for nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric with its samples."""
        path = self._warehouse.path
        # Looking makes no file.
        if (path and not path.exists()) or "sync_log" not in self._warehouse.tables(ops.SCHEMA):
            return
        with self._warehouse.transaction() as sql:
            sums = ", ".join(how for _, how in _SUMS.values())
            counted = sql.query(
                f"select resource, kind, {sums} from ops.sync_log group by 1, 2 order by 1, 2"
            )
            for place, (name, (meaning, _)) in enumerate(_SUMS.items(), 2):
                sum_of = CounterMetricFamily(f"salesloft_sync_{name}", meaning, labels=["resource", "kind"])
                for row in counted:
                    sum_of.add_metric(row[:2], float(row[place]))
                yield sum_of
            for name, (meaning, labels, query) in _GAUGES.items():
                gauge = GaugeMetricFamily(name, meaning, labels=labels)
                for *of, value in sql.query(query):
                    gauge.add_metric(of, float(value))
                yield gauge
