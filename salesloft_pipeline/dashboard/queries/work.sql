-- Counts by week, rep, team of the time, cadence and step.
select
    date_trunc('week', engagement_date) as week, user_id as rep, group_id as team, cadence_id as cadence,
    step_id as step, sum(emails_sent) as sent, sum(emails_bounced) as bounced, sum(emails_delivered) as delivered,
    sum(emails_view_tracked) as tracked, sum(emails_opened) as opened, sum(emails_replied) as replied,
    sum(calls_logged) as calls, sum(calls_connected) as connected, sum(calls_not_set) as not_set,
    sum(total_touches) as touches, sum(meetings_booked) as booked, sum(meetings_held) as held,
    sum(successes) as successes
from mart.v_daily_engagement
where engagement_date >= :since and engagement_date <= :until
group by all
order by all
