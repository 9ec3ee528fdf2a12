"""Every row has its key, and every id its row in its dimension."""

from __future__ import annotations

from collections.abc import Sequence

from salesloft_pipeline.transform.checks.check import Check, key_text
from salesloft_pipeline.transform.checks.columns import DAILY, DAILY_KEY

KEYS = {
    "dim_date": ("date_day",),
    "dim_user": ("user_id",),
    "dim_user_history": ("user_id", "valid_from"),
    "dim_group": ("group_id",),
    "dim_person": ("person_id",),
    "dim_person_pii": ("person_id",),
    "dim_person_stage_history": ("person_id", "valid_from"),
    "dim_account": ("account_id",),
    "dim_cadence": ("cadence_id",),
    "dim_step": ("step_id",),
    "dim_email_template": ("template_id",),
    "dim_disposition": ("disposition_key",),
    "dim_sentiment": ("sentiment_key",),
    "fct_activity": ("activity_id",),
    "fct_email": ("email_id",),
    "fct_email_version": ("email_id", "version_no"),
    "fct_call": ("call_id",),
    "fct_dial": ("dial_id",),
    "fct_meeting": ("meeting_id",),
    "fct_success": ("success_id",),
    "fct_task": ("task_id",),
    "fct_note": ("note_id",),
    "fct_note_pii": ("note_id",),
    "fct_cadence_membership": ("membership_id",),
    "fct_cadence_enrollment": ("membership_id", "added_at"),
    "fct_step_completion": ("activity_id",),
    "fct_engagement_event": ("event_id",),
    "fct_backlog_daily": ("snapshot_date", "user_id", "cadence_id", "step_type"),
    "daily_engagement_reported": ("report_date", "user_id", "cadence_id", "step_id"),
    "daily_user_engagement": ("engagement_date", "user_id"),
    "daily_cadence_engagement": ("engagement_date", "cadence_id"),
    "cadence_performance": ("cadence_id", "cohort_month"),
    "step_performance": ("cadence_id", "step_id", "week_start"),
    "template_performance": ("template_id", "week_start"),
    "person_engagement": ("person_id",),
    "account_coverage": ("account_id",),
}

_KEYED_BY_ALL = ("user_id", "person_id", "account_id", "cadence_id", "step_id")
REFERENCES = {
    "fct_activity": _KEYED_BY_ALL,
    "fct_email": (*_KEYED_BY_ALL, "template_id"),
    "fct_call": _KEYED_BY_ALL,
    "fct_dial": _KEYED_BY_ALL,
    "fct_meeting": _KEYED_BY_ALL,
    "fct_success": _KEYED_BY_ALL,
    "fct_task": ("user_id", "person_id", "account_id"),
    "fct_note": ("user_id", "person_id", "account_id"),
    "fct_cadence_membership": ("user_id", "person_id", "cadence_id", "step_id"),
    "fct_cadence_enrollment": ("user_id", "person_id", "cadence_id"),
    "fct_step_completion": _KEYED_BY_ALL,
    "fct_engagement_event": _KEYED_BY_ALL,
    "fct_backlog_daily": ("user_id", "cadence_id"),
    "daily_engagement": ("user_id", "cadence_id", "step_id"),
    "daily_engagement_reported": ("user_id", "cadence_id", "step_id"),
    "dim_person": ("account_id", "owner_user_id", "canonical_person_id"),
    "dim_person_stage_history": ("person_id", "owner_user_id"),
    "dim_user": ("group_id", "canonical_user_id"),
    "dim_user_history": ("user_id",),
    "dim_account": ("owner_user_id",),
    "dim_cadence": ("owner_user_id",),
    "dim_step": ("cadence_id", "template_id"),
    "dim_email_template": ("owner_user_id",),
}
# Facts that happen at a time, by the column that tells it.
DATED = {
    "fct_email": "sent_at",
    "fct_call": "called_at",
    "fct_dial": "dialed_at",
    "fct_meeting": "booked_at",
    "fct_success": "succeeded_at",
    "fct_cadence_enrollment": "added_at",
    "fct_activity": "occurred_at",
}


def _dimension(column: str) -> tuple[str, str]:
    """The dimension that a column points into, and its key."""
    key = column.removeprefix("owner_").removeprefix("canonical_")
    thing = key.removesuffix("_id")
    return f"mart.dim_{'email_template' if thing == 'template' else thing}", key


def _duplicates(table: str, key: Sequence[str]) -> str:
    missing = " or ".join(f"{column} is null" for column in key)
    return f"select {key_text(key)} as key from mart.{table} group by {', '.join(key)} having count(*) > 1 or {missing}"


def _orphan(table: str, column: str) -> str:
    dimension, key = _dimension(column)
    return (
        f"select distinct '{column} ' || coalesce(cast(f.{column} as text), 'NULL') as key from mart.{table} f "
        f"left join {dimension} d on d.{key} = f.{column} where d.{key} is null"
    )


def _inferred(table: str, moment: str) -> str:
    """How many facts of the last week name something that SalesLoft does not list, if more than one in a hundred."""
    names = REFERENCES[table]
    joined = " ".join(
        f"join {dimension} d{place} on d{place}.{key} = f.{column}"
        for place, column in enumerate(names)
        for dimension, key in [_dimension(column)]
    )
    unlisted = " or ".join(f"d{place}.is_inferred" for place, _ in enumerate(names))
    return (
        "select cast(unlisted as text) || ' of ' || cast(facts as text) || ' of 7 days' as key from ("
        f"select count(*) as facts, count(*) filter (where {unlisted}) as unlisted from mart.{table} f {joined} "
        f"cross join mart.build_info b where f.{moment} > b.as_of - interval '7 days') week where unlisted * 100 > facts"
    )


_HISTORY_GAPS = """
    select cast({key} as text) as key
    from (
        select {key}, valid_from, valid_to, is_current,
            lead(valid_from) over (partition by {key} order by valid_from) as next_from
        from {table}
    ) versions
    group by {key}
    having sum(case when is_current then 1 else 0 end) <> 1
        or sum(case when valid_to <= valid_from or valid_to <> next_from then 1 else 0 end) > 0
"""
_HISTORIES = {"mart.dim_user_history": "user_id", "mart.dim_person_stage_history": "person_id"}

CHECKS = (
    *(
        Check(
            "Q01",
            f"mart.{table}",
            "error",
            f"{' and '.join(key)} unique, never null",
            _duplicates(table, key),
        )
        for table, key in KEYS.items()
    ),
    Check(
        "Q02",
        DAILY,
        "error",
        "one row per day, user, cadence and step",
        _duplicates("daily_engagement", DAILY_KEY),
    ),
    *(
        Check(
            "Q04",
            f"mart.{table}",
            "error",
            "every id has its row in its dimension",
            " union all ".join(_orphan(table, column) for column in columns),
        )
        for table, columns in REFERENCES.items()
    ),
    *(
        Check(
            "Q05",
            f"mart.{table}",
            "warn",
            "at most 1 % of the week's facts name something that SalesLoft does not list",
            _inferred(table, moment),
        )
        for table, moment in DATED.items()
    ),
    *(
        Check(
            "Q23",
            table,
            "error",
            "no gap, no overlap, one current row each",
            _HISTORY_GAPS.format(key=key, table=table),
        )
        for table, key in _HISTORIES.items()
    ),
)
