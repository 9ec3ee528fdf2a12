-- How do teams compare, fairly? By the team the sender was in when sending.
select
    h.group_name,
    d.week_start,
    count(*) as sent,
    cast(count(*) filter (where f.was_replied) as double precision)
        / nullif(count(*) filter (where not f.is_bounced), 0) as reply_rate
from mart.fct_email f
join mart.dim_user_history h
    on h.user_id = f.user_id and f.sent_at >= h.valid_from and f.sent_at < h.valid_to
join mart.dim_date d on d.date_day = f.sent_date
where f.is_sent and f.sent_date > :as_of - 28
group by h.group_id, h.group_name, d.week_start
order by h.group_name, d.week_start
