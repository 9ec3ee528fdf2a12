-- One row per cadence (cadence_id), as today; archived and deleted ones stay. -1 is activity outside any cadence.
with mentioned as (
    select cadence_id from mart.fct_email
    union
    select cadence_id from mart.fct_call
    union
    select cadence_id from mart.fct_meeting
    union
    select cadence_id from mart.fct_success
    union
    select cadence_id from mart.fct_cadence_membership
    union
    select cadence_id from mart.fct_activity
    union
    select cadence_id from mart.dim_step
    union
    select -1
),
steps as (
    select cadence_id, count(*) as step_count from raw_salesloft.steps where _deleted_at is null group by cadence_id
)
select
    c.id as cadence_id,
    coalesce(c.name, 'Cadence ' || cast(c.id as text)) as cadence_name,
    c.cadence_function,
    coalesce(c.team_cadence, false) as is_team_cadence,
    coalesce(c.shared, false) as is_shared,
    coalesce(c.draft, false) as is_draft,
    c.archived_at,
    coalesce(c.owner_id, -1) as owner_user_id,
    c.cadence_framework_id as framework_id,
    c.cadence_priority_id as priority,
    c.remove_replies_enabled,
    c.remove_bounces_enabled,
    c.counts_target_daily_people as target_daily_people,
    c.tags,
    -- A list of references becomes a list of their ids.
    cast(
        regexp_replace(cast(c.groups as text), '[{][^{}]*"id"[ ]*:[ ]*([0-9]+)[^{}]*[}]', '\1', 'g') as json
    ) as group_ids,
    cast(coalesce(s.step_count, 0) as integer) as step_count,
    c._deleted_at is not null as is_deleted,
    c._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.cadences c
left join steps s on s.cadence_id = c.id
union all
select
    m.cadence_id, case m.cadence_id when -1 then 'No cadence' else 'Cadence ' || cast(m.cadence_id as text) end,
    null, false, false, false, null, -1, null, null, null, null, null, null, null, 0, false, null, m.cadence_id <> -1
from mentioned m
where m.cadence_id not in (select id from raw_salesloft.cadences)
order by 1
