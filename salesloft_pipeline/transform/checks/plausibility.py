"""Values that can be, but hardly are: events out of time, counters that fall, days that are unlike their weekday."""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check
from salesloft_pipeline.transform.checks.columns import DAILY

# Of each fact: its key, the instant of what happened, and the rows of which that may be asked. A meeting's start is
# in the future by its nature, and so the feed's entry of one may be.
_MOMENTS = {
    "fct_email": ("email_id", "sent_at", "true"),
    "fct_call": ("call_id", "called_at", "true"),
    "fct_dial": ("dial_id", "dialed_at", "true"),
    "fct_meeting": ("meeting_id", "booked_at", "true"),
    "fct_success": ("success_id", "succeeded_at", "true"),
    "fct_task": ("task_id", "completed_at", "true"),
    "fct_note": ("note_id", "created_at", "true"),
    "fct_cadence_enrollment": ("membership_id", "added_at", "true"),
    "fct_activity": ("activity_id", "occurred_at", "activity_type not like 'meeting%'"),
}
_OUT_OF_TIME = "not {} between timestamptz '2011-01-01 00:00:00+00' and b.as_of + interval '5 minutes'"


def _out_of_time(table: str, key: str, moment: str, asked: str) -> str:
    condition = _OUT_OF_TIME.format(f"f.{moment}")
    return (
        f"select cast(f.{key} as text) as key from mart.{table} f cross join mart.build_info b "
        f"where {asked} and {condition}"
    )


def _many_out_of_time(table: str, moment: str, asked: str) -> str:
    condition = _OUT_OF_TIME.format(f"f.{moment}")
    return (
        "select cast(wrong as text) || ' of ' || cast(facts as text) as key from ("
        f"select count(*) as facts, count(*) filter (where {condition}) as wrong from mart.{table} f "
        f"cross join mart.build_info b where {asked}) counted where wrong * 1000 > facts"
    )


_SENT_STATUSES = "('sent', 'sent_from_gmail', 'sent_from_external')"
_ODD_SENDS = f"""
    select cast(email_id as text) as key
    from mart.fct_email
    where not is_deleted and status in {_SENT_STATUSES}
        and (sent_at is null or sent_at < created_at - interval '1 day')
"""
_DROPS = """
    select 'email ' || cast(email_id as text) || ': ' || cast(count(*) as text) as key
    from mart.fct_email_version
    where has_drop
    group by email_id
"""
# A day is compared with the same weekday of eight weeks; where less is known, there is no usual.
_UNUSUAL_DAY = """
    with days as (
        select b.as_of_date - 1 - 7 * cast(s.n as integer) as day, s.n as weeks_ago
        from mart.build_info b
        cross join generate_series(0, 8) as s(n)
    ),
    volumes as (
        select d.day, d.weeks_ago, count(f.{key}) as volume
        from days d
        left join mart.{table} f on f.{date} = d.day and {counted}
        group by d.day, d.weeks_ago
    ),
    usual as (
        select percentile_cont(0.5) within group (order by volume) as median from volumes where weeks_ago > 0
    ),
    spread as (
        select percentile_cont(0.5) within group (order by abs(v.volume - u.median)) as mad
        from volumes v
        cross join usual u
        where v.weeks_ago > 0
    )
    select cast(v.day as text) || ': ' || cast(v.volume as text) || ', usual ' || cast(cast(u.median as bigint) as text) as key
    from volumes v
    cross join usual u
    cross join spread p
    join mart.dim_date d on d.date_day = v.day
    where v.weeks_ago = 0 and not d.is_holiday
        and (abs(v.volume - u.median) > 5 * greatest(p.mad, 1) or (v.volume = 0 and u.median > 20))
        and exists (select 1 from mart.{table} f where f.{date} <= v.day - 56 and {counted})
"""
_MACHINE_OPENS = f"""
    select
        'user ' || cast(e.user_id as text) || ': ' || cast(sum(e.emails_opened) as text) || ' of '
        || cast(sum(e.emails_view_tracked) as text) || ' opened' as key
    from {DAILY} e
    cross join mart.build_info b
    where e.engagement_date > b.as_of_date - 30
    group by e.user_id
    having sum(e.emails_view_tracked) >= 200 and sum(e.emails_opened) * 10 > sum(e.emails_view_tracked) * 9
    union all
    select 'email ' || cast(f.email_id as text) || ': viewed within 5 seconds'
    from mart.fct_engagement_event v
    join mart.fct_email f on f.email_id = v.email_id
    cross join mart.build_info b
    where v.event_type = 'email_viewed' and v.event_at <= f.sent_at + interval '5 seconds'
        and f.sent_date > b.as_of_date - 30
"""
_MANY_DELETED = """
    select cast(gone as text) || ' of ' || cast(emails as text) || ' emails of 30 days' as key
    from (
        select count(*) as emails, count(*) filter (where _deleted_at > :now - interval '8 days') as gone
        from raw_salesloft.emails
        where sent_at > :now - interval '30 days'
    ) sent
    where gone * 100 > 2 * emails
"""

CHECKS = (
    *(
        Check(
            "Q11",
            f"mart.{table}",
            "warn",
            "nothing before 2011, nothing after the load",
            _out_of_time(table, *row),
        )
        for table, row in _MOMENTS.items()
    ),
    *(
        Check(
            "Q11_many",
            f"mart.{table}",
            "error",
            "at most one in a thousand before 2011 or after the load",
            _many_out_of_time(table, *row[1:]),
        )
        for table, row in _MOMENTS.items()
    ),
    Check(
        "Q12", "mart.fct_email", "warn", "what was sent has a time, and not before it was written", _ODD_SENDS
    ),
    Check("Q13", "mart.fct_email_version", "warn", "counters never fall", _DROPS),
    *(
        Check(
            "Q17",
            f"mart.{table}",
            "warn",
            "the last whole day is like the same weekday of eight weeks",
            _UNUSUAL_DAY.format(table=table, key=key, date=date, counted=counted),
        )
        for table, key, date, counted in (
            ("fct_email", "email_id", "sent_date", "f.is_sent"),
            ("fct_call", "call_id", "call_date", "not f.is_deleted"),
        )
    ),
    Check(
        "Q22",
        "raw_salesloft.emails",
        "warn",
        "at most 2 % of the last month's emails were found gone within 8 days",
        _MANY_DELETED,
    ),
    Check(
        "Q25", DAILY, "warn", "opens are those of people, not of a mail proxy or a scanner", _MACHINE_OPENS
    ),
)
