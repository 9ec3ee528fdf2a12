"""Questions about the finished mart that can fail, one row each: the SQL returns the keys that offend.

    Check(number, table, severity, description, sql)  ->  run_checks  ->  CheckResult

An error must keep the mart from being published; a warning is shown. Examples are keys, never names or addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salesloft_pipeline.transform.statements import instant
from salesloft_pipeline.warehouse import Sql, Warehouse

Severity = Literal["error", "warn"]
EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """One question. `sql` selects one text column, the keys that offend; no row means passed.

    `table` is the full address of the table asked about. `:now` and `:schedules`, rows of (resource, seconds), stand
    for the arguments of run_checks.
    """

    number: str
    table: str
    severity: Severity
    description: str
    sql: str


@dataclass(frozen=True)
class CheckResult:
    """The answer to one check: how many keys offend, and the first of them in order."""

    number: str
    table: str
    passed: bool
    severity: Severity
    offending_count: int
    examples: tuple[str, ...]
    description: str


KEYS = {
    "dim_date": ("date_day",),
    "dim_user": ("user_id",),
    "dim_user_history": ("user_id", "valid_from"),
    "dim_group": ("group_id",),
    "dim_person": ("person_id",),
    "dim_person_pii": ("person_id",),
    "dim_account": ("account_id",),
    "dim_cadence": ("cadence_id",),
    "dim_step": ("step_id",),
    "dim_disposition": ("disposition_key",),
    "dim_sentiment": ("sentiment_key",),
    "fct_activity": ("activity_id",),
    "fct_email": ("email_id",),
    "fct_email_version": ("email_id", "version_no"),
    "fct_call": ("call_id",),
    "fct_meeting": ("meeting_id",),
    "fct_success": ("success_id",),
    "fct_cadence_membership": ("membership_id",),
    "fct_cadence_enrollment": ("membership_id", "added_at"),
    "fct_step_completion": ("activity_id",),
    "fct_engagement_event": ("event_id",),
}

_KEYED_BY_ALL = ("user_id", "person_id", "account_id", "cadence_id", "step_id")
REFERENCES = {
    "fct_activity": _KEYED_BY_ALL,
    "fct_email": _KEYED_BY_ALL,
    "fct_call": _KEYED_BY_ALL,
    "fct_meeting": _KEYED_BY_ALL,
    "fct_success": _KEYED_BY_ALL,
    "fct_cadence_membership": ("user_id", "person_id", "cadence_id", "step_id"),
    "fct_cadence_enrollment": ("user_id", "person_id", "cadence_id"),
    "fct_step_completion": _KEYED_BY_ALL,
    "fct_engagement_event": _KEYED_BY_ALL,
    "daily_engagement": ("user_id", "cadence_id", "step_id"),
}

DAILY_KEY = ("engagement_date", "user_id", "cadence_id", "step_id")
RATES = (
    "bounce_rate",
    "open_rate",
    "click_rate",
    "reply_rate",
    "outcome_reply_rate",
    "connect_rate",
    "connect_rate_known",
    "disposition_fill_rate",
    "positive_rate",
    "meeting_held_rate",
)
COUNTS = (
    "emails_sent",
    "emails_bounced",
    "emails_delivered",
    "emails_view_tracked",
    "emails_click_tracked",
    "emails_opened",
    "emails_clicked",
    "emails_replied",
    "emails_replied_with_outcome",
    "views_total",
    "clicks_total",
    "replies_total",
    "emails_cadence",
    "emails_bulk",
    "emails_one_off",
    "emails_external",
    "evt_views",
    "evt_clicks",
    "evt_replies",
    "evt_bounces",
    "evt_opt_outs",
    "evt_inexact",
    "calls_logged",
    "calls_connected",
    "calls_voicemail",
    "calls_not_set",
    "calls_positive",
    "talk_seconds",
    "dials",
    "other_touches",
    "total_touches",
    "people_added",
    "meetings_booked",
    "meetings_held",
    "meetings_no_show",
    "successes",
)
# What must hold in every row of daily_engagement.
RELATIONS = (
    "emails_opened <= emails_view_tracked",
    "emails_view_tracked <= emails_delivered",
    "emails_clicked <= emails_click_tracked",
    "emails_click_tracked <= emails_delivered",
    "emails_replied <= emails_delivered",
    "emails_replied_with_outcome <= emails_replied",
    "emails_delivered + emails_bounced = emails_sent",
    "emails_cadence + emails_bulk + emails_one_off + emails_external = emails_sent",
    "calls_connected + calls_voicemail + calls_not_set <= calls_logged",
    "calls_positive <= calls_connected",
    "emails_sent + calls_logged + other_touches = total_touches",
)
# A column of daily_engagement, and the rows of a fact that it must add up to.
INTEGRITY = (
    ("emails_sent", "fct_email where is_sent"),
    ("emails_replied", "fct_email where was_replied"),
    ("calls_logged", "fct_call where not is_deleted"),
    ("people_added", "fct_cadence_enrollment where not is_deleted"),
    ("meetings_booked", "fct_meeting where is_booked"),
    ("meetings_held", "fct_meeting where is_held"),
    ("successes", "fct_success where not is_deleted"),
)
# The event of each counter, and the mail on which it is counted.
COUNTERS = (
    ("views", "email_viewed", "is_sent and not is_bounced and view_tracking"),
    ("clicks", "email_clicked", "is_sent and not is_bounced and click_tracking"),
    ("replies", "email_replied", "is_sent and not is_bounced"),
)


def _key_text(columns: Sequence[str]) -> str:
    return " || '/' || ".join(f"coalesce(cast({column} as text), 'NULL')" for column in columns)


def _duplicates(table: str, key: Sequence[str]) -> str:
    missing = " or ".join(f"{column} is null" for column in key)
    return f"select {_key_text(key)} as key from mart.{table} group by {', '.join(key)} having count(*) > 1 or {missing}"


def _orphans(table: str, references: Sequence[str]) -> str:
    return " union all ".join(
        f"select distinct '{column} ' || coalesce(cast(f.{column} as text), 'NULL') as key from mart.{table} f "
        f"left join mart.dim_{column.removesuffix('_id')} d on d.{column} = f.{column} where d.{column} is null"
        for column in references
    )


def _daily_rows(condition: str) -> str:
    return f"select {_key_text(DAILY_KEY)} as key from mart.daily_engagement where {condition}"


def _unequal_sums() -> str:
    return " union all ".join(
        f"select '{column}' as key where (select coalesce(sum({column}), 0) from mart.daily_engagement) "
        f"<> (select count(*) from mart.{rows})"
        for column, rows in INTEGRITY
    )


def _undated_counters() -> str:
    """Emails whose events do not add up to their counter, among those sent since versions are recorded."""
    return " union all ".join(
        f"select '{counter} of email ' || cast(f.email_id as text) as key from mart.fct_email f "
        "cross join mart.build_info b left join (select email_id, sum(quantity) as quantity "
        f"from mart.fct_engagement_event where event_type = '{event}' group by email_id) e on e.email_id = f.email_id "
        f"where {condition} and f.sent_at >= b.history_started_at and f.{counter} <> coalesce(e.quantity, 0)"
        for counter, event, condition in COUNTERS
    )


_HISTORY_GAPS = """
    select cast(user_id as text) as key
    from (
        select user_id, valid_from, valid_to, is_current,
            lead(valid_from) over (partition by user_id order by valid_from) as next_from
        from mart.dim_user_history
    ) versions
    group by user_id
    having sum(case when is_current then 1 else 0 end) <> 1
        or sum(case when valid_to <= valid_from or valid_to <> next_from then 1 else 0 end) > 0
