"""Emails, calls and the activity history, as the API shows them."""

from __future__ import annotations

from typing import Any

from ..team import names
from ..team.chance import scramble
from ..team.codes import ACTIVITIES, CALL_STATUSES, FAILED, STATUSES
from ..team.hours import SECOND
from ..team.office import guid
from .people import Record, address_of
from .voice import Voice

# What an activity is about: its type, the table, and the key under which static_data names it.
ABOUT = {
    "sent_email": ("emails", "email_id"),
    "email_reply": ("emails", "email_id"),
    "call": ("calls", "call_id"),
    "meeting": ("meetings", "meeting_id"),
    "meeting_held": ("meetings", "meeting_id"),
    "success": ("successes", "success_id"),
    "dnc_event": ("emails", "email_id"),
    "task": ("tasks", "task_id"),
    "note": ("notes", "note_id"),
    "added_to_cadence": ("cadence_memberships", "cadence_membership_id"),
}


def email(v: Voice, r: Record) -> Record:
    """One row of /activities/emails; subject and body only for who may see them and asks."""
    h = scramble(r["id"])
    words = {
        "subject": f"{names.EMAIL_SUBJECTS[h % 4].format(company=names.company(h % 300))}",
        "body": f"<div>Invented text number {r['id']}.</div>",
    }
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "recipient_email_address": address_of(v, r["person"]) or f"stranger.{h % 10**6}@example.org",
        "status": STATUSES[r["status"]],
        "bounced": r["bounced"],
        "send_after": v.time(r["send_after"]),
        "sent_at": v.time(r["sent_at"]),
        "view_tracking": r["view_tracking"],
        "click_tracking": r["click_tracking"],
        "message_id": f"<{h:016x}@mail.example.com>",
        "headers": {},
        "personalization": f"{h % 1000 / 10:.1f}",
        **{name: words[name] for name in ("subject", "body") if name in v.extras},
        "error_message": "Mailbox is not connected" if r["status"] == FAILED else None,
        "draft_with_ai": False,
        "counts": {
            "clicks": r["clicks"],
            "views": r["views"],
            "replies": r["replies"],
            "unique_devices": min(r["views"], 1 + h % 3),
            "unique_locations": min(r["views"], 1 + h % 2),
            "attachments": int(h % 12 == 0),
        },
        "user": v.ref("users", r["user"]),
        "recipient": v.ref("people", r["person"]),
        "mailing": {"id": r["mailing"]} if r["mailing"] >= 0 else None,
        "action": {"id": r["action"]} if r["action"] >= 0 else None,
        "task": {"id": r["task"]} if r["task"] >= 0 else None,
        "crm_activity": v.ref("crm_activities", r["crm_activity"]),
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
        "email_template": v.ref("email_templates", r["template"]),
        "additional_recipients": [],
    }


def call(v: Voice, r: Record) -> Record:
    """One row of /activities/calls."""
    h = scramble(r["id"])
    recording = {
        "url": f"https://recordings.example.com/{h:016x}",
        "status": "completed",
        "recording_status": "completed",
    }
    return {
        "id": r["id"],
        "to": f"+1555{h % 10**7:07d}",
        "duration": r["duration"] if r["duration"] >= 0 else None,
        "sentiment": r["sentiment"],
        "disposition": r["disposition"],
        "positive": r["positive"],
        "connected": r["connected"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "recordings": [recording | {"url": f"{recording['url']}-{i}"} for i in range(r["recordings"])],
        "user": v.ref("users", r["user"]),
        "action": {"id": r["action"]} if r["action"] >= 0 else None,
        "task": {"id": r["task"]} if r["task"] >= 0 else None,
        "called_person": v.ref("people", r["person"]),
        "crm_activity": v.ref("crm_activities", r["crm_activity"]),
        "note": v.ref("notes", r["note"]),
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
    }


def call_data_record(v: Voice, r: Record) -> Record:
    """One row of /call_data_records: a dial, with or without a logged call."""
    h = scramble(r["uuid"] * 3 + 1)
    ours, theirs = "+15550000001", f"+1555{h % 10**7:07d}"
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "to": ours if r["inbound"] else theirs,
        "from": theirs if r["inbound"] else ours,
        "duration": r["duration"],
        "direction": "inbound" if r["inbound"] else "outbound",
        "status": CALL_STATUSES[r["status"]],
        "call_type": "call",
        "call_uuid": guid("call_data_records", r["uuid"]),
        "started_at": v.time(r["created_at"]),
        "ended_at": v.time(r["created_at"] + r["duration"] * SECOND),
        "recording": None,
        "dialer_recording": None,
        "called_person": v.ref("people", r["person"]),
        "user": v.ref("users", r["user"]),
        "call": v.ref("calls", r["call"]),
    }


def activity_id(v: Voice, r: Record) -> str:
    """`sent_email-722488662`: the type and the id of what it is about."""
    kind = ACTIVITIES[r["type"]]
    if kind in ("completed_action", "added_to_cadence"):
        return f"{kind}-{r['number']}"
    number = v.id(ABOUT[kind][0], r["about"])
    return f"{kind}-{number}{r['number'] % 10**9:09d}" if kind == "email_reply" else f"{kind}-{number}"


def activity(v: Voice, r: Record) -> Record:
    """One row of /activity_histories."""
    return {
        "id": activity_id(v, r),
        "type": ACTIVITIES[r["type"]],
        "resource_type": "person",
        "resource_id": str(v.id("people", r["person"])) if r["person"] >= 0 else None,
        "user_guid": v.user_guid(r["user"]),
        "occurred_at": v.time(r["occurred_at"]),
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "pinned_at": v.time(r["pinned_at"]),
        "tags": [],
        "static_data": _static(v, r),
        "dynamic_data": _dynamic(v, r),
        "failed_dynamic_resources": [],
    }


def _static(v: Voice, r: Record) -> dict[str, Any]:
    """Ids only: what it is about, and the cadence and step it belongs to."""
    table, key = ABOUT.get(ACTIVITIES[r["type"]], ("", ""))
    about = {key: v.id(table, r["about"])} if table else {"action_id": r["number"]}
    on = {f"{name}_id": v.id(f"{name}s", r[name]) for name in ("cadence", "step") if r[name] >= 0}
    return about | on


def _dynamic(v: Voice, r: Record) -> dict[str, Any]:
    if ACTIVITIES[r["type"]] != "sent_email":
        return {}
    emails = v.state["emails"]
    if not v.state.switches.dynamic_data_moves:
        return {"status": "sent"}
    counts = {name: int(emails[name][r["about"]]) for name in ("clicks", "replies", "views")}
    return {"status": "sent", "counts": counts}
