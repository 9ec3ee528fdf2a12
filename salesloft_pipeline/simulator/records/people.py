"""People and accounts, as the API shows them."""

from __future__ import annotations

from typing import Any

from ..team import names
from ..team.chance import scramble
from ..team.codes import CONTACTS
from ..team.hours import NEVER
from .voice import Voice

Record = dict[str, Any]


def email_address(r: Record) -> str | None:
    """Written, or invented and unique; one person in fifty is known by telephone only."""
    if "email_address" in (r["written"] or ()):
        return _text(r["written"]["email_address"])
    if scramble(r["id"]) % 50 == 7:
        return None
    return f"{names.FIRST[r['first']]}.{names.LAST[r['last']]}.{r['id']}@example.com".lower()


def phone(r: Record) -> str | None:
    """Written, or invented for two in three, and for everybody without an address."""
    if "phone" in (r["written"] or ()):
        return _text(r["written"]["phone"])
    h = scramble(r["id"])
    return f"+1555{h % 10**7:07d}" if h % 3 or email_address(r) is None else None


def crm_id(r: Record) -> str | None:
    """Written, or invented for every other person: that of a Salesforce contact."""
    if "crm_id" in (r["written"] or ()):
        return _text(r["written"]["crm_id"])
    h = scramble(r["id"])
    return f"003{h % 10**15:015d}" if h % 2 else None


def last_name(r: Record) -> str:
    """Written, or invented."""
    return str((r["written"] or {}).get("last_name") or names.LAST[r["last"]])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def address_of(v: Voice, person: int) -> str | None:
    """The address of a person, from the columns it is made of."""
    people = v.state["people"]
    if person < 0:
        return None
    return email_address({name: people[name].item(person) for name in ("id", "first", "last", "written")})


def person(v: Voice, r: Record) -> Record:
    """One row of /people: what was written through the API, over what is invented."""
    record = _invented(v, r)
    if not r["written"]:
        return record
    record |= r["written"]
    name, mail = " ".join(filter(None, (record["first_name"], record["last_name"]))), record["email_address"]
    return record | {"display_name": name, "full_email_address": mail and f'"{name}" <{mail}>'}


def _invented(v: Voice, r: Record) -> Record:
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
        "phone": phone(r),
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
        "crm_id": crm_id(r),
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
