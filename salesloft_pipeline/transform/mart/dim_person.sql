-- One row per person (person_id), as today, without personal data beyond the display name (see dim_person_pii).
with mentioned as (
    select person_id from mart.fct_email
    union
    select person_id from mart.fct_call
    union
    select person_id from mart.fct_meeting
    union
    select person_id from mart.fct_success
    union
    select person_id from mart.fct_cadence_membership
    union
    select person_id from mart.fct_activity
)
select
    p.id as person_id,
    -- SalesLoft shows the address of a person without a name; that belongs in dim_person_pii only.
    case
        when p.display_name is null or p.display_name like '%@%' then 'Person ' || cast(p.id as text)
        else p.display_name
    end as display_name,
    lower(nullif(split_part(p.email_address, '@', 2), '')) as email_domain,
    p.title,
    p.job_seniority,
    coalesce(p.account_id, -1) as account_id,
    coalesce(p.owner_id, -1) as owner_user_id,
    p.person_stage_id,
    s.name as person_stage_name,
    coalesce(p.do_not_contact, false) as do_not_contact,
    coalesce(p.bouncing, false) as is_bouncing,
    p.eu_resident,
    z.time_zone_iana as locale_iana,
    p.country,
    p.crm_id,
    p.crm_object_type,
    p.created_at,
    p.last_contacted_at,
    p.last_replied_at,
    coalesce(p.success_count, 0) as success_count,
    p._deleted_at is not null as is_deleted,
    p._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.people p
left join raw_salesloft.person_stages s on s.id = p.person_stage_id
left join mart.ref_time_zone z on z.time_zone_raw = p.locale
union all
select
    m.person_id, case m.person_id when -1 then 'No person' else 'Person ' || cast(m.person_id as text) end,
    null, null, null, -1, -1, null, null, false, false, null, null, null, null, null, null, null, null, 0,
    false, null, m.person_id <> -1
from (select person_id from mentioned union select -1) m
where m.person_id not in (select id from raw_salesloft.people)
order by 1
