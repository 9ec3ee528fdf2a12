-- Hours to the first reply, in tenths, by the week of sending.
select
    date_trunc('week', e.sent_date) as week, e.user_id as rep, h.group_id as team, e.cadence_id as cadence,
    cast(round(10 * e.hours_to_first_reply) as integer) as tenths, count(*) as emails
from mart.fct_email e
join mart.dim_user_history h on h.user_id = e.user_id and e.sent_at >= h.valid_from and e.sent_at < h.valid_to
where e.was_replied and e.hours_to_first_reply is not null and e.sent_date >= :since and e.sent_date <= :until
group by all
order by all
