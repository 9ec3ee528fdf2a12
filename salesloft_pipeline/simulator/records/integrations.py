"""What other systems know of the team, as the API shows it: CRM, other ids, signals, webhooks."""

from __future__ import annotations

from ..team.chance import scramble
from ..team.hours import DAY, NEVER
from ..team.office import TEAM_ID, guid
from .crm import crm_id, crm_id_of, crm_user_id
from .office import named
from .people import Record
from .voice import HOME, Voice

CHOICES = {"High": "High", "Normal": "Normal", "Low": "Low"}


def crm_activity_field(v: Voice, r: Record) -> Record:
    """One row of /crm_activity_fields."""
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "title": named(r),
        "salesforce_object_type": "Task",
        "crm_object_type": "Task",
        "source": r["source"],
        "field": r["field"],
        "field_type": r["field_type"],
        "value": "Email" if r["source"] == "email" else None,
        "picklist_values": CHOICES if r["field_type"] == "picklist" else None,
    }


def external_mapping(v: Voice, r: Record) -> Record:
    """One row of /external/mappings: the id another system has for one of our records."""
    table, row = ("accounts", r["account"]) if r["account"] >= 0 else ("people", r["person"])
    return {
        "source_type": "integration",
        "source_id": 10,
        "object_type": table,
        "id": r["id"],
        "external_type": "billing" if table == "accounts" else "support-desk",
        "deleted": r["deleted"],
        "external_id": f"X{scramble(r['id'] + r['revision']) % 10**9:09d}",
        "inserted_at": v.date(r["created_at"] // DAY),
        "object_id": v.id(table, row),
        "tenant_id": TEAM_ID,
    }


def external_configuration(_v: Voice, r: Record) -> Record:
    """One row of /external/configurations: which of our records may have which foreign ids."""
    return {
        "source_type": "integration",
        "source_id": 10,
        "object_type": r["object_type"],
        "id": r["id"],
        "external_type": r["external_type"] + (f"-{r['revision']}" if r["revision"] else ""),
        "deleted": r["deleted"],
    }


def account_type(_v: Voice, r: Record) -> Record:
    """One row of /account_types: a name is all there is."""
    return {"name": named(r)}


def crm_account_team_member(v: Voice, r: Record) -> Record:
    """One row of /crm_account_team_members."""
    return {
        "id": r["id"],
        "crm_id": crm_id("01M", r["id"]),
        "account_crm_id": crm_id_of(v, "accounts", r["account"]),
        "user_crm_id": crm_user_id(v, r["user"]),
        "team_member_role": str(v.state["account_team_member_roles"]["name"][r["role"]]),
        "account_access_level": "edit" if r["revision"] % 2 else "read",
        "user_crm_name": str(v.state["users"]["name"][r["user"]]),
    }


def crm_team_member_with_role(v: Voice, r: Record) -> Record:
    """One row of /crm_team_members_with_roles: the same members, without ids of their own."""
    tag = f"+{r['revision']}" if r["revision"] else ""
    return {
        "user_crm_id": crm_user_id(v, r["user"]),
        "team_member_role": str(v.state["account_team_member_roles"]["name"][r["role"]]),
        "account_email": f"account{v.id('accounts', r['account'])}{tag}@example.org",
        "account_name": str(v.state["accounts"]["name"][r["account"]]),
    }


def signal_registration(v: Voice, r: Record) -> Record:
    """One row of /integrations/signals/registrations. Times end in Z here."""
    return {
        "id": r["id"],
        "type": r["kind"],
        "signal_name": named(r),
        "owner_user_guid": v.user_guid(r["user"]),
        "integration_slug": "sample-player",
        "integration": {"_href": f"{HOME}/integrations/10", "id": 10},
        "indicators": [{"key": f"{r['kind']}_to_the_end", "metadata_shape": {}}],
        "globally_installed_at": None,
        "description": {"en-us": f"{r['name']} by {{{{person}}}}"},
        "data_shape": {"seconds": {"type": "number", "min": 1}},
        "created_at": v.zulu(r["created_at"]),
        "updated_at": v.zulu(r["updated_at"]),
        "attribution": ["person", "account"],
    }


def signal_play(v: Voice, r: Record) -> Record:
    """One row of /integrations/signals/registrations/plays. Times end in Z here."""
    registrations, of = v.state["signal_registrations"], r["registration"]
    kind, number = str(registrations["kind"][of]), v.id("signal_registrations", of)
    return {
        "id": r["id"],
        "identifier": f"integration.{kind}.{r['row']}",
        "state": "draft" if r["enabled_at"] == NEVER else "enabled",
        "signal_type": kind,
        "signal_registration": {"_href": f"{HOME}/integrations/signals/registrations/{number}", "id": number},
        "owner_user_guid": v.user_guid(r["user"]),
        "owner_tenant_id": TEAM_ID,
        "name": {"en-us": named(r)},
        "label": {"en-us": r["name"]},
        "description": {"en-us": f"A play: {r['name']}"},
        "integration": {"_href": f"{HOME}/integrations/10", "id": 10},
        "indicators": [f"{kind}_to_the_end"],
        "enabled_at": v.zulu(r["enabled_at"]),
        "created_at": v.zulu(r["created_at"]),
        "attributes": {"task_type": "call", "task_subject": {"en-us": r["name"]}},
    }


def webhook_subscription(v: Voice, r: Record) -> Record:
    """One row of /webhook_subscriptions."""
    return {
        "user_guid": v.user_guid(r["user"]),
        "tenant_id": TEAM_ID,
        "id": r["id"],
        "event_type": r["event_type"],
        "enabled": r["enabled"],
        "callback_url": r["callback_url"] or f"https://hooks.example.com/salesloft/{r['id']}/{r['revision']}",
        "callback_token": r["callback_token"] or guid("webhook tokens", r["row"]),
    }
