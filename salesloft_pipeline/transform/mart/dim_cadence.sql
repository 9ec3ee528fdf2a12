-- One row per cadence (cadence_id), as today; archived and deleted ones stay. -1 is activity outside any cadence.
with steps as (
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
    m.id, 'Cadence ' || cast(m.id as text), null, false, false, false, null, -1, null, null, null, null, null, null,
    null, 0, false, null, true
from mart.ref_mention m
where m.dimension = 'cadence' and m.id not in (select id from raw_salesloft.cadences)
union all
select
    -1, 'No cadence', null, false, false, false, null, -1, null, null, null, null, null, null, null, 0, false, null,
    false
order by 1
