"""Opportunities, their people and their stages, as the API shows them."""

from __future__ import annotations

from ..team.chance import scramble
from ..team.deals import LOST, STAGES, WON
from ..team.hours import DAY
from .crm import crm_id, crm_id_of, crm_user_id
from .people import Record
from .voice import Voice

# What a CRM thinks of a deal at each stage, in per cent.
PROBABILITIES = ("10.0", "25.0", "50.0", "75.0", "100.0", "0.0")
TYPES = ("New Business", "Renewal", "Expansion")


def opportunity(v: Voice, r: Record) -> Record:
    """One row of /opportunities. Amount and probability are text."""
    h, account = scramble(r["id"]), r["account"]
    company = str(v.state["accounts"]["name"][account]) if account >= 0 else "No account"
    again = f" (rev {r['revision']})" if r["revision"] else ""
    step = int(v.state["steps"]["number"][r["step"]]) if r["step"] >= 0 else None
    return {
        "id": r["id"],
        "name": f"{company}: {TYPES[h % 3]}{again}",
        "amount": f"{r['amount']}.0",
        "stage_name": STAGES[r["stage"]],
        "probability": PROBABILITIES[r["stage"]],
        "crm_id": crm_id("006", r["id"]),
        "crm_type": "salesforce",
        "account_crm_id": crm_id_of(v, "accounts", account),
        "owner_crm_id": crm_user_id(v, r["owner"]),
        "account_name": company if account >= 0 else None,
        "created_by_crm_id": crm_user_id(v, r["creator"]),
        "opportunity_type": TYPES[h % 3],
        "owner_crm_name": str(v.state["users"]["name"][r["owner"]]) if r["owner"] >= 0 else None,
        "crm_last_updated_date": v.time(r["updated_at"]),
        "close_date": v.time(r["close_on"] * DAY),
        "is_closed": r["stage"] in (WON, LOST),
        "is_won": r["stage"] == WON,
        "crm_url": f"https://crm.example.com/{crm_id('006', r['id'])}",
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "created_date": v.time(r["created_at"]),
        "opportunity_window_person_id": v.id("people", r["person"]),
        "opportunity_window_started_at": v.time(r["created_at"]),
        "custom_fields": {"Region": ("North", "South")[h // 3 % 2]} if h % 4 == 0 else {},
        "currency_iso_code": ("USD", "EUR")[h // 7 % 2],
        "tags": ["renewal"] if h % 3 == 1 else [],
        "most_recent_cadence": v.ref("cadences", r["cadence"]),
        "most_recent_step": v.ref("steps", r["step"]),
        "most_recent_step_number": step,
        "most_recent_step_account": v.ref("accounts", account) if r["step"] >= 0 else None,
        "owner": v.ref("users", r["owner"]),
        "creator": v.ref("users", r["creator"]),
        "account": v.ref("accounts", account),
    }


def opportunity_person(v: Voice, r: Record) -> Record:
    """One row of /opportunity_people: somebody who has a part in a deal."""
    person, deal = v.id("people", r["person"]), v.id("opportunities", r["opportunity"])
    return {
        "id": r["id"],
        "person_id": person,
        "opportunity_id": deal,
        "opportunity_crm_id": crm_id("006", deal),
        "person_crm_id": crm_id_of(v, "people", r["person"]),
        "created_at": v.time(r["created_at"]),
        "updated_at": v.time(r["updated_at"]),
        "crm_id": crm_id("00K", r["id"] + r["revision"]),
    }
