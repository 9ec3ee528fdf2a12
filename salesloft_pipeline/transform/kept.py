"""The tables that a build of a large warehouse need not make anew: which rows it makes again, and out of what.

    affected/<table>.sql  ->  the keys of rows that may differ

    the table's own SQL, over those parts of its sources that belong to these keys  ->  the rows in their place

A table is named here when every row of one key follows from the parts of its sources that belong to the key, and
from tables that hold still (HOLD_STILL, seeds). What is not named is made anew by each build, which is cheap.

In this SQL, `changed.<table>` holds the rows that came or went since the last build (of a raw table: that came),
`affected` the keys, `part.<table>` a part that stands above in the same row. `:as_of_before` is the instant of the
last build: what lies between it and `:as_of` has become true by time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FOLDER = Path(__file__).parent / "affected"


@dataclass(frozen=True)
class Kept:
    """A mart table that is changed in place. `parts`: by source, the condition for what belongs to affected keys.

    `looks_up`: sources that are read whole, and of which `affected` knows the changes.
    """

    mart: str
    key: str
    parts: Mapping[str, str]
    looks_up: tuple[str, ...] = ()

    @cached_property
    def affected(self) -> str:
        """One select of keys whose rows may differ."""
        return (_FOLDER / f"{self.mart}.sql").read_text(encoding="utf-8")


# Columns of raw tables whose change moves rows all over the mart: then all is made anew.
HOLD_STILL: Mapping[str, str] = {
    "raw_salesloft.users": "id, guid, time_zone",
    "raw_salesloft.steps": "id, cadence_id, type",
    "raw_salesloft.person_stages": "id, name",
}


def _of(column: str) -> str:
    return f"{column} in (select key from affected)"


_IN_WEEKS = "{0} in (select date_day from mart.dim_date where week_start in (select key from affected))"
_PEOPLE = "raw_salesloft.people"

_ROWS = (
    Kept(
        "fct_email_version",
        key="email_id",
        parts={"raw_salesloft.emails": _of("id"), "raw_salesloft.emails_versions": _of("id")},
    ),
    Kept(
        "fct_activity",
        key="activity_id",
        parts={"raw_salesloft.activity_histories": _of("id")},
        looks_up=(_PEOPLE,),
    ),
    Kept(
        "fct_call",
        key="call_id",
        # fct_dial comes later: here it still tells to which call a leg belonged.
        parts={"raw_salesloft.calls": _of("id"), "raw_salesloft.call_data_records": _of("call_id")},
        # A text of a call always has its row there, and a row's category is a matter of the seeds.
        looks_up=(_PEOPLE, "mart.dim_disposition", "mart.dim_sentiment"),
    ),
    Kept(
        "fct_dial",
        key="dial_id",
        parts={"raw_salesloft.call_data_records": _of("id")},
        looks_up=(_PEOPLE, "mart.fct_call"),
    ),
    Kept(
        "fct_email",
        key="email_id",
        parts={
            "raw_salesloft.emails": _of("id"),
            "mart.fct_email_version": _of("email_id"),
            "mart.fct_activity": _of("email_id"),
        },
        looks_up=(_PEOPLE, "mart.fct_meeting", "mart.fct_success"),
    ),
    Kept(
        "fct_step_completion",
        key="activity_id",
        parts={"mart.fct_activity": _of("activity_id")},
    ),
    Kept(
        "fct_cadence_membership",
        key="membership_id",
        parts={"raw_salesloft.cadence_memberships": _of("id")},
    ),
    Kept(
        "fct_cadence_enrollment",
        key="person_id",
        parts={
            "raw_salesloft.cadence_memberships": _of("coalesce(person_id, -1)"),
            "raw_salesloft.cadence_memberships_versions": "id in (select id from part.cadence_memberships)",
            "mart.fct_activity": _of("person_id"),
            "mart.fct_email": _of("person_id"),
            "mart.fct_call": _of("person_id"),
            "mart.fct_step_completion": _of("person_id"),
            "mart.fct_meeting": _of("person_id"),
            "mart.fct_success": _of("person_id"),
        },
    ),
    Kept(
        "fct_engagement_event",
        key="person_id",
        parts={
            "mart.fct_email": _of("person_id"),
            "mart.fct_email_version": "email_id in (select email_id from part.fct_email)",
            # A reply in the feed need not name the person whom its email went to.
            "mart.fct_activity": f"{_of('person_id')} or email_id in (select email_id from part.fct_email)",
            "mart.fct_call": _of("person_id"),
            "mart.fct_meeting": _of("person_id"),
            "mart.fct_success": _of("person_id"),
            "mart.fct_cadence_enrollment": _of("person_id"),
            "mart.fct_step_completion": _of("person_id"),
            _PEOPLE: _of("id"),
        },
    ),
    Kept(
        "daily_engagement",
        key="engagement_date",
        parts={
            "mart.fct_email": _of("sent_date"),
            "mart.fct_engagement_event": _of("event_date"),
            # A leg counts for the user of its call, and a call for itself when it has no leg: both need the other.
            "mart.fct_dial": f"{_of('dial_date')} or call_id in (select call_id from mart.fct_call where "
            f"{_of('call_date')})",
            "mart.fct_call": f"{_of('call_date')} or call_id in (select call_id from part.fct_dial)",
            "mart.fct_step_completion": _of("completed_date"),
            "mart.fct_cadence_enrollment": _of("added_date"),
            "mart.fct_meeting": f"{_of('booked_date')} or {_of('start_date')}",
            "mart.fct_success": _of("success_date"),
        },
    ),
    Kept(
        "daily_cadence_engagement",
        key="engagement_date",
        parts={
            "mart.daily_engagement": _of("engagement_date"),
            "mart.fct_engagement_event": _of("event_date"),
        },
    ),
    Kept(
        "daily_user_engagement",
        key="engagement_date",
        parts={
            "mart.daily_engagement": _of("engagement_date"),
            "mart.fct_engagement_event": _of("event_date"),
            "mart.dim_date": _of("date_day"),
        },
        looks_up=("mart.dim_user", "mart.dim_user_history"),
    ),
    Kept(
        "step_performance",
        key="week_start",
        parts={
            "mart.daily_engagement": _IN_WEEKS.format("engagement_date"),
            "mart.dim_date": _of("week_start"),
        },
    ),
    Kept(
        "template_performance",
        key="week_start",
        parts={"mart.fct_email": _IN_WEEKS.format("sent_date"), "mart.dim_date": _of("week_start")},
    ),
    Kept(
        "dim_person",
        key="person_id",
        parts={_PEOPLE: _of("id"), "mart.ref_mention": _of("id")},
        looks_up=("mart.ref_time_zone",),
    ),
    Kept(
        "dim_person_pii",
        key="person_id",
        parts={_PEOPLE: _of("id")},
    ),
    Kept(
        "dim_person_stage_history",
        key="person_id",
        parts={
            _PEOPLE: _of("id"),
            "raw_salesloft.people_versions": _of("id"),
            "mart.ref_mention": _of("id"),
        },
    ),
    Kept(
        "person_engagement",
        key="person_id",
        parts={"mart.dim_person": _of("person_id"), "mart.fct_engagement_event": _of("person_id")},
    ),
)

KEPT: Mapping[str, Kept] = {kept.mart: kept for kept in _ROWS}
