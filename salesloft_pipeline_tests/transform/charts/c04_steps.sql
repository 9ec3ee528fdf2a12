-- Which step earns replies? The steps of the cadences in their order.
select
    s.cadence_id,
    s.step_order,
    s.step_name,
    cast(sum(e.emails_delivered) as bigint) as delivered,
    cast(sum(e.emails_replied) as bigint) as replied,
    cast(sum(e.emails_replied) as double precision) / nullif(sum(e.emails_delivered), 0) as reply_rate,
    cast(sum(e.calls_logged) as bigint) as calls,
    cast(sum(e.calls_connected) as double precision) / nullif(sum(e.calls_logged), 0) as connect_rate
from mart.daily_engagement e
join mart.dim_step s on s.step_id = e.step_id
where s.step_id <> -1 and e.engagement_date > :as_of - 91
group by s.cadence_id, s.step_id, s.step_order, s.step_name
order by s.cadence_id, s.step_order, s.step_id
