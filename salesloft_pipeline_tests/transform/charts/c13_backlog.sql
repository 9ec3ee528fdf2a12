-- What is overdue? Overdue actions and tasks by day over four weeks.
select
    snapshot_date,
    cast(sum(overdue_actions) as bigint) as overdue_actions,
    cast(sum(overdue_tasks) as bigint) as overdue_tasks
from mart.fct_backlog_daily
where snapshot_date > :as_of - 28
group by snapshot_date
order by snapshot_date
