"""Ids of a CRM, invented from ours: who has one, and how it is spelt."""

from __future__ import annotations

from ..team.chance import scramble
from .voice import Voice

PREFIXES = {"accounts": "001", "people": "003"}


def crm_id(prefix: str, id_: int) -> str:
    """An id as the CRM spells it, invented from ours."""
    return f"{prefix}{scramble(id_) % 10**12:012d}"


def crm_id_of(v: Voice, table: str, row: int) -> str | None:
    """The CRM's id of an account or a person, as their own record shows it; half of them have none."""
    id_ = v.id(table, row) if row >= 0 else 0
    return crm_id(PREFIXES[table], id_) if scramble(id_) % 2 and row >= 0 else None


def crm_user_id(v: Voice, user: int) -> str | None:
    """The CRM's id of a user; the last one has none."""
    known = 0 <= user < v.state["crm_users"].size and v.state["crm_users"]["user"][user] == user
    return f"{crm_id('005', v.id('crm_users', user))}AAA" if known else None
