-- When do people answer? Replies and connects by weekday and hour; only what is dated to the day or better.
select
    cast(extract(isodow from event_at at time zone :time_zone) as integer) as iso_dow,
    cast(extract(hour from event_at at time zone :time_zone) as integer) as hour_of_day,
    cast(coalesce(sum(quantity) filter (where event_type = 'email_replied'), 0) as bigint) as replies,
    cast(coalesce(sum(quantity) filter (where event_type = 'call_connected'), 0) as bigint) as connects
from mart.fct_engagement_event
where event_type in ('email_replied', 'call_connected') and date_precision in ('exact', 'day')
    and event_date > :as_of - 91
group by 1, 2
order by 1, 2
