-- One row per task of a user (task_id); deleted ones stay, marked is_deleted.
-- is_on_time holds a completed task against its due time, or its due day where only a day was set; else it is NULL.
with tasks as (
    select
        t.*,
        coalesce(t.due_date, cast(t.due_at at time zone :time_zone as date)) as due_day,
        cast(t.completed_at at time zone :time_zone as date) as completed_date
    from raw_salesloft.tasks t
)
select
    t.id as task_id,
    coalesce(t.user_id, -1) as user_id,
    coalesce(t.person_id, -1) as person_id,
    coalesce(p.account_id, -1) as account_id,
    t.task_type,
    t.current_state as state,
    t.created_at,
    t.due_day as due_date,
    t.due_at,
    t.completed_at,
    t.completed_date,
    case
        when t.completed_at is null then null
        when t.due_at is not null then t.completed_at <= t.due_at
        else t.completed_date <= t.due_day
    end as is_on_time,
    t._deleted_at is not null as is_deleted,
    t._deleted_at as deleted_at
from tasks t
left join raw_salesloft.people p on p.id = t.person_id
order by t.id
