"""Everything that somebody needs who is to help from afar, in one file, and nothing that is nobody's business.

findings, versions, settings, log, drift  ->  redacted.py  ->  JSON  ->  one .tar.gz for its owner alone
"""

from __future__ import annotations

import io
import platform
import tarfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from salesloft_pipeline.doctor.finding import Finding, Patient
from salesloft_pipeline.doctor.redacted import HIDDEN, Redaction
from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.ingest.drift import unnamed
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.warehouse import WarehouseError

LATELY = timedelta(days=7)
_LIBRARIES = (
    *("salesloft-pipeline", "dagster", "dlt", "duckdb", "pyarrow", "psycopg", "adbc-driver-postgresql"),
    *("sqlalchemy", "httpx", "pydantic", "pandas", "starlette", "uvicorn"),
)
_LAST = {
    "errors": "select finished_at, kind, resource, outcome, error from ops.sync_log where error is not null "
    "and finished_at >= $1 order by finished_at desc limit 200",
    "runs": "select run_id, kind, min(started_at) as started_at, max(finished_at) as finished_at, "
    "sum(rows_loaded) as rows_loaded, sum(rows_quarantined) as rows_quarantined, sum(requests) as requests, "
    "sum(points) as points, count(*) filter (where outcome <> 'done') as unfinished from ops.sync_log "
    "where finished_at >= $1 group by 1, 2 order by 3 desc limit 200",
    "quarantine": "select resource, reason, count(*) as rows, max(quarantined_at) as newest from ops.quarantine "
    "where quarantined_at >= $1 group by 1, 2 order by 1, 2",
}


def write_bundle(settings: Settings, findings: Sequence[Finding], file: Path) -> None:
    """Write the bundle, readable by its owner alone. Raises OSError; a part that cannot be had says so in its place."""
    hide, patient = Redaction(settings), Patient(settings)
    parts: dict[str, Any] = {
        "findings": [finding.as_dict() for finding in findings],
        "versions": _versions(),
        "settings": _settings(settings),
        **{name: _had(partial(_rows, patient, query)) for name, query in _LAST.items()},
        "schema_drift": _had(partial(_drift, patient)),
    }
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    with tarfile.open(file, "w:gz") as bundle:
        for name, content in parts.items():
            told = orjson.dumps(hide(content), default=str, option=orjson.OPT_INDENT_2)
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size, entry.mtime = len(told), int(datetime.now(UTC).timestamp())
            bundle.addfile(entry, io.BytesIO(told))


def _had(part: Callable[[], Any]) -> Any:
    try:
        return part()
    except WarehouseError as error:
        return {"not available": str(error)}


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _settings(settings: Settings) -> dict[str, Any]:
    """Numbers, days and what is as it is by default; of all else only that it is set."""
    told = {}
    for name, value in settings:
        as_by_default = value == type(settings).model_fields[name].default
        told[name.upper()] = value if as_by_default or isinstance(value, (int, float, date)) else HIDDEN
    return told


def _rows(patient: Patient, query: str) -> list[dict[str, Any]]:
    warehouse = patient.warehouse
    if (warehouse.path and not warehouse.path.exists()) or "sync_log" not in warehouse.tables(ops.SCHEMA):
        return []
    frame = warehouse.frame(query, [datetime.now(UTC) - LATELY])
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _drift(patient: Patient) -> dict[str, dict[str, int]]:
    """Fields without a column by table, with the rows that have them."""
    warehouse = patient.warehouse
    there = (
        set(warehouse.tables(columns.RAW_SCHEMA)) if not warehouse.path or warehouse.path.exists() else set()
    )
    since = datetime.now(UTC) - LATELY
    found = {each.name: unnamed(warehouse, each.name, since) for each in ENDPOINTS if each.name in there}
    return {table: fields for table, fields in found.items() if fields}
