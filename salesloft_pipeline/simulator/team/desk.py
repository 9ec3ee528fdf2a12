"""What lies on the desks: instructions for calls, attachments of templates, saved views."""

from __future__ import annotations

import numpy as np

from .chance import Ints
from .hours import HOUR
from .office import spaced
from .playbook import PHONE
from .state import State

FILES = ("price-list.pdf", "one-pager.pdf", "case-study.pdf", "logo.png")
# Name, kind of list, shared with the team, the one that opens first.
VIEWS = (("My people", "people", False, True), ("Hot accounts", "companies", True, False))


def fill_desks(state: State) -> None:
    """Everything here belongs to cadences, templates and users that exist already."""
    instruct(state, state["steps"]["row"])
    for table, every in (("email_templates", 3), ("team_templates", 2)):
        _attachments(state, table, every)
    _views(state)
    _queue(state)


def instruct(state: State, among: Ints) -> None:
    """Every phone step among these has its instructions."""
    steps = state["steps"]
    phone = among[steps["type"][among] == PHONE]
    made = steps["created_at"][phone]
    rows = state["call_instructions"].append(len(phone), step=phone, created_at=made, updated_at=made)
    steps["instruction"][phone] = rows


def _attachments(state: State, table: str, every: int) -> None:
    template = np.arange(0, state[table].size, every)
    made = state[table]["created_at"][template] + HOUR
    names = [FILES[row % len(FILES)] for row in template.tolist()]
    state[f"{table.removesuffix('s')}_attachments"].append(
        len(template), template=template, name=names, created_at=made, updated_at=made
    )


def _views(state: State) -> None:
    user = np.repeat(np.arange(state["users"].size), len(VIEWS))
    name, view, shared, default = zip(*VIEWS * state["users"].size, strict=True)
    made = spaced(state, "saved_list_views", len(user))
    state["saved_list_views"].append(
        len(user), user=user, name=list(name), view=list(view), shared=list(shared), default=list(default),
        created_at=made, updated_at=made,
    )  # fmt: skip


def _queue(state: State) -> None:
    """A few emails wait for a mail program outside that nobody starts any more."""
    n = np.arange(2 + state["users"].size // 6)
    made = spaced(state, "pending_emails", len(n))
    person = n % state["people"].size
    state["pending_emails"].append(len(n), user=n % 3, person=person, created_at=made, updated_at=made)
