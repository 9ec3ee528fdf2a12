"""Users, groups, stages, templates and the other lists of an administrator, as the API shows them."""

from __future__ import annotations

from typing import Any

from ..team import names
from ..team.chance import scramble
from ..team.hours import ZONES
from ..team.office import TEAM_ID, guid
from .crm import crm_id
from .people import Record
from .voice import HOME, Voice, href

OFFSETS = {
    "US/Eastern": -300,
    "US/Central": -360,
    "US/Pacific": -480,
    "Europe/London": 0,
    "Europe/Berlin": 60,
}


def user(v: Voice, r: Record) -> Record:
    """One row of /users."""
    mail = f"{r['first_name']}.{r['last_name']}.{r['id']}@example.com".lower()
    zone = ZONES[r["zone"]][0]
    return {
        "id": r["id"],
        "guid": guid("users", r["row"]),
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "name": r["name"],
        "first_name": r["first_name"],
        "last_name": r["last_name"],
        "job_role": r["job_role"],
        "active": r["active"],
        "time_zone": zone,
        "locale_utc_offset": OFFSETS.get(zone, -420),
        "slack_username": f"rep-{r['id']}",
        "twitter_handle": None,
        "email": mail,
        "email_client_email_address": mail,
        "sending_email_address": mail,
        "from_address": None,
        "full_email_address": f'"{r["name"]}" <{mail}>',
        "bcc_email_address": None,
        "work_country": "US" if zone.startswith("US/") else None,
        "email_signature": f"<div>{r['revision']}</div>" if r["revision"] else "",
        "email_signature_type": "html",
        "email_signature_click_tracking_disabled": False,
        "team_admin": r["admin"],
        "local_dial_enabled": True,
        "click_to_call_enabled": False,
        "email_client_configured": True,
        "crm_connected": r["row"] % 4 != 3,
        "external_feature_flags": {"hot_leads": True},
        "_private_fields": {},
        "seat_package": "admin" if r["admin"] else "sell",
        "phone_client": {"id": 7_500 + r["row"]},
        "phone_number_assignment": v.ref("phone_number_assignments", _number_of(v, r["row"])),
        "group": v.ref("groups", r["group"]),
        "team": {"_href": f"{HOME}/team", "id": TEAM_ID},
        "role": {"id": names.ROLES[r["role"]]},
    }


def _number_of(v: Voice, user: int) -> int:
    """Users of the first day have the number of the same row; who came later has none."""
    return user if user < v.state["phone_number_assignments"].size else -1


def group(v: Voice, r: Record) -> Record:
    """One row of /groups; no times here."""
    return {
        "id": r["id"],
        "name": named(r),
        "parent_id": v.id("groups", r["parent"]) if r["parent"] >= 0 else None,
        "accessible_groups": [v.ref("groups", row) for row in r["members"]],
    }


def custom_field(v: Voice, r: Record) -> Record:
    """One row of /custom_fields."""
    return {
        "id": r["id"],
        "name": named(r),
        "field_type": r["field_type"],
        "value_type": r["value_type"],
        **_times(v, r),
    }


def import_(v: Voice, r: Record) -> Record:
    """One row of /imports."""
    return {
        "id": r["id"],
        "name": named(r),
        **_times(v, r),
        "current_people_count": r["people"],
        "imported_people_count": r["imported"],
        "errors_list": [],
        "user_id": v.id("users", r["user"]),
        "import_type": "csv",
    }


def crm_user(v: Voice, r: Record) -> Record:
    """One row of /crm_users."""
    users = v.state["users"]
    return {
        "id": r["id"],
        "crm_id": f"{crm_id('005', r['id'])}AAA",
        **_times(v, r),
        "first_name": users["first_name"][r["user"]],
        "last_name": users["last_name"][r["user"]],
        "name": users["name"][r["user"]],
        "crm_username": f"crm-{r['id']}-{r['revision']}",
        "user": v.ref("users", r["user"]),
    }


def phone_number_assignment(v: Voice, r: Record) -> Record:
    """One row of /phone_number_assignments."""
    number = (scramble(r["id"]) + r["revision"]) % 10**7
    return {"id": r["id"], "number": f"+1555{number:07d}", "user": v.ref("users", r["user"])}