"""

_LATE_LOADS = """
    select log.resource as key
    from ops.sync_log as log join (values :schedules) as late (resource, seconds) on late.resource = log.resource
    where log.kind = 'sync'
    group by log.resource
    having coalesce(
        max(case when log.outcome <> 'failed' then log.finished_at end), timestamptz '1970-01-01 00:00:00+00'
    ) < :now - 2 * max(late.seconds) * interval '1 second'
    union all
    select 'no sync has finished yet' where not exists (select 1 from ops.sync_log)
"""


def _rows() -> Iterator[Check]:
    for table, key in KEYS.items():
        yield Check(
            "Q01",
            f"mart.{table}",
            "error",
            f"{' and '.join(key)} unique, never null",
            _duplicates(table, key),
        )
    daily = "mart.daily_engagement"
    yield Check(
        "Q02",
        daily,
        "error",
        "one row per day, user, cadence and step",
        _duplicates("daily_engagement", DAILY_KEY),
    )
    yield Check(
        "Q03",
        "mart.fct_engagement_event",
        "error",
        "every event counts at least one",
        "select event_id as key from mart.fct_engagement_event where quantity is null or quantity < 1",
    )
    for table, references in REFERENCES.items():
        yield Check(
            "Q04",
            f"mart.{table}",
            "error",
            "every id has its row in its dimension",
            _orphans(table, references),
        )
    outside = " or ".join(f"not {rate} between 0 and 1" for rate in RATES)
    yield Check("Q06", daily, "error", "every rate is NULL or between 0 and 1", _daily_rows(outside))
    broken = " or ".join(f"not {relation}" for relation in RELATIONS)
    yield Check(
        "Q07", daily, "error", "parts are no greater than their whole, and add up", _daily_rows(broken)
    )
    unfit = " or ".join(f"{count} is null or {count} < 0" for count in COUNTS)
    yield Check("Q08", daily, "error", "no count is NULL or negative", _daily_rows(unfit))
    yield Check("Q09", daily, "error", "sums over all days equal the facts", _unequal_sums())
    yield Check("Q10", daily, "warn", "dated events add up to the counters", _undated_counters())
    yield Check(
        "Q14", "ops.sync_log", "error", "every resource was read within twice its schedule", _LATE_LOADS
    )
    yield Check(
        "Q23", "mart.dim_user_history", "error", "no gap, no overlap, one current row per user", _HISTORY_GAPS
    )


CHECKS = tuple(_rows())


def run_checks(
    warehouse: Warehouse,
    *,
    now: datetime,
    schedules: Mapping[str, float],
    checks: Sequence[Check] = CHECKS,
) -> list[CheckResult]:
    """Ask every check. `now` (with time zone) and `schedules`, the seconds between two reads of each resource, decide
    whether a load is late.
    """
    rows = ", ".join(f"('{resource}', {seconds:.0f})" for resource, seconds in schedules.items())
    values = {":now": instant(now), ":schedules": rows}
    with warehouse.transaction() as sql:
        return [_ask(sql, check, values) for check in checks]


def _ask(sql: Sql, check: Check, values: Mapping[str, str]) -> CheckResult:
    text = re.sub(r"(?<!:):(?:now|schedules)\b", lambda place: values[place[0]], check.sql)
    found = sql.query(f"select key, count(*) over () from ({text}) offending order by key limit {EXAMPLES}")
    count = found[0][1] if found else 0
    examples = tuple(key for key, _ in found)
    return CheckResult(
        check.number, check.table, not count, check.severity, count, examples, check.description
    )
