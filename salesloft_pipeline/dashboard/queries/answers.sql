-- Replies and connected calls by hour of the week, 0 is Monday at midnight; only what is dated to the day or better.
select
    date_trunc('week', e.event_date) as week, e.user_id as rep, h.group_id as team, e.cadence_id as cadence,
    24 * (isodow(timezone(b.reporting_time_zone, e.event_at)) - 1)
        + hour(timezone(b.reporting_time_zone, e.event_at)) as hour,
    sum(e.quantity) as answers
from mart.fct_engagement_event e
cross join mart.build_info b
join mart.dim_user_history h on h.user_id = e.user_id and e.event_at >= h.valid_from and e.event_at < h.valid_to
where e.event_type in ('email_replied', 'call_connected') and e.date_precision in ('exact', 'day')
    and e.event_date >= :since and e.event_date <= :until
group by all
order by all
