"""What was asked of SalesLoft for many records at once: bulk jobs, audit reports, requests to erase people."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Day, Flag, Instant, Integer, Json, Record, Reference, Text, about


class BulkJob(Dated):
    """One row per bulk job. (GET /bulk_jobs, definition `BulkJob`)"""

    id: int = Field(description="SalesLoft's id of the job.")
    name: Text = about("Name of the job.")
    type: Text = about("What the job does, such as person/upsert.")
    state: Text = about("State of the job: open, executing or done.")
    ready_to_execute: Flag = about("True when no more records are to come.")
    total: Integer = about("Records the job was given.")
    processed: Integer = about("Records processed so far.")
    errors: Integer = about("Records that failed so far.")
    scopes: Json = about("Scopes of the job, as a list.")
    marked_ready_at: Instant = about("When the job was marked as ready to execute.")
    started_at: Instant = about("When processing began; null until the job is done.")
    finished_at: Instant = about("When processing ended.")


class BulkJobResult(Record):
    """One row per record that a bulk job has processed. (GET /bulk_jobs/{id}/results, `BulkJobResult`)"""

    id: int = Field(description="SalesLoft's id of the record within the jobs.")
    parent_id: Integer = about("Bulk job the record belongs to.", alias="_parent_id")
    status: Text = about("What became of the record: success or error; while it waits, pending or retrying.")
    error: Text = about("Why the record failed.")
    record: Json = about("What the job was given, as an object.")
    resource: Json = about("What the job made of it, as an object.")


class BulkJobData(BulkJobResult):
    """One row per record that a bulk job was given. (GET /bulk_jobs/{id}/job_data, definition `JobData`)"""

    created_at: Instant = about("When the record was handed in.")
    started_at: Instant = about("When its processing began.")
    finished_at: Instant = about("When its processing ended.")
    bulk_job: Reference | None = about("Bulk job the record belongs to.")


class AuditReport(Record):
    """One row per audit report that somebody asked for. (GET /audit_reports, newer than the 2023 description)"""

    id: int = Field(description="SalesLoft's id of the report.")
    name: Text = about("Name of the report.")
    status: Text = about("State of the report.")
    error: Text = about("Why the report failed.")
    record_type: Text = about("Kind of record the report is about, such as Account.")
    record_ids: Json = about("Ids of the records the report is about.")
    actions: Text = about("Actions the report is about.")
    audited_user_guids: Json = about("Uuids of the users the report is about; they match users.guid.")
    data_source: Text = about("Where the report takes its data from.")
    since: Day = about("First day of the report.")
    until: Day = about("Last day of the report.")
    requested_on: Day = about("Day the report was asked for.")
    started_on: Day = about("Day the work on it began.")
    completed_on: Day = about("Day the report was ready.")
    user_guid: Text = about("Uuid of the user who asked; matches users.guid.")
    requestor_name: Text = about("Name of the user who asked.")
    requestor_email: Text = about("Address of the user who asked.")
    email_notification: Flag = about("True when SalesLoft tells by email that the report is ready.")
    download_url: Text = about("Address to download the report from.")


class DataControlRequest(Dated):
    """One row per request to delete, redact or forget people or accounts.

    (GET /data_control/requests, newer than 2023; that people_ids and state stand in it is our guess)
    """

    id: int = Field(description="SalesLoft's id of the request.")
    team_id: Integer = about("Team the request is for.")
    user_guid: Text = about("Uuid of the user who asked; matches users.guid.")
    request_type: Text = about("What was asked for, such as right_to_be_forgotten.")
    dry_run: Flag = about("True when it was only tried what would happen.")
    state: Text = about("State of the request.")
    people_ids: Json = about("Ids of the people to be forgotten, as a list.")
    events: Json = about("What happened to the request, as a list.")
    metadata: Json = about("Particulars of the request, as an object.")
