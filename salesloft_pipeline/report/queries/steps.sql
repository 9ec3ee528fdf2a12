-- Counts by day, rep, team of the time, cadence and step.
select
    engagement_date as day, user_id as rep, group_id as team, cadence_id as cadence, step_id as step,
    sum(emails_delivered) as delivered, sum(emails_replied) as replied, sum(calls_logged) as calls,
    sum(calls_connected) as connected
from mart.v_daily_engagement
where step_id <> -1 and engagement_date >= :since and engagement_date < :until
group by all
order by all
