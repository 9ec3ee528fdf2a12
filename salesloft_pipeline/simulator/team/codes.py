"""Words that records use, in the order of the numbers that stand for them in the tables."""

from __future__ import annotations

STATUSES = (
    "sent",
    "sent_from_gmail",
    "sent_from_external",
    "scheduled",
    "failed",
    "pending",
    "cancelled",
    "pending_reply_check",
    "sending",
    "delivering",
    "pending_through_gmail",
    "pending_through_external",
)
MEMBERSHIPS = (
    "active",
    "completed",
    "removed",
    "staged",
    "processing",
    "scheduled",
    "removed_no_action",
    "reassigned",
    "archived",
)
ACTIVITIES = (
    "sent_email",
    "email_reply",
    "completed_action",
    "added_to_cadence",
    "call",
    "meeting",
    "meeting_held",
    "success",
    "dnc_event",
    "note",
    "task",
)
CALL_STATUSES = (
    "completed",
    "no-answer",
    "busy",
    "failed",
    "canceled",
    "queued",
    "initiated",
    "ringing",
    "in-progress",
)
CONTACTS = ("email", "call", "other")
TASK_TYPES = ("call", "email", "general")

SENT, FROM_GMAIL, FROM_EXTERNAL, SCHEDULED, FAILED = range(5)
ACTIVE, COMPLETED, REMOVED, STAGED = range(4)
JOB_STATES = ("open", "executing", "done")
OPEN, EXECUTING, DONE = range(3)
