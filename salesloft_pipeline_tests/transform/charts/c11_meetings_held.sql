-- Do booked meetings happen? By month of booking.
select
    d.month_start,
    count(*) as booked,
    count(*) filter (where m.is_canceled) as canceled,
    count(*) filter (where m.is_no_show) as no_show,
    count(*) filter (where m.is_held) as held,
    cast(count(*) filter (where m.is_held) as double precision)
        / nullif(count(*) filter (where m.start_date <= :as_of), 0) as held_rate
from mart.fct_meeting m
join mart.dim_date d on d.date_day = m.booked_date
where m.is_booked
group by d.month_start
order by d.month_start
