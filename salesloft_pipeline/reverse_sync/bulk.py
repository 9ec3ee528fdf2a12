"""Many upserts of people as one bulk job, which SalesLoft carries out outside of the budget of points.

    POST /bulk_jobs ─► POST its data, 5,000 rows a call ─► intents into the ledger ─► PUT ready ─► wait ─► its errors

A job that is not marked ready does nothing, so whatever fails before that is simply begun again. A job takes as many
rows as one likes, and SalesLoft works at one at a time. Of the results only the errors are asked for, a hundred a point.
https://developers.salesloft.com/docs/platform/bulk-jobs/example-flow/
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError, Unprocessable
from salesloft_pipeline.salesloft.protocol import parse_instant

# From so many changes on a bulk job is worth its wait.
BULK_FROM = 500
ROWS_A_CALL = 5_000
KIND = "person/upsert"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 120.0
PATIENCE_SECONDS = 3600.0
_OPEN, _DONE = "open", "done"
# A job, its start, its errors, and looking whether it is done: some forty times at the most, within the patience.
_BESIDE_THE_DATA = 43


def points(rows: int) -> int:
    """What a job of so many rows costs at the most; without one for each hundred rows that fail."""
    return math.ceil(rows / ROWS_A_CALL) + _BESIDE_THE_DATA


def fill_job(client: SalesloftClient, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """An open job with these rows; its id. Nothing is written yet. Raises what requests raise."""
    # One made twice stays open for ever, and does nothing.
    job_id = int(client.create("/bulk_jobs", {"type": KIND, "name": name}, harmless_again=True).data["id"])
    path = f"/bulk_jobs/{job_id}"
    for begin in range(0, len(rows), ROWS_A_CALL):
        some = list(rows[begin : begin + ROWS_A_CALL])
        try:
            client.create(f"{path}/job_data", {"data": some})
        except SalesloftError as error:
            if not error.transient or client.get(path).data["total"] != begin + len(some):
                raise
    return job_id


def start_job(client: SalesloftClient, job_id: int) -> None:
    """Mark it ready. Raises what requests raise; a job that is at work already is fine."""
    path = f"/bulk_jobs/{job_id}"
    try:
        client.update(path, {"ready_to_execute": True})
    except Unprocessable:
        if client.get(path).data["state"] == _OPEN:
            raise


def await_job(client: SalesloftClient, job_id: int) -> datetime | None:
    """Wait until the job is done; when that was, by SalesLoft's clock, in UTC. None for one that was never marked
    ready: it does nothing, so there is nothing to wait for.

    Raises ReverseSyncError when an hour was not enough: the next run goes on waiting.
    """
    wait = waited = FIRST_WAIT_SECONDS
    while (job := client.get(f"/bulk_jobs/{job_id}").data)["state"] not in (_OPEN, _DONE):
        if waited > PATIENCE_SECONDS:
            raise ReverseSyncError(
                f"bulk job {job_id} is still at work after an hour: run again later, it is awaited"
            )
        client.budget.pause(wait)
        waited += wait
        wait = min(wait * 1.5, LONGEST_WAIT_SECONDS)
    return parse_instant(job["finished_at"] or job["updated_at"]) if job["state"] == _DONE else None


def errors(client: SalesloftClient, job_id: int) -> dict[tuple[str, str], str]:
    """SalesLoft's words about each row of the job that it refused, by `whom`."""

    def fetch(params: Mapping[str, Any]) -> Any:
        return client.get(f"/bulk_jobs/{job_id}/results", {**params, "status": "error"})

    refused = (row for page in walk.by_id(fetch) for row in page)
    return {whom(row["record"]): str(row["error"]) for row in refused if row["status"] == "error"}


def whom(upsert: Mapping[str, Any]) -> tuple[str, str]:
    """Whom a row of a job is about: its key, and the value of that."""
    key = str(upsert["upsert_key"])
    return key, str(upsert[key])
