-- One row per cadence step (step_id), as today; deleted ones stay. -1 is activity outside any step.
-- The template is the one of the step's newest email: the step record itself does not name it.
with templates as (
    select step_id, template_id, row_number() over (
        partition by step_id order by max(sent_at) desc, template_id desc
    ) as recency
    from mart.fct_email
    where is_sent and step_id <> -1 and template_id <> -1
    group by step_id, template_id
)
select
    s.id as step_id,
    coalesce(s.cadence_id, -1) as cadence_id,
    coalesce(s.name, s.display_name, 'Step ' || cast(s.id as text)) as step_name,
    s.type as step_type,
    cast(s.day as integer) as day,
    cast(s.step_number as integer) as step_number,
    cast(row_number() over (partition by s.cadence_id order by s.day, s.step_number, s.id) as integer) as step_order,
    coalesce(s.disabled, false) as is_disabled,
    coalesce(s.multitouch_enabled, false) as is_multitouch,
    coalesce(t.template_id, -1) as template_id,
    s._deleted_at is not null as is_deleted,
    s._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.steps s
left join templates t on t.step_id = s.id and t.recency = 1
union all
select
    m.id, m.cadence_id, 'Step ' || cast(m.id as text), null, null, null, null, false, false, -1, false, null, true
from mart.ref_mention m
where m.dimension = 'step' and m.id not in (select id from raw_salesloft.steps)
union all
select -1, -1, 'No step', null, null, null, null, false, false, -1, false, null, false
order by 1
