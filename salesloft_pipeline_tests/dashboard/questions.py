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


def _by_week(values: str) -> str:
    return f"""{_WEEKS}, found as (select t.*, date_trunc('week', engagement_date) as week {_SELECTED})
        select {values} from weeks left join found using (week) group by weeks.week order by weeks.week"""


_WORKLOAD = f"""with days as (select user_id, date_trunc('week', engagement_date) as week, count(*) as days
        from ({_BY_DAY_END.format(table="daily_user_engagement", day="engagement_date")}) t
        where is_working_day and is_active_user and engagement_date >= {{since}} and {{people}} group by 1, 2),
    touches as (select user_id, date_trunc('week', engagement_date) as week, sum(total_touches) as n
        {_SELECTED} and user_id in (select user_id from days) group by 1, 2)"""
# What a tile shows of the sums of all days, and below it of those of each week.
_TILES = {
    "sent": "coalesce(sum(emails_sent), 0)",
    "reply_rate": _rate("emails_replied", "emails_delivered"),
    "bounce_rate": _rate("emails_bounced", "emails_sent"),
    "open_rate": _rate("emails_opened", "emails_view_tracked"),
    "calls": "coalesce(sum(calls_logged), 0)",
    "connect_rate": _rate("calls_connected", "calls_logged"),
    "booked": "coalesce(sum(meetings_booked), 0)",
    "held": "coalesce(sum(meetings_held), 0)",
    "successes": "coalesce(sum(successes), 0)",
}
_MATURE = "cast(date_trunc('week', t.engagement_date) as date) + 6 <= date '2026-11-20' - 14"
_BANDS = """(values (0, 'in an hour', 0, 1), (1, 'in 4 hours', 1, 4), (2, 'in a day', 4, 24), (3, 'in 2 days', 24, 48),
    (4, 'in a week', 48, 168), (5, 'later', 168, 1e9))"""

QUESTIONS = {
    **{f"tile-{name}": f"select {value} {_SELECTED}" for name, value in _TILES.items()},
    **{f"tile-{name} by week": _by_week(value) for name, value in _TILES.items()},
    "tile-reply_rate": f"select {_TILES['reply_rate']} {_SELECTED} and {_MATURE}",
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
        , told as (select place, label, count(hours) as n, case when (select count(*) from hours) >= 30
            then count(hours) / (select count(*) from hours) end as share
            from {_BANDS} bands(place, label, low, high) left join hours on hours >= low and hours < high group by 1, 2)
        select percentile_cont(0.5) within group (order by hours), percentile_cont(0.9) within group (order by hours),
            (select list({{'label': label, 'n': n, 'share': share}} order by place) from told)
        from hours having count(*) > 0""",
    "tile-touches_per_day": f"""{_WORKLOAD} select coalesce((select sum(n) from touches), 0) / sum(days) from days""",
    "tile-touches_per_day by week": f"""{_WORKLOAD}, {_WEEKS.removeprefix("with ")}
        select coalesce((select sum(n) from touches where touches.week = weeks.week), 0)
            / (select sum(days) from days where days.week = weeks.week) from weeks order by weeks.week""",
    "panel-workload": f"""{_WORKLOAD} select any_value(user_name), coalesce(sum(n), 0) / sum(days), coalesce(sum(n), 0)
        from days join mart.dim_user using (user_id) full join touches using (user_id, week)
        group by user_id order by 2 desc""",
    "panel-rates": _by_week(
        f"strftime(weeks.week, '%Y-%m-%d'), {_TILES['sent']}, {_TILES['reply_rate']}, {_TILES['bounce_rate']}"
    ),
    "panel-teams": f"""{_WEEKS}, found as (select t.*, date_trunc('week', engagement_date) as week {_SELECTED}),
        teams as (select group_id, sum(emails_delivered) as most from found group by 1 having most > 0),
        rates as (select weeks.week, teams.most, {_TILES["reply_rate"]} as rate
            from weeks cross join teams left join found using (week, group_id) group by weeks.week, group_id, most)
        select strftime(week, '%Y-%m-%d'), list(rate order by most desc) from rates group by week order by week""",
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
            count(*) filter (is_canceled), count(*) filter (is_no_show and not is_canceled),
            count(meeting_id) - count(*) filter (is_held or is_canceled or is_no_show),
            case when count(*) filter (start_at <= as_of) >= 30
                then count(*) filter (is_held) / count(*) filter (start_at <= as_of) end
        from weeks cross join mart.build_info left join found using (week)
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


# Of the panels that draw: the columns of their answers that are drawn, one curve or layer after the other.
DRAWN = {"panel-rates": (2, 4), "panel-teams": (1, 7), "panel-meetings": (2, 6), "panel-backlog": (1, 3)}
# Of these zeros are not drawn.
STACKED = {"panel-meetings", "panel-backlog"}
