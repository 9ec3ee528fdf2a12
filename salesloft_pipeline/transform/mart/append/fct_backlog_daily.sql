-- One row per day, user, cadence and kind of step with work waiting (snapshot_date, user_id, cadence_id, step_type).
-- SalesLoft lists open actions only and tells no history of them: each day's backlog is what its first build saw.
-- A due time of midnight UTC stands for the whole day. Tasks belong to no cadence; overdue is due before the day.
with today as (
    select cast(:as_of at time zone :time_zone as date) as snapshot_date
),
open_actions as (
    select
        coalesce(user_id, -1) as user_id,
        coalesce(cadence_id, -1) as cadence_id,
        coalesce(lower(type), 'other') as step_type,
        case
            when cast(due_on at time zone 'UTC' as time) = time '00:00:00' then cast(due_on at time zone 'UTC' as date)
            else cast(due_on at time zone :time_zone as date)
        end as due_date,
        due as is_due
    from raw_salesloft.actions
    where _closed_at is null and _deleted_at is null
),
open_tasks as (
    select
        user_id,
        case task_type when 'call' then 'phone' when 'email' then 'email' else 'other' end as step_type,
        due_date
    from mart.fct_task
    where not is_deleted and completed_at is null and coalesce(state <> 'completed', true)
),
waiting as (
    select
        user_id, cadence_id, step_type, due_date,
        case when coalesce(due_date <= snapshot_date, is_due, false) then 1 else 0 end as due_actions,
        case when due_date < snapshot_date then 1 else 0 end as overdue_actions,
        0 as overdue_tasks
    from open_actions
    cross join today
    union all
    select user_id, -1, step_type, due_date, 0, 0, 1
    from open_tasks
    cross join today
    where due_date < snapshot_date
)
select
    t.snapshot_date,
    w.user_id,
    w.cadence_id,
    w.step_type,
    cast(sum(w.due_actions) as bigint) as due_actions,
    cast(sum(w.overdue_actions) as bigint) as overdue_actions,
    cast(sum(w.overdue_tasks) as bigint) as overdue_tasks,
    cast(max(case when w.overdue_actions + w.overdue_tasks > 0 then t.snapshot_date - w.due_date end) as integer)
        as oldest_overdue_days
from waiting w
cross join today t
group by t.snapshot_date, w.user_id, w.cadence_id, w.step_type
having sum(w.due_actions + w.overdue_tasks) > 0
order by 1, 2, 3, 4
