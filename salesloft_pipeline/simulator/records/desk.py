"""Calendars, attachments, saved views, instructions, the queue of emails, sums of cadences, as the API shows them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..team.chance import scramble
from ..team.hours import NEVER
from ..team.office import TEAM_ID, event_id, guid
from .people import Record, address_of
from .voice import HOME, Voice, href


def calendar_event(v: Voice, r: Record) -> Record:
    """One row of /calendar/events. Times end in Z here, and the id is the calendar's own."""
    users, canceled = v.state["users"], r["canceled_at"] != NEVER
    owner, guest = f"user{r['user']}@example.com", address_of(v, r["person"])
    title = r["title"] or "Meeting"
    return {
        "user_guid": v.user_guid(r["user"]),
        "updated_at": v.zulu(r["updated_at"]),
        "title": title + (f" (rev {r['revision']})" if r["revision"] else ""),
        "tenant_id": TEAM_ID,
        "status": "cancelled" if canceled else "confirmed",
        "start_time": v.zulu(r["start_at"]),
        "series_master_event_id": None,
        "recurring_interval": "weekly" if r["recurring"] else None,
        "recurring": r["recurring"],
        "recurrence": ["RRULE:FREQ=WEEKLY"] if r["recurring"] else [],
        "provider": "google",
        "organizer": owner,
        "location": "",
        "last_occurrence_at": None,
        "id": event_id(r["row"]),
        "i_cal_uid": f"{event_id(r['row'])}@example.com",
        "html_link": f"https://calendar.example.com/event?eid={r['row']}",
        "extended_properties": {},
        "end_time": v.zulu(r["end_at"]),
        "description": "",
        "creator": owner,
        "created_at": v.zulu(r["created_at"]),
        "conference_data": {},
        "canceled_at": v.zulu(r["canceled_at"]),
        "calendar_id": owner,
        "busy": not canceled,
        "body_html": None,
        "attendees": [
            {"email": mail, "name": name, "organizer": mail == owner, "status": "accepted"}
            for mail, name in ((owner, str(users["name"][r["user"]])), (guest, None))
            if mail
        ],
        "all_day": False,
    }


def call_instructions(v: Voice, r: Record) -> Record:
    """One row of /action_details/call_instructions."""
    steps, again = v.state["steps"], f" (rev {r['revision']})" if r["revision"] else ""
    imported: Any = steps["content"][r["step"]] or {}
    text = (
        imported.get("instructions") or f"Call once, then leave a message. Step: {steps['name'][r['step']]}"
    )
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "instructions": text + again,
    }


def email_template_attachment(v: Voice, r: Record) -> Record:
    """One row of /email_template_attachments."""
    return {
        **_attachment(r),
        "email_template": v.ref("email_templates", r["template"]),
        "scanned": True,
        "attachment_content_type": "image/png" if r["name"].endswith("png") else "application/pdf",
        "attachment_fingerprint": f"{scramble(r['id']):016x}",
    }


def team_template_attachment(_v: Voice, r: Record) -> Record:
    """One row of /team_template_attachments; its template has a UUID."""
    return {**_attachment(r), "team_template": href("team_templates", guid("team_templates", r["template"]))}


def _attachment(r: Record) -> Record:
    h = scramble(r["id"])
    return {
        "id": r["id"],
        "attachment_id": h % 10**7,
        "name": f"rev {r['revision']} {r['name']}" if r["revision"] else r["name"],
        "download_url": f"https://files.example.com/{h:016x}/{r['name']}",
        "attachment_file_size": 10_000 + h % 900_000,
    }


def saved_list_view(v: Voice, r: Record) -> Record:
    """One row of /saved_list_views."""
    return {
        "id": r["id"],
        "view": r["view"],
        "name": r["name"] + (f" (rev {r['revision']})" if r["revision"] else ""),
        "view_params": {"owner": str(v.id("users", r["user"])), "sort": "updated_at"},
        "is_default": r["default"],
        "shared": r["shared"],
    }


def pending_email(_v: Voice, r: Record) -> Record:
    """One row of /pending_emails: the id is that of the email that waits to be sent."""
    tag = f"+{r['revision']}" if r["revision"] else ""
    return {
        "id": r["id"],
        "mailbox": f"user{r['user']}{tag}@example.com",
        "mime_email_payload": {"_href": f"{HOME}/mime_email_payloads/{r['id']}", "id": r["id"]},
    }


def cadence_stats(v: Voice, r: Record) -> Record:
    """The single object of /cadence_stats/{id}: sums since the cadence began, as they are now.

    No page describes it: the six names that end in `_count` are those that clients read, the ids are our guess.
    """
    members = v.state["cadence_memberships"]
    mine = members["cadence"] == r["row"]
    sums = {name: int(members[name][mine].sum()) for name in ("sent", "views", "replies", "calls")}
    booked = v.state["meetings"]["cadence"] == r["row"]
    acted = mine & ((members["sent"] > 0) | (members["calls"] > 0))
    return {
        "id": r["id"],
        "cadence": v.ref("cadences", r["row"]),
        "people_acted_on_count": int(np.count_nonzero(acted)),
        "sent_emails_count": sums["sent"],
        "viewed_count": sums["views"],
        "replied_count": sums["replies"],
        "calls_count": sums["calls"],
        "meetings_booked_count": int(np.count_nonzero(booked)),
    }
