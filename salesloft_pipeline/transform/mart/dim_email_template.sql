-- One row per email template (template_id), as today; archived and deleted ones stay. -1 is mail without a template.
select
    t.id as template_id,
    coalesce(t.title, 'Template ' || cast(t.id as text)) as title,
    t.subject,
    t.team_template_id,
    coalesce(t.template_owner_id, -1) as owner_user_id,
    coalesce(t.shared, false) as is_shared,
    coalesce(t.cadence_template, false) as is_cadence_template,
    t.archived_at,
    t._deleted_at is not null as is_deleted,
    t._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.email_templates t
union all
select
    m.id, 'Template ' || cast(m.id as text), null, null, -1, false, false, null, false, null, true
from mart.ref_mention m
where m.dimension = 'template' and m.id not in (select id from raw_salesloft.email_templates)
union all
select -1, 'No template', null, null, -1, false, false, null, false, null, false
order by 1
