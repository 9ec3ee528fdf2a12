-- Is everybody working? Touches per working day by active user over four weeks, days without any counted.
with touches as (
    select user_id, engagement_date, sum(total_touches) as touches
    from mart.daily_engagement
    group by user_id, engagement_date
)
select
    u.user_name,
    cast(coalesce(sum(t.touches), 0) as bigint) as touches,
    count(*) as working_days,
    cast(coalesce(sum(t.touches), 0) as double precision) / count(*) as touches_per_working_day
from mart.dim_user u
cross join mart.dim_date d
left join touches t on t.user_id = u.user_id and t.engagement_date = d.date_day
where u.is_active and d.is_weekday and not d.is_holiday and d.date_day > :as_of - 28 and d.date_day <= :as_of
group by u.user_id, u.user_name
order by touches_per_working_day desc, u.user_name
