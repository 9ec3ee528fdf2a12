"""The questions of the reports in SQL, each answered by the table of that section.

{who} is what the audience sees numbers by, {where} whose they are; both of a row's team of the time.
"""

from __future__ import annotations

_V = "from mart.v_daily_engagement t where {where} and engagement_date"
_BY_DAY_END = """(select f.*, h.group_id, h.group_name, u.user_name from mart.{table} f
    join mart.dim_user u using (user_id)
    join mart.dim_user_history h on h.user_id = f.user_id
    and h.valid_from < timezone('America/New_York', cast(f.{day} + 1 as timestamp))
    and h.valid_to >= timezone('America/New_York', cast(f.{day} + 1 as timestamp))) t"""
_AT = """(select f.*, h.group_id, h.group_name, u.user_name from mart.{table} f join mart.dim_user u using (user_id)
    join mart.dim_user_history h on h.user_id = f.user_id and f.{at} >= h.valid_from and f.{at} < h.valid_to) t"""
_COUNTS = """sum(emails_sent), sum(calls_logged), sum(calls_connected), sum(evt_replies), sum(meetings_booked),
    sum(meetings_held), sum(meetings_no_show), sum(successes), sum(evt_opt_outs)"""


def _rate(part: str, whole: str) -> str:
    return f"case when {whole} >= 30 then {part} / {whole} end"


def _cadences(first: str, last: str, fewest: int) -> str:
    replied, emailed = "count(*) filter (was_replied)", "count(*) filter (was_emailed)"
    return f"""select any_value(cadence_name), count(*), {emailed}, {replied}, {_rate(replied, emailed)},
        count(*) filter (got_meeting), count(*) filter (got_success)
        from {_AT.format(table="fct_cadence_enrollment", at="added_at")} join mart.dim_cadence c using (cadence_id)
        where {{where}} and not t.is_deleted and added_date between date '{first}' and date '{last}'
        group by cadence_id having {emailed} >= {fewest} order by 5 desc nulls last, 1"""


