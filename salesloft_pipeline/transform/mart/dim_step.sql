-- One row per cadence step (step_id), as today; deleted ones stay. -1 is activity outside any step.
-- The template is the one of the step's newest email: the step record itself does not name it.
with mentioned as (
    select step_id, max(cadence_id) as cadence_id
    from (
        select step_id, cadence_id from mart.fct_email
        union all
        select step_id, cadence_id from mart.fct_call
        union all
        select step_id, cadence_id from mart.fct_meeting
        union all
        select step_id, cadence_id from mart.fct_success
        union all
        select step_id, cadence_id from mart.fct_activity
        union all
        select step_id, -1 from mart.fct_cadence_membership
    ) facts
    where step_id <> -1
    group by step_id
),
templates as (
    select step_id, template_id, row_number() over (
        partition by step_id order by max(sent_at) desc, template_id desc
    ) as recency
    from mart.fct_email
    where is_sent and step_id <> -1 and template_id is not null
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
    t.template_id,
    s._deleted_at is not null as is_deleted,
    s._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.steps s
left join templates t on t.step_id = s.id and t.recency = 1
union all
select
    m.step_id, m.cadence_id, 'Step ' || cast(m.step_id as text), null, null, null, null, false, false, null,
    false, null, true
from mentioned m
where m.step_id not in (select id from raw_salesloft.steps)
union all
select -1, -1, 'No step', null, null, null, null, false, false, null, false, null, false
order by 1
