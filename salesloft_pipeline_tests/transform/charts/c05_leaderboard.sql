-- Who leads, who needs help? Four weeks by user.
select
    u.user_name,
    cast(sum(e.emails_sent) as bigint) as sent,
    cast(sum(e.emails_replied) as double precision) / nullif(sum(e.emails_delivered), 0) as reply_rate,
    cast(sum(e.calls_logged) as bigint) as calls,
    cast(sum(e.calls_connected) as double precision) / nullif(sum(e.calls_logged), 0) as connect_rate,
    cast(sum(e.meetings_booked) as bigint) as meetings,
    cast(sum(e.successes) as bigint) as successes
from mart.daily_engagement e
join mart.dim_user u on u.user_id = e.user_id
where e.engagement_date > :as_of - 28 and e.engagement_date <= :as_of
group by u.user_id, u.user_name
order by meetings desc, sent desc, u.user_name
limit 20
