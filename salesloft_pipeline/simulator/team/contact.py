"""What every contact leaves behind, whether it was an email or a call."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .codes import CONTACTS
from .state import State, latest, tally


def contacted(state: State, times: Ints, how: str, person: Ints, user: Ints) -> None:
    """Remember on the person and the account who was last in touch, and count."""
    written = int(how == "email")
    tally(state["people"], person, times, sent=written, calls=1 - written)
    code = CONTACTS.index(how)
    latest(state["people"], "contacted_at", person, times, contacted_by=user, contacted_type=code, stage=2)
    account = np.where(person >= 0, state["people"]["account"][person], -1)
    latest(
        state["accounts"],
        "contacted_at",
        account,
        times,
        contacted_by=user,
        contacted_person=person,
        contacted_type=code,
    )


def log_in_crm(state: State, times: Ints, rows: Ints, kind: str) -> None:
    """A third of what is done is also written to the CRM."""
    table = state["emails" if kind == "email" else "calls"]
    mine = state.dice.happens(f"crm/{kind}", rows, 0.33)
    logged = state["crm_activities"].append(
        int(mine.sum()), user=table["user"][rows[mine]], person=table["person"][rows[mine]], created_at=times[mine],
        updated_at=times[mine], **{kind: rows[mine]},
    )  # fmt: skip
    table.update(rows[mine], crm_activity=logged)
