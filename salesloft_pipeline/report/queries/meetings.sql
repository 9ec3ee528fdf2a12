-- Meetings by the day of booking, and what became of them; due are those that should have begun.
select
    m.booked_date as day, m.user_id as rep, h.group_id as team, count(*) as booked,
    count(*) filter (m.is_canceled) as canceled, count(*) filter (m.is_no_show and not m.is_canceled) as no_show,
    count(*) filter (m.is_held) as held, count(*) filter (m.start_at <= b.as_of) as due
from mart.fct_meeting m
cross join mart.build_info b
join mart.dim_user_history h on h.user_id = m.user_id and m.booked_at >= h.valid_from and m.booked_at < h.valid_to
where m.is_booked and m.booked_date >= :since and m.booked_date < :until
group by all
order by all
