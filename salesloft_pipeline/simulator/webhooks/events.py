"""The 37 event types: which list each is about, what sets it off, and which scope a subscriber needs.

https://developers.salesloft.com/docs/platform/webhooks/event-types/ lists them; what exactly sets one off is our
reading: a record was created, deleted, or its updated_at moved. A record made and changed in one go is only
told as created, except that sending an email counts as an update of it: nothing tells of new emails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..api.listing import Renderer, Resource
from ..api.resources import RESOURCES
from ..records import conversations, work

# Answered by the receiver with other links while an email is being sent: no notice of a change.
LINK_SWAP = "link_swap"
TRIGGERS = {"created": ("created",), "updated": ("updated_at",), "deleted": ("deleted",)}


@dataclass(frozen=True)
class Event:
    """`on` names what sets it off: "created", "deleted", or a column that was set.

    `record` makes the body where it is not what GET shows; `extras` are the optional parts that are in it.
    """

    event_type: str
    path: str
    on: tuple[str, ...]
    scope: str | None
    record: Renderer | None = None
    extras: frozenset[str] = frozenset()

    @cached_property
    def resource(self) -> Resource:
        """The list, whose records are the bodies."""
        known = RESOURCES[self.path]
        return replace(known, record=self.record) if self.record else known


# What the names begin with, the list, the scope, what else they end with.
_PLAIN: tuple[tuple[str, str, str, str, Renderer | None], ...] = (
    ("account", "accounts", "accounts:read", "created updated deleted", None),
    ("cadence", "cadences", "cadences:read", "created updated deleted", None),
    ("cadence_membership", "cadence_memberships", "cadences:read", "created updated", None),
    ("call", "activities/calls", "calls:read", "created updated", None),
    ("call_data_record", "call_data_records", "calls:read", "created updated", None),
    ("conversation", "conversations", "conversations:read", "created", None),
    ("meeting", "meetings", "meetings:read", "updated", None),
    ("note", "notes", "notes:read", "created updated deleted", None),
    ("person", "people", "people:read", "created updated deleted", None),
    ("step", "steps", "cadences:read", "created updated deleted", None),
    ("success", "successes", "people:read", "created", None),
    ("task", "tasks", "tasks:read", "created updated deleted", work.task_event),
    ("user", "users", "team:read", "created updated", None),
)
_SENT = ("created", "updated_at")
EVENTS = {
    event.event_type: event
    for event in (
        *(
            Event(f"{noun}_{verb}", path, TRIGGERS[verb], scope, record)
            for noun, path, scope, verbs, record in _PLAIN
            for verb in verbs.split()
        ),
        Event("bulk_job_completed", "bulk_jobs", ("done_at",), None),
        Event("conversation_recording_created", "conversations", ("created",), "conversations:read", conversations.recording),
        Event("conversation_transcript_created", "transcriptions", ("created",), "conversations:read"),
        Event("email_updated", "activities/emails", _SENT, "emails:read"),
        Event(
            "email_with_body_and_subject_updated", "activities/emails", _SENT, "email_contents:read",
            extras=frozenset({"subject", "body"}),
        ),
        Event("meeting_booked", "meetings", ("created",), "meetings:read"),
        Event("task_completed", "tasks", ("completed_at",), "tasks:read", work.task_event),
    )
}  # fmt: skip
