"""What was asked to be done for many records at once: bulk jobs, audits, erasures, as the API shows them."""

from __future__ import annotations

from ..team.chance import scramble
from ..team.codes import DONE, EXECUTING, JOB_STATES, OPEN
from ..team.hours import DAY, HOUR, NEVER
from .office import named
from .people import Record
from .voice import Voice


def audit_report(v: Voice, r: Record) -> Record:
    """One row of /audit_reports; plain dates."""
    failed, asked = r["status"] == "failed", r["created_at"]
    return {
        "id": r["id"],
        "name": named(r),
        "status": r["status"],
        "record_type": r["record_type"],
        "record_ids": None,
        "actions": "update",
        "audited_user_guids": None,
        "data_source": "Database",
        "user_guid": v.user_guid(r["user"]),
        "requestor_name": str(v.state["users"]["name"][r["user"]]),
        "requestor_email": f"user{r['user']}@example.com",
        "since": _day(v, asked - r["days"] * DAY),
        "until": _day(v, asked),
        "requested_on": _day(v, asked),
        "started_on": _day(v, asked),
        "completed_on": None if failed else _day(v, r["updated_at"]),
        "email_notification": True,
        "download_url": None if failed else f"https://files.example.com/reports/{r['id']}.csv",
        "error": "The report took too long" if failed else None,
    }


def data_control_request(v: Voice, r: Record) -> Record:
    """One row of /data_control/requests.

    Documented are id, team_id, user_guid, request_type, dry_run, events and metadata, none of them in detail.
    That people_ids, state, created_at and updated_at stand beside them, and what is in events and metadata, is
    our guess: the page of the request that makes such a row takes team_id, people_ids, schedule and dry_run.
    """
    events = [("created", r["created_at"]), (r["state"], r["done_at"])]
    return {
        "id": r["id"],
        "team_id": r["team"],
        "user_guid": v.user_guid(r["user"]),
        "request_type": r["request_type"],
        "dry_run": r["dry_run"],
        "people_ids": list(r["people"]),
        "state": r["state"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "events": [{"type": kind, "occurred_at": v.time(at)} for kind, at in events if at != NEVER],
        "metadata": {"people_ids": list(r["people"]), "note": named(r | {"name": "asked by telephone"})},
    }


def bulk_job(v: Voice, r: Record) -> Record:
    """One row of /bulk_jobs. Times end in Z here."""
    code = r["state"]
    processed = _processed(r)
    return {
        "id": r["id"],
        "name": named(r),
        "type": r["kind"],
        "state": JOB_STATES[code],
        "ready_to_execute": code != OPEN,
        "total": r["total"],
        "processed": processed,
        "errors": sum(_datum(r, i, pending=False)["status"] == "error" for i in range(processed)),
        "scopes": [r["kind"].replace("/", ":")],
        "marked_ready_at": v.zulu(r["ready_at"]),
        "started_at": v.zulu(_started(r)),
        "finished_at": v.zulu(r["done_at"]),
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
    }


def job_data(_v: Voice, r: Record) -> list[Record]:
    """The rows of /bulk_jobs/{id}/job_data: what the job was given, with what has come of it so far."""
    done = _processed(r)
    return [_datum(r, i, pending=i >= done) for i in range(r["total"])]


def job_results(v: Voice, r: Record) -> list[Record]:
    """The rows of /bulk_jobs/{id}/results: empty until the job is done."""
    return job_data(v, r) if r["state"] == DONE else []


def _processed(r: Record) -> int:
    """How many rows are done: of a job that executes, half of an invented one and none of one that was given."""
    under_way = r["total"] // 2 if r["data"] is None else 0
    return int({OPEN: 0, EXECUTING: under_way, DONE: r["total"]}[r["state"]])


def _started(r: Record) -> int:
    if r["data"] is not None:
        return int(r["ready_at"])
    return int(r["ready_at"]) + HOUR // 2 if r["state"] == DONE else NEVER


def _datum(r: Record, i: int, pending: bool) -> Record:
    """One row: given through the API with what came of it, or invented."""
    if r["data"] is None:
        error, resource = _outcome(r, i)
        record: Record = {"email_address": f"row.{r['id']}.{i}@example.org", "last_name": "Invented"}
    else:
        (error, resource), record = (r["outcomes"][i] if r["outcomes"] else (None, None)), r["data"][i]
    return {
        "id": r["id"] * 1_000_000 + i,
        "status": "pending" if pending else "error" if error else "success",
        "error": None if pending else error,
        "record": record,
        "resource": None if pending else resource,
    }


def _outcome(r: Record, i: int) -> tuple[str | None, Record | None]:
    if _fails(r, i):
        return "Missing required field: email address", None
    return None, {"upsert_type": "create" if i % 3 else "update"}


def _fails(r: Record, i: int) -> bool:
    return scramble(r["id"] * 1_000 + i) % 17 == 0


def _day(v: Voice, instant: int) -> str | None:
    return v.date(instant // DAY)
