"""The timeline of people and accounts, and what users write down or plan: notes and tasks."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Day, Flag, Instant, Integer, Json, Reference, Text, about


class ActivityHistory(Dated):
    """One row per entry in the timeline of a person or account.

    (GET /activity_histories, `ActivityHistory`)
    """

    id: str = Field(
        description="SalesLoft's id of the entry as text, kind and number such as sent_email-722488662."
    )
    type: Text = about("Kind of activity the entry tells of.")
    resource_type: Text = about(
        "Kind of record the entry is about, such as person, account or crm_opportunity."
    )
    resource_id: Text = about("Id of that record as text, because opportunities have textual ids.")
    occurred_at: Instant = about("When the activity took place; the list is ordered by it.")
    pinned_at: Instant = about("When a user pinned the entry; null when not pinned.")
    user_guid: Text = about("Uuid of the user whose activity it is; matches users.guid.")
    tags: Json = about("Tags on the entry, as a list of names.")
    static_data: Json = about("Facts fixed when the entry was made, as an object that differs by type.")
    dynamic_data: Json = about(
        "Facts looked up when read, such as counters; shape differs by type and may change."
    )
    failed_dynamic_resources: Json = about("Names of the lookups that failed, as a list.")


class Note(Dated):
    """One row per note on a person or account. (GET /notes, definition `Note`)"""

    id: int = Field(description="SalesLoft's id of the note.")
    content: Text = about("Text of the note.")
    associated_type: Text = about("Kind of record the note is on: person or account.")
    user: Reference | None = about("User who wrote the note.")
    associated_with: Reference | None = about(
        "Person or account the note is on; associated_type tells which."
    )
    call: Reference | None = about("Call the note was taken on.")
    crm_activity_metadata: Json = about("How the note was logged to the CRM, as an object.")


class Task(Dated):
    """One row per task of a user.

    (GET /tasks, definition `Task`; the last nine fields are from real payloads)
    """

    id: int = Field(description="SalesLoft's id of the task.")
    description: Text = about("Free text on the task.")
    due_date: Day = about("Calendar day the task is due, without a time zone.")
    due_at: Instant = about("Time the task is due; null when only a day was set.")
    subject: Text = about("What is to be done, in one line.")
    current_state: Text = about("State: scheduled or completed.")
    person: Reference | None = about("Person the task is about.")
    opportunity: Reference | None = about("Opportunity the task is about.")
    user: Reference | None = about("User who is to do the task.")
    created_by_user: Reference | None = about("User who created the task.")
    task_type: Text = about("Kind of task: call, email or general.")
    remind_at: Instant = about("When the user is to be reminded.")
    expires_after: Instant = about("When the task lapses if not done.")
    completed_at: Instant = about("When the task was completed; null while open.")
    completed_by: Reference | None = about("User who completed the task.")
    custom_attribute_resources: Json = about(
        "Records named by the custom attributes, as an object; webhooks only."
    )
    custom_attributes: Json = about("Attributes set by an integration, as an object.")
    instigator: Json = about("Who or what created the task, as an object; webhooks only.")
    multitouch_group_id: Integer = about("Id shared by tasks of one multitouch step.")
    object_references: Json = about("Other records the task refers to, as a list.")
    reminded: Flag = about("True when the reminder has gone out; webhooks only.")
    rollback_reason: Json = about("Why a completion was undone; webhooks only, and seen only as null.")
    score: Json = about(
        "Priority score with its factors, as an object; the score inside is a number as text."
    )
    source: Text = about("System that created the task, such as salesloft.api.")
