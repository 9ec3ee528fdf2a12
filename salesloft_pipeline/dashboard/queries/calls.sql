-- Logged calls by what became of them.
select
    date_trunc('week', c.call_date) as week, c.user_id as rep, h.group_id as team, c.cadence_id as cadence,
    c.disposition_category as disposition, count(*) as calls, sum(coalesce(c.duration_seconds, 0)) as seconds
from mart.fct_call c
join mart.dim_user_history h on h.user_id = c.user_id and c.called_at >= h.valid_from and c.called_at < h.valid_to
where not c.is_deleted and c.call_date >= :since and c.call_date <= :until
group by all
order by all
