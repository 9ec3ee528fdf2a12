-- What does a meeting cost? Touches per meeting and per success by user over a quarter.
select
    u.user_name,
    cast(sum(e.total_touches) as bigint) as touches,
    cast(sum(e.meetings_booked) as bigint) as meetings,
    cast(sum(e.successes) as bigint) as successes,
    cast(sum(e.total_touches) as double precision) / nullif(sum(e.meetings_booked), 0) as touches_per_meeting,
    cast(sum(e.total_touches) as double precision) / nullif(sum(e.successes), 0) as touches_per_success
from mart.daily_engagement e
join mart.dim_user u on u.user_id = e.user_id
where e.engagement_date > :as_of - 91
group by u.user_id, u.user_name
order by touches_per_meeting nulls last, u.user_name
