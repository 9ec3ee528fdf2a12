"""The questions of the dashboard in SQL, each answered by what the page shows in the tile or panel of that name.

They are asked of the facts and of `v_daily_engagement`, by other ways than the page's own queries where there are any.
"""

from __future__ import annotations

from collections.abc import Mapping

from salesloft_pipeline_tests.transform.rows import NEW_YORK

_SELECTED = "from mart.v_daily_engagement t where t.engagement_date >= {since} and t.engagement_date <= date '2026-11-20' and {where}"


def _joined(table: str, at: str, day: str) -> str:
    """A fact with the team of its time."""
    return f"""from (select f.*, h.group_id from mart.{table} f join mart.dim_user_history h
        on h.user_id = f.user_id and f.{at} >= h.valid_from and f.{at} < h.valid_to) t
        where t.{day} >= {{since}} and t.{day} <= date '2026-11-20' and {{where}}"""


def _rate(part: str, whole: str) -> str:
    return f"case when sum({whole}) >= 30 then sum({part}) / sum({whole}) end"


_WEEKS = "with weeks as (select unnest(generate_series({since}, date '2026-11-16', interval 7 days)) as week)"
# The team of a day is that of its end.
_BY_DAY_END = """select f.*, h.group_id from mart.{table} f join mart.dim_user_history h on h.user_id = f.user_id
    and h.valid_from < timezone('America/New_York', cast(f.{day} + 1 as timestamp))
    and h.valid_to >= timezone('America/New_York', cast(f.{day} + 1 as timestamp))"""
_WORKLOAD = f"""with days as (select user_id, count(*) as days
        from ({_BY_DAY_END.format(table="daily_user_engagement", day="engagement_date")}) t
        where is_working_day and is_active_user and engagement_date >= {{since}} and {{people}} group by 1),
    touches as (select user_id, sum(total_touches) as n {_SELECTED} group by 1)"""

