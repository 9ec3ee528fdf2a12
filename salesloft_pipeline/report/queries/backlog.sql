-- Overdue work by day, as that day showed it; the load's own day too, which is what stands open now.
select
    s.snapshot_date as day, s.user_id as rep, h.group_id as team, sum(s.overdue_actions) as actions,
    sum(s.overdue_tasks) as tasks
from mart.fct_backlog_daily s
cross join mart.build_info b
join mart.dim_user_history h
    on h.user_id = s.user_id
    and h.valid_from < timezone(b.reporting_time_zone, cast(s.snapshot_date + 1 as timestamp))
    and h.valid_to >= timezone(b.reporting_time_zone, cast(s.snapshot_date + 1 as timestamp))
where s.snapshot_date >= :since and s.snapshot_date <= :until
group by all
order by all
