"""Words and names: dispositions that nobody classified, zones that no clock knows, addresses where none belong."""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check
from salesloft_pipeline.transform.description import tables

# Text that SalesLoft or a person wrote, by fact; all columns of a dimension are asked.
GIVEN_TEXTS = {
    "fct_activity": ("activity_id", "activity_type", "step_type"),
    "fct_email": ("status",),
    "fct_call": ("disposition", "sentiment"),
    "fct_dial": ("call_uuid", "direction", "status", "call_type"),
    "fct_meeting": ("meeting_type", "reschedule_status"),
    "fct_task": ("task_type", "state"),
    "fct_cadence_membership": ("current_state",),
    "fct_cadence_enrollment": ("current_state",),
}
# A user is known by an address, and a template's subject may tell one of the team's own.
ADDRESSES_ALLOWED = {
    "dim_user": ("email", "user_name"),
    "dim_user_history": ("user_name",),
    "dim_email_template": ("title", "subject"),
}


def _unmapped(thing: str) -> str:
    return f"""
        select '{thing} ' || d.{thing} || ': ' || cast(count(*) as text) || ' calls' as key
        from mart.fct_call c
        join mart.dim_{thing} d on d.{thing}_key = lower(trim(c.{thing}))
        cross join mart.build_info b
        where not c.is_deleted and not d.is_mapped and c.call_date > b.as_of_date - 30
        group by d.{thing}
    """


_UNFILLED = """
    select cast(filled as text) || ' of ' || cast(calls as text) || ' calls of 7 days' as key
    from (
        select count(*) as calls, count(*) filter (where c.disposition_category <> 'not_set') as filled
        from mart.fct_call c
        cross join mart.build_info b
        where not c.is_deleted and c.call_date > b.as_of_date - 7
    ) week
    where filled * 100 < calls * (
        select coalesce(max(case when dispositions_required then 99 end), 80) from raw_salesloft.team
    )
"""
_UNKNOWN_ZONES = """
    select 'user ' || cast(user_id as text) || ': ' || time_zone_raw as key
    from mart.dim_user
    where time_zone_raw is not null and time_zone_iana is null
"""


def _addresses() -> str:
    """Tables with something like an address in a text that is not for one, and in how many rows."""
    dims = {
        name: table.columns
        for name, table in tables().items()
        if name.startswith("dim_") and not name.endswith("_pii")
    }
    asked = {
        table: [column for column in columns if column not in ADDRESSES_ALLOWED.get(table, ())]
        for table, columns in {**dims, **GIVEN_TEXTS}.items()
    }
    counted = " union all ".join(
        f"select '{table}' as name, count(*) as addresses from (select "
        f"concat_ws(' ', {', '.join(f'cast({column} as text)' for column in columns)}) as texts from mart.{table}) asked "
        # What a pattern can take away is there: `~` looks for a part on Postgres and at the whole on DuckDB.
        "where regexp_replace(texts, '[^ @]@[^ @]+[.][a-zA-Z]', '') <> texts"
        for table, columns in asked.items()
    )
    return (
        "select name || ': ' || cast(addresses as text) || ' rows' as key "
        f"from ({counted}) counted where addresses > 0"
    )


CHECKS = (
    *(
        Check(
            "Q18",
            f"mart.dim_{thing}",
            "warn",
            f"every {thing} of the last 30 days is classified",
            _unmapped(thing),
        )
        for thing in ("disposition", "sentiment")
    ),
    Check(
        "Q19",
        "mart.fct_call",
        "warn",
        "80 % of the week's calls have a disposition, 99 % where the team demands it",
        _UNFILLED,
    ),
    Check("Q24", "mart.dim_user", "warn", "every user's time zone is known", _UNKNOWN_ZONES),
    Check("Q29", "mart.dim_person", "error", "no address stands outside of dim_person_pii", _addresses()),
)