QUESTIONS = {
    "tile-sent": f"select coalesce(sum(emails_sent), 0) {_SELECTED}",
    "tile-reply_rate": f"select {_rate('emails_replied', 'emails_delivered')} {_SELECTED} "
    "and cast(date_trunc('week', t.engagement_date) as date) + 6 <= date '2026-11-20' - 14",
    "tile-bounce_rate": f"select {_rate('emails_bounced', 'emails_sent')} {_SELECTED}",
    "tile-open_rate": f"select {_rate('emails_opened', 'emails_view_tracked')} {_SELECTED}",
    "tile-calls": f"select coalesce(sum(calls_logged), 0) {_SELECTED}",
    "tile-connect_rate": f"select {_rate('calls_connected', 'calls_logged')} {_SELECTED}",
    "tile-booked": f"select coalesce(sum(meetings_booked), 0) {_SELECTED}",
    "tile-held": f"select coalesce(sum(meetings_held), 0) {_SELECTED}",
    "tile-successes": f"select coalesce(sum(successes), 0) {_SELECTED}",
    "panel-leaders": f"""select any_value(u.user_name), sum(emails_sent), {_rate("emails_replied", "emails_delivered")},
        {_rate("emails_bounced", "emails_sent")}, sum(calls_logged), {_rate("calls_connected", "calls_logged")},
        sum(meetings_booked), sum(successes), sum(total_touches) / nullif(sum(meetings_booked), 0),
        sum(total_touches) / nullif(sum(successes), 0)
        {_SELECTED.replace(" where", " join mart.dim_user u on u.user_id = t.user_id where")}
        group by t.user_id order by sum(meetings_booked) desc, sum(emails_sent) desc, t.user_id""",
    "panel-dispositions": f"""select replace(disposition_category, '_', ' '), count(*),
        case when sum(count(*)) over () >= 30 then count(*) / sum(count(*)) over () end,
        sum(coalesce(duration_seconds, 0)) / 60 / count(*)
        {_joined("fct_call", "called_at", "call_date")} and not is_deleted
        group by disposition_category order by count(*) desc, disposition_category""",
    "panel-cadences": f"""select any_value(c.cadence_name), count(*), count(*) filter (was_emailed), count(*) filter (was_replied),
        case when count(*) filter (was_emailed) >= 30 then count(*) filter (was_replied) / count(*) filter (was_emailed) end,
        count(*) filter (got_meeting), count(*) filter (got_success)
        {_joined("fct_cadence_enrollment", "added_at", "added_date").replace(") t", ") t join mart.dim_cadence c on c.cadence_id = t.cadence_id")}
        and not t.is_deleted group by t.cadence_id order by count(*) desc, t.cadence_id""",
    "panel-speed": f"""with hours as (select round(10 * hours_to_first_reply) / 10 as hours
        {_joined("fct_email", "sent_at", "sent_date")} and was_replied and hours_to_first_reply is not null)
        select percentile_cont(0.5) within group (order by hours), percentile_cont(0.9) within group (order by hours)
        from hours having count(*) > 0""",
    "tile-touches_per_day": f"""{_WORKLOAD} select sum(n) / sum(days) from days left join touches using (user_id)""",
    "panel-workload": f"""{_WORKLOAD} select user_name, coalesce(n, 0) / days, coalesce(n, 0)
        from days join mart.dim_user using (user_id) left join touches using (user_id) order by 2 desc""",
    "panel-rates": f"""{_WEEKS}, found as (select t.*, date_trunc('week', engagement_date) as week {_SELECTED})
        select strftime(weeks.week, '%Y-%m-%d'), coalesce(sum(emails_sent), 0),
            {_rate("emails_replied", "emails_delivered")}, {_rate("emails_bounced", "emails_sent")}
        from weeks left join found using (week) group by weeks.week order by weeks.week""",
    "panel-steps": f"""select {{label}} as label, sum(emails_replied), sum(emails_delivered),
            {_rate("emails_replied", "emails_delivered")}, sum(calls_logged), {_rate("calls_connected", "calls_logged")}
        {_SELECTED} and t.step_order is not null group by t.step_order, label order by t.step_order, label""",
    "panel-alarms": f"""select any_value(user_name), strftime(date_trunc('week', engagement_date), '%-d %b'),
            sum(emails_sent), sum(emails_bounced), sum(emails_bounced) / sum(emails_sent)
        {_SELECTED} group by user_id, date_trunc('week', engagement_date)
        having sum(emails_sent) >= 50 and sum(emails_bounced) * 20 > sum(emails_sent)
        order by date_trunc('week', engagement_date) desc""",
    "panel-answers": f"""with found as (select 24 * (isodow(timezone('{NEW_YORK}', event_at)) - 1)
            + hour(timezone('{NEW_YORK}', event_at)) as hour, sum(quantity) as n
        {_joined("fct_engagement_event", "event_at", "event_date")} and date_precision in ('exact', 'day')
            and event_type in ('email_replied', 'call_connected') group by 1)
        select coalesce(n, 0) from range(168) hours(h) left join found on found.hour = h
        where exists (from found) order by h""",
    "panel-meetings": f"""{_WEEKS}, found as (select *, date_trunc('week', t.booked_date) as week
        {_joined("fct_meeting", "booked_at", "booked_date")} and is_booked)
        select coalesce(strftime(weeks.week, '%Y-%m-%d'), 'All'), count(meeting_id), count(*) filter (is_held),
            count(*) filter (is_canceled), count(*) filter (is_no_show and not is_canceled), null
        from weeks left join found using (week)
        group by rollup (weeks.week) having exists (from found) order by weeks.week nulls last""",
    "panel-backlog": f"""select strftime(snapshot_date, '%Y-%m-%d'), sum(overdue_actions), sum(overdue_tasks)
        from ({_BY_DAY_END.format(table="fct_backlog_daily", day="snapshot_date")}) t
        where snapshot_date >= {{since}} and {{where}} group by 1""",
    "panel-coverage": """select tier_name, case when count(*) >= 30 then count(*) filter (people_touched_30d > 0) / count(*) end,
            count(*) from (select a.*, u.user_id, u.group_id, null as cadence_id from mart.account_coverage a
            join mart.dim_user u on u.user_id = a.owner_user_id) t where {where} group by 1 order by 1""",
}


def asked(query: str, since: str, told: Mapping[str, str]) -> str:
    """The query of the weeks from a Monday on, and of the rep, team and cadence that are told."""
    columns = {"rep": "user_id", "team": "group_id", "cadence": "cadence_id"}
    parts = {kind: f"t.{columns[kind]} = {value}" for kind, value in told.items()}
    people = [part for kind, part in parts.items() if kind != "cadence"]
    label = "t.step_order || '. ' || t.step_name" if "cadence" in told else "'Step ' || t.step_order"
    for name, value in {
        "{since}": f"date '{since}'",
        "{where}": " and ".join(["true", *parts.values()]),
        "{people}": " and ".join(["true", *people]),
        "{label}": label,
    }.items():
        query = query.replace(name, value)
    return query
