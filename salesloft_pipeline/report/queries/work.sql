-- Counts by day, rep and team of the time.
select
    engagement_date as day, user_id as rep, group_id as team, sum(emails_sent) as sent, sum(emails_bounced) as bounced,
    sum(emails_delivered) as delivered, sum(emails_replied) as replied, sum(calls_logged) as calls,
    sum(calls_connected) as connected, sum(total_touches) as touches, sum(evt_replies) as replies,
    sum(evt_opt_outs) as opt_outs, sum(meetings_booked) as booked, sum(meetings_held) as held,
    sum(meetings_no_show) as no_show, sum(successes) as successes
from mart.v_daily_engagement
where engagement_date >= :since and engagement_date < :until
group by all
order by all
