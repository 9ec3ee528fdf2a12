"""Cadences, their steps, and the people on them, as the API shows them."""

from __future__ import annotations

from ..team.codes import MEMBERSHIPS
from ..team.hours import DAY, NEVER
from ..team.playbook import FUNCTIONS, STATES, STEP_TYPES
from .people import Record
from .voice import HOME, Voice, href


def cadence(v: Voice, r: Record) -> Record:
    """One row of /cadences."""
    again = f" (rev {r['revision']})" if r["revision"] else ""
    archived = r["archived_at"] != NEVER
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "archived_at": v.time(r["archived_at"]),
        "latest_active_date": None,
        "team_cadence": r["team"],
        "shared": r["shared"],
        "archived": archived,
        "remove_bounces_enabled": r["stop_on_bounce"],
        "remove_replies_enabled": r["stop_on_reply"],
        "opt_out_link_included": r["id"] % 2 == 0,
        "draft": STATES[r["state"]] == "draft",
        "override_contact_restrictions": None,
        "cadence_framework_id": None,
        "archived_by": v.user_guid(r["owner"]) if archived else None,
        "cadence_function": FUNCTIONS[r["function"]],
        "name": r["name"] + again,
        "external_identifier": None,
        "tags": ["opt-out"] if r["id"] % 3 == 0 else [],
        "current_state": STATES[r["state"]],
        "creator": v.ref("users", r["owner"]),
        "owner": v.ref("users", r["owner"]),
        "bounced_stage": v.ref("person_stages", 5),
        "replied_stage": v.ref("person_stages", 3),
        "added_stage": v.ref("person_stages", 1),
        "finished_stage": None,
        "cadence_priority": {"_href": f"{HOME}/cadence_priorities", "id": r["priority"]},
        "groups": [v.ref("groups", group) for group in r["groups"]],
        "counts": {
            "cadence_people": r["people"] or None,
            "people_acted_on_count": r["acted"],
            "target_daily_people": 0,
            "opportunities_created": 0,
            "meetings_booked": r["meetings"],
        },
        "knowledge_library_document_ids": [],
    }


def export(v: Voice, r: Record) -> Record:
    """The single object of /cadence_exports/{id}: what /cadence_imports would take, without any ids of steps.

    Documented is only that there is `cadence_content`; that the settings are within it is our guess.
    """
    steps, (first, count) = v.state["steps"], r["steps"]
    groups: dict[int, list[Record]] = {}
    for row in range(first, first + count):
        groups.setdefault(int(steps["day"][row]), []).append(_exported(v, row))
    return {
        "cadence_content": {
            "settings": {
                "name": r["name"],
                "cadence_function": FUNCTIONS[r["function"]],
                "remove_replied": r["stop_on_reply"],
                "remove_bounced": r["stop_on_bounce"],
                "target_daily_people": 0,
                "external_identifier": None,
            },
            "sharing_settings": {"team_cadence": r["team"], "shared": r["shared"]},
            "step_groups": [
                {
                    "day": day,
                    "automated": False,
                    "due_immediately": False,
                    "reference_id": i + 1,
                    "steps": each,
                }
                for i, (day, each) in enumerate(groups.items())
            ],
        }
    }


def _exported(v: Voice, row: int) -> Record:
    """One step as an import takes it: with what was imported, or something invented."""
    steps = v.state["steps"]
    kind, template = STEP_TYPES[int(steps["type"][row])], int(steps["template"][row])
    invented: Record = {"instructions": f"Do step {steps['number'][row]} of the day"}
    if template >= 0:
        title = str(v.state["email_templates"]["title"][template])
        invented = {"email_template": {"title": title, "subject": title, "body": f"<p>{title}</p>"}}
    return {
        "enabled": not steps["disabled"][row],
        "name": str(steps["name"][row]),
        "type": kind.title(),
        "type_settings": invented if steps["content"][row] is None else steps["content"][row],
    }


def step(v: Voice, r: Record) -> Record:
    """One row of /steps; the number arrives as a string now and then."""
    kind = STEP_TYPES[r["type"]]
    again = f" (rev {r['revision']})" if r["revision"] else ""
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "disabled": r["disabled"],
        "type": kind,
        "name": r["name"] + again,
        "display_name": f"Day {r['day']}: Step {r['number']} - {kind.title()}",
        "day": r["day"],
        "step_number": str(r["number"]) if r["cadence"] % 5 == 4 else r["number"],
        "multitouch_enabled": r["multitouch"],
        "details": _details(v, r["row"]),
        "cadence": v.ref("cadences", r["cadence"]),
    }


def membership(v: Voice, r: Record) -> Record:
    """One row of /cadence_memberships: a person on a cadence, now or before."""
    return {
        "id": r["id"],
        "added_at": v.time(r["added_at"]),
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "person_deleted": r["person_deleted"],
        "currently_on_cadence": r["on"],
        "current_state": MEMBERSHIPS[r["state"]],
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
        "person": v.ref("people", r["person"]),
        "user": v.ref("users", r["user"]),
        "latest_action": {"id": r["action"]} if r["action"] >= 0 else None,
        "counts": {
            "views": r["views"],
            "clicks": r["clicks"],
            "replies": r["replies"],
            "calls": r["calls"],
            "sent_emails": r["sent"],
            "bounces": r["bounces"],
        },
    }


def action(v: Voice, r: Record) -> Record:
    """One row of /actions: a step that waits for its user."""
    kind = STEP_TYPES[int(v.state["steps"]["type"][r["step"]])]
    due = r["due_on"] * DAY
    return {
        "id": r["id"],
        "due": due <= v.state.until,
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "type": kind,
        "status": "in_progress",
        "due_on": (v.zulu(due) or "").replace("Z", "+00:00"),
        "multitouch_group_id": None,
        "action_details": _details(v, r["step"]),
        "user": v.ref("users", r["user"]),
        "person": v.ref("people", r["person"]),
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
        "task": None,
    }


def _details(v: Voice, step: int) -> Record:
    """What there is to do: phone steps refer to their instructions, the others to details of their kind."""
    kind, instruction = (
        STEP_TYPES[int(v.state["steps"]["type"][step])],
        int(v.state["steps"]["instruction"][step]),
    )
    if instruction >= 0:
        return href("action_details/call_instructions", v.id("call_instructions", instruction))
    return href(f"action_details/{kind}_details", v.id("steps", step))
