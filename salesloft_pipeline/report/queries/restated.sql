-- What days were first told to be (told = 1), and what they are now (told = 0); days of which nothing was told, not at all.
with days as (
    select distinct engagement_date from mart.daily_engagement_reported
    where engagement_date >= :since and engagement_date < :until
),
both_ways as (
    select
        1 as told, engagement_date, user_id, emails_sent, emails_bounced, emails_replied, calls_logged, meetings_booked,
        successes
    from mart.daily_engagement_reported
    union all
    select
        0, engagement_date, user_id, emails_sent, emails_bounced, emails_replied, calls_logged, meetings_booked,
        successes
    from mart.daily_engagement
)
select
    w.engagement_date as day, w.user_id as rep, h.group_id as team, w.told, sum(w.emails_sent) as sent,
    sum(w.emails_bounced) as bounced, sum(w.emails_replied) as replied, sum(w.calls_logged) as calls,
    sum(w.meetings_booked) as booked, sum(w.successes) as successes
from both_ways w
join days using (engagement_date)
cross join mart.build_info b
join mart.dim_user_history h
    on h.user_id = w.user_id
    and h.valid_from < timezone(b.reporting_time_zone, cast(w.engagement_date + 1 as timestamp))
    and h.valid_to >= timezone(b.reporting_time_zone, cast(w.engagement_date + 1 as timestamp))
group by all
order by all
