-- Working days of active reps, days without anything counted; by the team at the day's end.
select d.engagement_date as day, d.user_id as rep, h.group_id as team, 1 as days
from mart.daily_user_engagement d
cross join mart.build_info b
join mart.dim_user_history h
    on h.user_id = d.user_id
    and h.valid_from < timezone(b.reporting_time_zone, cast(d.engagement_date + 1 as timestamp))
    and h.valid_to >= timezone(b.reporting_time_zone, cast(d.engagement_date + 1 as timestamp))
where d.is_working_day and d.is_active_user and d.engagement_date >= :since and d.engagement_date < :until
order by all
