"""Meetings, successes, notes, tasks and what was written to the CRM, as the API shows them."""

from __future__ import annotations

from ..team import names
from ..team.chance import scramble
from ..team.codes import TASK_TYPES
from ..team.hours import MINUTE, NEVER
from ..team.office import event_id
from .people import Record, address_of
from .voice import Voice


def meeting(v: Voice, r: Record) -> Record:
    """One row of /meetings. Times end in Z here."""
    h = scramble(r["id"])
    people, address = v.state["people"], address_of(v, r["person"])
    name = f"{names.FIRST[people['first'][r['person']]]} {names.LAST[people['last'][r['person']]]}"
    owner = str(v.state["users"]["name"][r["owner"]])
    event = event_id(r["event"]) if r["event"] >= 0 else f"evt{h:016x}"
    settings = {"email_address": f"user{r['owner']}@example.com"} if "meetings_settings" in v.extras else None
    return {
        "id": r["id"],
        "title": f"Meeting with {name}" + (f" (rev {r['revision']})" if r["revision"] else ""),
        "start_time": v.zulu(r["start_at"]),
        "end_time": v.zulu(r["start_at"] + r["minutes"] * MINUTE),
        "calendar_id": f"user{r['owner']}@example.com",
        "calendar_type": "gmail",
        "meeting_type_id": None,
        "meeting_type": ("Demo call", None)[h % 2],
        "recipient_name": name,
        "recipient_email": address,
        "location": "",
        "description": "",
        "event_id": event,
        "account_id": v.id("accounts", r["account"]) if r["account"] >= 0 else None,
        "task_id": None,
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
        "guests": [address] if address else [],
        "attendees": [
            {
                "email": address,
                "name": name,
                "organizer": False,
                "status": "accepted",
                "status_changed": False,
                "deleted_at": None,
            }
        ],
        "person": v.ref("people", r["person"]),
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
        "owned_by_user": v.user_by_guid(r["owner"]),
        "booked_by_user": v.user_by_guid(r["booker"]),
        "crm_references": None,
        "crm": None,
        "event_source": "internal" if h % 3 else "external",
        "canceled_at": v.zulu(r["canceled_at"]),
        "all_day": False,
        "no_show": r["no_show"],
        "crm_custom_fields": None,
        "strict_attribution": r["cadence"] >= 0,
        "i_cal_uid": f"{event}@example.com",
        "status": "booked",
        "reschedule_status": None,
        "owned_by_meetings_settings": settings,
        "booked_by_meetings_settings": settings,
        "reschedule_guid": None,
        "recurring": False,
        "recurrence": [],
        "recurring_interval": None,
        "last_occurrence_at": None,
        "undo_completion_count": 0,
        "count_towards_meetings_attended_metric": True,
        "count_towards_meetings_booked_metric": True,
        "created_on_demand": False,
        "notes": f"Owner: {owner}",
    }


def success(v: Voice, r: Record) -> Record:
    """One row of /successes."""
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "succeeded_at": v.time(r["succeeded_at"]),
        "success_window_started_at": v.time(r["window_started_at"]),
        "user": v.ref("users", r["user"]),
        "person": v.ref("people", r["person"]),
        "latest_email": v.ref("emails", r["email"]),
        "latest_call": v.ref("calls", r["call"]),
        "latest_action": {"id": r["action"]} if r["action"] >= 0 else None,
        "latest_cadence": v.ref("cadences", r["cadence"]),
        "latest_step": v.ref("steps", r["step"]),
        "counts": {
            "total_emails": r["emails"],
            "total_calls": r["calls"],
            "total_other_touches": r["others"] + r["revision"],
        },
    }


def note(v: Voice, r: Record) -> Record:
    """One row of /notes, about a person or an account."""
    kind = "account" if r["account"] >= 0 else "person"
    again = f" (rev {r['revision']})" if r["revision"] else ""
    return {
        "id": r["id"],
        "content": names.NOTES[scramble(r["id"]) % len(names.NOTES)] + again,
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "associated_type": kind,
        "user": v.ref("users", r["user"]),
        "associated_with": v.ref("accounts", r["account"]) or v.ref("people", r["person"]),
        "call": v.ref("calls", r["call"]),
        "crm_activity_metadata": {},
    }


def task(v: Voice, r: Record) -> Record:
    """One row of /tasks, with the underscore fields that carry no promise."""
    completed = r["completed_at"] != NEVER
    again = f" (rev {r['revision']})" if r["revision"] else ""
    integration = ("id", "name", "step_id", "task_id", "task_type_label")
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "description": None,
        "due_date": v.date(r["due_on"]),
        "due_at": None,
        "subject": names.TASKS[scramble(r["id"]) % len(names.TASKS)] + again,
        "current_state": "completed" if completed else "scheduled",
        "person": v.ref("people", r["person"]),
        "opportunity": None,
        "user": v.ref("users", r["user"]),
        "created_by_user": v.ref("users", r["creator"]),
        "task_type": TASK_TYPES[r["type"]],
        "remind_at": None,
        "expires_after": None,
        "completed_at": v.time(r["completed_at"]),
        "completed_by": v.ref("users", r["user"]) if completed else None,
        **{f"_integration_{name}": None for name in integration},
        "custom_attributes": {},
        "multitouch_group_id": None,
        "object_references": [],
        "score": {"factors": {}, "prioritizer_uuid": "salesloft.prioritizers/rhythm", "score": "2.0"},
        "source": "salesloft.api",
    }


def task_event(v: Voice, r: Record) -> Record:
    """A task as webhooks tell of it: with who was at work, and a few fields that GET does not show."""
    users, by = v.state["users"], r["creator"]
    return task(v, r) | {
        "custom_attribute_resources": {},
        "instigator": {
            "action_caller_id": v.id("users", by),
            "action_caller_name": str(users["name"][by]),
            "metadata": {},
            "reason": "api",
            "type": "manual",
            "user_guid": v.user_guid(by),
        },
        "reminded": False,
        "rollback_reason": None,
    }


def crm_activity(v: Voice, r: Record) -> Record:
    """One row of /crm_activities: what was written to the CRM, or why it was not."""
    kind = "email" if r["email"] >= 0 else "phone"
    broken = scramble(r["id"]) % 9 == 0
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "subject": f"{kind.title()}: invented",
        "description": f"Revision {r['revision']}",
        "crm_id": None if broken else f"00T{scramble(r['id']) % 10**12:012d}",
        "activity_type": kind,
        "error": "Not connected to your CRM" if broken else None,
        "custom_crm_fields": {"metadata": {}},
        "crm_record_type": None,
        "person": v.ref("people", r["person"]),
        "user": v.ref("users", r["user"]),
    }