def tag(_v: Voice, r: Record) -> Record:
    """One row of /tags or /account_team_member_roles."""
    return {"id": r["id"], "name": named(r)}


def custom_role(_v: Voice, r: Record) -> Record:
    """One row of /custom_roles; ids are strings."""
    return {"id": guid("custom_roles", r["row"]), "name": named(r)}


def stage(v: Voice, r: Record) -> Record:
    """One row of /person_stages, /account_stages or /account_tiers."""
    return {"id": r["id"], "name": named(r), **_times(v, r), "order": r["order"], "active": r["active"]}


def disposition(v: Voice, r: Record) -> Record:
    """One row of /call_dispositions."""
    return {"id": r["id"], **_times(v, r), "name": named(r), "crm_value": None}


def sentiment(v: Voice, r: Record) -> Record:
    """One row of /call_sentiments."""
    return {"id": r["id"], **_times(v, r), "name": named(r)}


def email_template(v: Voice, r: Record) -> Record:
    """One row of /email_templates."""
    own = r["team_template"]
    return {
        "id": r["id"],
        **_template(v, r),
        "shared": True,
        "cadence_template": r["cadence_template"] or None,
        "counts": _counts(r),
        "template_owner": v.ref("users", r["owner"]),
        "team_template": None if own < 0 else _team_template_ref(own),
        "_links": {"attachments": f"{HOME}/email_template_attachments?email_template_id%5B%5D={r['id']}"},
        "groups": [],
    }


def team_template(v: Voice, r: Record) -> Record:
    """One row of /team_templates; ids are UUIDs."""
    return {
        "id": guid("team_templates", r["row"]),
        **_template(v, r),
        "last_modified_at": v.time(r["updated_at"]),
        "counts": dict.fromkeys(("sent_emails", "views", "clicks", "replies", "bounces"), 0),
        "last_modified_user": v.ref("users", r["user"]),
        "groups": [],
        "_links": {
            "attachments": f"{HOME}/team_template_attachments?team_template_id%5B%5D={guid('team_templates', r['row'])}"
        },
    }


def team(v: Voice) -> Record:
    """The single object of /team."""
    return {
        "id": TEAM_ID,
        "name": "The Example Team",
        "created_at": v.time(v.state.start - 400 * 86_400_000_000),
        "updated_at": v.time(v.state.start),
        "plan": "enterprise",
        "license_limit": 100,
        "deactivated": False,
        "allow_automated_email_steps": True,
        "call_recording_disabled": False,
        "record_by_default": True,
        "click_tracking_default": True,
        "custom_tracking_domain": None,
        "dispositions_required": False,
        "sentiments_required": False,
        "email_daily_limit": 1000,
        "group_privacy_setting": "all_public",
        "team_visibility_default": "public",
        "local_dial_enabled": True,
        "plan_features": {},
        "_private_fields": {},
    }


def named(r: Record) -> str:
    """The name of a record, with its revision once it has one."""
    return str(r["name"]) + (f" (rev {r['revision']})" if r["revision"] else "")


def _times(v: Voice, r: Record) -> Record:
    return {"created_at": v.time(r["created_at"]), "updated_at": v.time(r["updated_at"])}


def _template(v: Voice, r: Record) -> Record:
    text = f"Invented text of {r['title']}" + (f", revision {r['revision']}" if r["revision"] else "")
    return {
        "title": r["title"],
        "subject": f"Subject of {r['title']}",
        "body": f"<div>{text}</div>",
        "body_preview": text,
        **_times(v, r),
        "last_used_at": v.time(r["used_at"]),
        "archived_at": v.time(r["archived_at"]),
        "open_tracking_enabled": True,
        "click_tracking_enabled": False,
        "tags": ["Tag1"] if r["row"] % 3 == 0 else [],
    }


def _counts(r: Record) -> dict[str, int]:
    return {
        "sent_emails": r["sent"],
        "views": r["views"],
        "clicks": r["clicks"],
        "replies": r["replies"],
        "bounces": r["bounces"],
    }


def _team_template_ref(row: int) -> dict[str, Any]:
    return href("team_templates", guid("team_templates", row))