TILES = {
    "daily": f"select {_COUNTS} {_V} = date '2026-11-19'",
    "weekly": f"""select sum(emails_sent), sum(calls_logged), sum(meetings_booked), sum(meetings_held)
        {_V} between date '2026-11-09' and date '2026-11-15'""",
    "monthly": f"""select sum(emails_sent), {_rate("sum(emails_replied)", "sum(emails_delivered)")}, sum(calls_logged),
        sum(meetings_booked), sum(meetings_held), sum(successes)
        {_V} between date '2026-10-01' and date '2026-10-31'""",
}
USUAL = {
    "daily": f"""select {_COUNTS.replace("),", ") / 4,")} / 4 {_V} in (date '2026-11-12', date '2026-11-05',
        date '2026-10-29', date '2026-10-22')""",
    "weekly": f"""select sum(emails_sent) / 4, sum(calls_logged) / 4, sum(meetings_booked) / 4, sum(meetings_held) / 4
        {_V} between date '2026-10-12' and date '2026-11-08'""",
    "monthly": TILES["monthly"].replace("2026-10-01", "2026-09-01").replace("2026-10-31", "2026-09-30"),
}
TABLES = {
    (
        "daily",
        "Top five",
    ): f"""select {{who}}, sum(total_touches), sum(emails_sent), sum(calls_logged), sum(evt_replies),
        sum(meetings_booked) {_V} = date '2026-11-19' group by 1 having sum(total_touches) > 0 order by 2 desc, 1""",
    ("daily", "Bounce alarm"): f"""select {{sender}}, sum(emails_sent), sum(emails_bounced),
        sum(emails_bounced) / sum(emails_sent) {_V} between date '2026-11-13' and date '2026-11-19'
        group by user_id, user_name, group_name having sum(emails_sent) >= 50 and sum(emails_bounced) * 20 > sum(emails_sent)
        order by 4 desc""",
    ("weekly", "Is everybody working?"): f"""with days as (select {{who}} as who, count(*) as days
            from {_BY_DAY_END.format(table="daily_user_engagement", day="engagement_date")}
            where is_working_day and is_active_user and {{where}}
            and engagement_date between date '2026-10-19' and date '2026-11-15' group by 1),
        touches as (select {{who}} as who, sum(total_touches) as n
            {_V} between date '2026-10-19' and date '2026-11-15' group by 1)
        select who, coalesce(n, 0) / days, coalesce(n, 0), days from days left join touches using (who) order by 2 desc, 1""",
    ("weekly", "Who moved?"): f"""with found as (select {{who}} as who,
            sum(total_touches) filter (engagement_date >= date '2026-11-09') as n,
            coalesce(sum(total_touches) filter (engagement_date < date '2026-11-09'), 0) / 4 as usual
            {_V} between date '2026-10-12' and date '2026-11-15' group by 1)
        select who, coalesce(n, 0), usual, coalesce(n, 0) - usual from found where coalesce(n, 0) <> usual
        order by 4 desc, 1""",
    ("weekly", "Which cadences work?"): _cadences("2026-08-17", "2026-11-15", 30),
    (
        "weekly",
        "Who leads, who needs help?",
    ): f"""select {{who}}, sum(meetings_booked), sum(successes), sum(emails_sent),
        {_rate("sum(emails_replied)", "sum(emails_delivered)")}, sum(calls_logged),
        {_rate("sum(calls_connected)", "sum(calls_logged)")}
        {_V} between date '2026-10-19' and date '2026-11-15' group by 1 order by 2 desc, 1""",
    (
        "weekly",
        "What does a meeting cost?",
    ): f"""select {{who}}, sum(total_touches) / nullif(sum(meetings_booked), 0),
        sum(total_touches) / nullif(sum(successes), 0), sum(total_touches), sum(meetings_booked), sum(successes)
        {_V} between date '2026-08-17' and date '2026-11-15' group by 1 order by 2 nulls last, 1""",
    (
        "weekly",
        "Do booked meetings happen?",
    ): f"""select strftime(date_trunc('month', booked_date), '%b %Y'), count(*),
            count(*) filter (is_held), count(*) filter (is_canceled), count(*) filter (is_no_show and not is_canceled),
            count(*) - count(*) filter (is_held or is_canceled or is_no_show), null
        from {_AT.format(table="fct_meeting", at="booked_at")}
        where is_booked and {{where}} group by date_trunc('month', booked_date) order by date_trunc('month', booked_date)""",
    ("monthly", "Which cadences work?"): _cadences("2026-10-01", "2026-10-31", 0),
    (
        "monthly",
        "Steps",
    ): f"""select any_value(cadence_name || ' / ' || step_order || '. ' || step_name), sum(emails_delivered),
        {_rate("sum(emails_replied)", "sum(emails_delivered)")}, sum(calls_logged),
        {_rate("sum(calls_connected)", "sum(calls_logged)")} {_V} between date '2026-10-01' and date '2026-10-31'
        and step_id <> -1 group by cadence_id, step_id having greatest(sum(emails_delivered), sum(calls_logged)) >= 30
        order by 3 desc nulls last""",
    ("monthly", "Opt-outs"): f"""select {{who}}, sum(evt_opt_outs), sum(emails_delivered),
        1000 * sum(evt_opt_outs) / nullif(sum(emails_delivered), 0) {_V} between date '2026-10-01' and date '2026-10-31'
        group by 1 having sum(emails_delivered) > 0 order by 2 desc, 1""",
    ("monthly", "Coverage of accounts"): """select coalesce(tier_name, 'No tier'), count(*),
        count(*) filter (people_touched_30d > 0), null
        from (select a.*, u.group_id from mart.account_coverage a join mart.dim_user u on u.user_id = a.owner_user_id) t
        where {where} group by 1 order by 1""",
    ("monthly", "As first told"): "select 1 where false",
}


def asked(query: str, team: int | None) -> str:
    """The query for an audience: a team, or everybody."""
    parts = {
        "{where}": "true" if team is None else f"t.group_id = {team}",
        "{who}": "group_name" if team is None else "user_name",
        "{sender}": "'A sender of ' || group_name" if team is None else "user_name",
    }
    for name, value in parts.items():
        query = query.replace(name, value)
    return query
