"""Who must not be written to, and why: one row per rule, asked before every write.

A rule speaks of a person as they are now, and of the cadence where one is meant. What protects a person (an opt-out, a
further restriction) is written all the same, and nobody is kept from being taken off a cadence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from salesloft_pipeline.reverse_sync.actual import Actual

Kind = Literal["create", "update", "enroll", "remove", "import"]
# A channel that a person may restrict, by the type of step that uses it.
CHANNELS = {"email": "email", "phone": "call"}
RECENT = timedelta(days=90)
_NOBODY = Actual(0, {}, None)


@dataclass(frozen=True)
class Target:
    """The cadence of an enrollment: its channels, whether the user may put people on it, how long it must have been
    since a person was last on it.
    """

    cadence_id: int
    channels: frozenset[str] = frozenset()
    user_allowed: bool = True
    recent: timedelta = RECENT


@dataclass(frozen=True, slots=True)
class Case:
    """One write in question. person: None for somebody who is to be made. added_at: when they were last added to the
    cadence, in UTC; None if never.
    """

    person: Actual | None = None
    forgotten: bool = False
    consent: bool | None = None
    eu_resident: bool | None = None
    target: Target | None = None
    added_at: datetime | None = None


@dataclass(frozen=True)
class Rule:
    """reason: its name in reports. holds(case, person, now): does it speak against the write?"""

    reason: str
    kinds: frozenset[Kind]
    holds: Callable[[Case, Actual, datetime], bool]


_ANY: frozenset[Kind] = frozenset({"create", "update", "enroll"})
_ENROLL: frozenset[Kind] = frozenset({"enroll"})


def _on_cadence(case: Case, person: Actual, _: datetime) -> bool:
    return case.target is not None and case.target.cadence_id in person.cadences


def _lately(case: Case, _: Actual, now: datetime) -> bool:
    target, added = case.target, case.added_at
    return target is not None and added is not None and now - added < target.recent


RULES = (
    Rule("forgotten", _ANY, lambda case, _p, _n: case.forgotten),
    Rule("do_not_contact", _ANY, lambda _, person, _n: person.do_not_contact),
    Rule(
        "eu_without_consent",
        _ANY,
        lambda case, person, _n: (
            (person.eu_resident or case.eu_resident is True) and case.consent is not True
        ),
    ),
    Rule("consent_refused", _ANY, lambda case, _p, _n: case.consent is False),
    Rule(
        "user_not_allowed", _ENROLL, lambda case, _p, _n: bool(case.target and not case.target.user_allowed)
    ),
    Rule(
        "contact_restricted",
        _ENROLL,
        lambda case, person, _n: bool(case.target and person.restrictions & case.target.channels),
    ),
    Rule(
        "bounced",
        _ENROLL,
        lambda case, person, _n: bool(case.target and person.bouncing and "email" in case.target.channels),
    ),
    Rule("already_on_cadence", _ENROLL, _on_cadence),
    Rule("recently_on_cadence", _ENROLL, _lately),
)


def suppressed(kind: Kind, case: Case, now: datetime) -> str | None:
    """The reason of the first rule that speaks against it, None if it may be written. now: in UTC."""
    person = case.person or _NOBODY
    found = (rule.reason for rule in RULES if kind in rule.kinds and rule.holds(case, person, now))
    return next(found, None)


def protections(wanted: Mapping[str, Any], person: Actual) -> Iterator[str]:
    """The fields among these that only protect the person further, and so may always be written."""
    if wanted.get("do_not_contact") is True and not person.do_not_contact:
        yield "do_not_contact"
    if person.restrictions < set(wanted.get("contact_restrictions") or ()):
        yield "contact_restrictions"
