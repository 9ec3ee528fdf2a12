"""Many upserts of people as one bulk job, which SalesLoft carries out outside of the budget of points.

    POST /bulk_jobs ─► POST its data, 5,000 rows a call ─► intents into the ledger ─► PUT ready ─► wait ─► results

A job that is not marked ready does nothing, so whatever fails before that is simply begun again. One job at a time.
https://developers.salesloft.com/docs/platform/bulk-jobs/example-flow/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesloft_pipeline.reverse_sync.errors import ReverseSyncError
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import SalesloftError, Unprocessable

MOST_ROWS = 5_000
KIND = "person/upsert"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 30.0
PATIENCE_SECONDS = 3600.0
_OPEN, _DONE = "open", "done"


def fill_job(client: SalesloftClient, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """An open job with these rows, `MOST_ROWS` at most; its id. Nothing is written yet. Raises what requests raise."""
    # One made twice stays open for ever, and does nothing.
    job_id = int(client.create("/bulk_jobs", {"type": KIND, "name": name}, harmless_again=True).data["id"])
    path = f"/bulk_jobs/{job_id}"
    try:
        client.create(f"{path}/job_data", {"data": list(rows)})
    except SalesloftError as error:
        if not error.transient or client.get(path).data["total"] != len(rows):
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


def await_job(client: SalesloftClient, job_id: int) -> None:
    """Wait until the job is done; one that was never marked ready does nothing, so there is nothing to wait for.

    Raises ReverseSyncError when an hour was not enough: the next run goes on waiting.
    """
    wait = waited = FIRST_WAIT_SECONDS
    while client.get(f"/bulk_jobs/{job_id}").data["state"] not in (_OPEN, _DONE):
        if waited > PATIENCE_SECONDS:
            raise ReverseSyncError(
                f"bulk job {job_id} is still at work after an hour: run again later, it is awaited"
            )
        client.budget.pause(wait)
        waited += wait
        wait = min(wait * 1.5, LONGEST_WAIT_SECONDS)


def results(client: SalesloftClient, job_id: int) -> list[Mapping[str, Any]]:
    """The job's rows with their `record`, `status`, `error` and `resource`, in the order they were given."""
    pages = walk.by_id(lambda params: client.get(f"/bulk_jobs/{job_id}/results", params))
    return sorted((row for page in pages for row in page), key=lambda row: row["id"])
