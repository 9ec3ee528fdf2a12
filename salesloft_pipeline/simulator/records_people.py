"""People, accounts and what is recorded about their way through cadences, as the API shows them."""

from __future__ import annotations

from typing import Any

from . import names
from .chance import scramble
from .codes import CONTACTS, MEMBERSHIPS
from .hours import NEVER
from .playbook import FUNCTIONS, STATES, STEP_TYPES
from .voice import HOME, Voice, href

Record = dict[str, Any]


def email_address(r: Record) -> str | None:
    """Invented and unique; one person in fifty is known by telephone only."""
    if scramble(r["id"]) % 50 == 7:
        return None
    return f"{names.FIRST[r['first']]}.{names.LAST[r['last']]}.{r['id']}@example.com".lower()


def person(v: Voice, r: Record) -> Record:
    """One row of /people."""
    h = scramble(r["id"])
    name, mail = f"{names.FIRST[r['first']]} {names.LAST[r['last']]}", email_address(r)
    city, region, country, zone = names.PLACES[h % len(names.PLACES)]
    company = names.company(r["account"]) if r["account"] >= 0 else None
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "last_contacted_at": v.time(r["contacted_at"]),
        "last_replied_at": v.time(r["replied_at"]),
        "first_name": names.FIRST[r["first"]],
        "last_name": names.LAST[r["last"]],
        "display_name": name,
        "email_address": mail,
        "full_email_address": mail and f'"{name}" <{mail}>',
        "secondary_email_address": None,
        "personal_email_address": None,
        "phone": f"+1555{h % 10**7:07d}" if h % 3 or mail is None else None,
        "phone_extension": None,
        "home_phone": None,
        "mobile_phone": f"1555{h // 7 % 10**7:07d}" if h % 4 == 1 else None,
        "linkedin_url": None,
        "title": names.TITLES[(h // 11 + r["revision"]) % len(names.TITLES)],
        "city": city,
        "state": region,
        "country": country,
        "work_city": None,
        "work_state": None,
        "work_country": None,
        "crm_url": None,
        "crm_id": f"003{h % 10**12:012d}" if h % 2 else None,
        "account_crm_id": None,
        "crm_object_type": "contact" if h % 2 else None,
        "owner_crm_id": None,
        "person_company_name": company,
        "person_company_website": "http://example.com",
        "person_company_industry": names.INDUSTRIES[h // 13 % len(names.INDUSTRIES)] if company else None,
        "do_not_contact": r["do_not_contact"],
        "bouncing": r["bouncing"],
        "locale": zone,
        "locale_utc_offset": {
            "US/Eastern": -300,
            "US/Central": -360,
            "US/Pacific": -480,
            "Europe/Berlin": 60,
        }.get(zone, 0),
        "eu_resident": country == "Germany",
        "personal_website": None,
        "twitter_handle": None,
        "last_contacted_type": CONTACTS[r["contacted_type"]] if r["contacted_type"] >= 0 else None,
        "job_seniority": names.SENIORITIES[r["seniority"]] if r["seniority"] >= 0 else None,
        "job_function": None,
        "custom_fields": _custom(h, r["revision"]),
        "tags": [names.TAGS[h // 17 % len(names.TAGS)]] if h % 5 == 0 else [],
        "contact_restrictions": ["call"] if h % 40 == 3 else [],
        "success_count": r["successes"],
        "starred": h % 60 == 1,
        "untouched": r["contacted_at"] == NEVER,
        "hot_lead": False,
        "external_source": None,
        "counts": {
            "emails_sent": r["sent"],
            "emails_viewed": r["viewed"],
            "emails_clicked": r["clicked"],
            "emails_replied_to": r["replied"],
            "emails_bounced": r["bounced"],
            "calls": r["calls"],
        },
        "account": v.ref("accounts", r["account"]),
        "owner": v.ref("users", r["owner"]),
        "last_contacted_by": v.ref("users", r["contacted_by"]),
        "import": v.ref("imports", r["import"]),
        "person_stage": v.ref("person_stages", r["stage"]),
        "most_recent_cadence": v.ref("cadences", r["recent_cadence"]),
        "last_completed_step_cadence": v.ref("cadences", _cadence_of(v, r["last_step"])),
        "last_completed_step": v.ref("steps", r["last_step"]),
        "cadences": [v.ref("cadences", cadence) for cadence in v.cadences_of(r["row"])],
    }


def _custom(h: int, revision: int) -> Record:
    """Only fields that have a value are shown: an odd revision clears the biscuit."""
    source = {"Lead Source": ("Webinar", "Fair", "Referral")[h // 19 % 3]} if h % 3 == 0 else {}
    biscuit = {"Favourite Biscuit": "Shortbread"} if h % 7 == 0 and revision % 2 == 0 else {}
    return source | biscuit


def _cadence_of(v: Voice, step: int) -> int:
    return int(v.state["steps"]["cadence"][step]) if step >= 0 else -1


def account(v: Voice, r: Record) -> Record:
    """One row of /accounts."""
    h = scramble(r["id"])
    city, region, country, zone = names.PLACES[h % len(names.PLACES)]
    return {
        "id": r["id"],
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "archived_at": v.time(r["archived_at"]),
        "name": r["name"],
        "domain": f"{r['name'].lower().replace(' ', '-')}.example.org",
        "conversational_name": r["name"].split()[0] if h % 2 else None,
        "description": f"Revision {r['revision']}" if r["revision"] else None,
        "phone": f"+1555{h % 10**7:07d}" if h % 3 else None,
        "website": f"https://{r['name'].lower().replace(' ', '-')}.example.org",
        "linkedin_url": None,
        "twitter_handle": None,
        "street": None,
        "city": city,
        "state": region,
        "postal_code": None,
        "country": country,
        "locale": zone,
        "industry": names.INDUSTRIES[h // 13 % len(names.INDUSTRIES)],
        "company_type": None,
        "founded": str(1900 + h % 120),
        "revenue_range": ("0-1,000,000", "1,000,000-2,000,000", None)[h // 5 % 3],
        "size": str(10 * (1 + h // 3 % 200)),
        "crm_id": f"001{h % 10**12:012d}" if h % 2 else None,
        "crm_url": None,
        "crm_object_type": "account",
        "owner_crm_id": None,
        "prospector_engagement_score": None,
        "prospector_engagement_level": None,
        "last_contacted_at": v.time(r["contacted_at"]),
        "last_contacted_type": CONTACTS[r["contacted_type"]] if r["contacted_type"] >= 0 else None,
        "do_not_contact": r["do_not_contact"],
        "custom_fields": {"Signed On": f"20{h % 20 + 5:02d}-01-15"} if h % 4 == 0 else {},
        "user_relationships": [],
        "tags": [names.TAGS[h // 17 % len(names.TAGS)]] if h % 6 == 0 else [],
        # Null, not 0, where there is nobody.
        "counts": {"people": r["people"] or None},
        "owner": v.ref("users", r["owner"]),
        "creator": v.ref("users", r["creator"]),
        "last_contacted_by": v.ref("users", r["contacted_by"]),
        "last_contacted_person": v.ref("people", r["contacted_person"]),
        "company_stage": v.ref("account_stages", r["stage"]),
        "account_tier": v.ref("account_tiers", r["tier"]),
    }


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
        "details": href(f"action_details/{kind}_details", r["id"]),
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
    due = r["due_on"] * 86_400_000_000
    return {
        "id": r["id"],
        "due": due <= v.state.until,
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "type": kind,
        "status": "in_progress",
        "due_on": (v.zulu(due) or "").replace("Z", "+00:00"),
        "multitouch_group_id": None,
        "action_details": href(f"action_details/{kind}_details", v.id("steps", r["step"])),
        "user": v.ref("users", r["user"]),
        "person": v.ref("people", r["person"]),
        "cadence": v.ref("cadences", r["cadence"]),
        "step": v.ref("steps", r["step"]),
        "task": None,
    }
