-- One row per calendar day (date_day), from the first activity to a year after the load.
with bounds as (
    select
        -- SalesLoft dates back to 2011: an older date is a fault in the source, not a reason for a longer calendar.
        greatest(least(min(event_date), cast(:as_of at time zone :time_zone as date)), date '2011-01-01') as first_day,
        cast(:as_of at time zone :time_zone as date) + 366 as last_day
    from mart.fct_engagement_event
),
days as (
    select b.first_day + cast(g.n as integer) as date_day
    from bounds b, lateral (select n from generate_series(0, b.last_day - b.first_day) as s(n)) g
),
parts as (
    select
        date_day,
        cast(extract(isodow from date_day) as integer) as iso_dow,
        cast(extract(isoyear from date_day) as integer) as iso_year,
        cast(extract(week from date_day) as integer) as week_number
    from days
)
select
    p.date_day,
    p.iso_dow,
    p.iso_dow <= 5 as is_weekday,
    h.holiday_date is not null as is_holiday,
    p.date_day - (p.iso_dow - 1) as week_start,
    cast(date_trunc('month', p.date_day) as date) as month_start,
    cast(date_trunc('quarter', p.date_day) as date) as quarter_start,
    cast(p.iso_year as text) || '-W' || lpad(cast(p.week_number as text), 2, '0') as iso_week,
    case p.iso_dow
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        else 'Sunday'
    end as day_name
from parts p
left join mart.ref_holiday h on h.holiday_date = p.date_day
order by p.date_day
