-- One row per person (person_id), as today, without personal data beyond the display name (see dim_person_pii).
select
    p.id as person_id,
    -- SalesLoft shows the address of a person without a name; that belongs in dim_person_pii only.
    case
        when p.display_name is null or p.display_name like '%@%' then 'Person ' || cast(p.id as text)
        else p.display_name
    end as display_name,
    lower(nullif(split_part(p.email_address, '@', 2), '')) as email_domain,
    case when regexp_replace(p.title, '[^ @]@[^ @]', '') = p.title then p.title end as title,
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
    coalesce(a.canonical_person_id, p.id) as canonical_person_id,
    p._deleted_at is not null as is_deleted,
    p._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.people p
left join raw_salesloft.person_stages s on s.id = p.person_stage_id
left join mart.ref_time_zone z on z.time_zone_raw = p.locale
left join mart.ref_person_alias a on a.person_id = p.id
union all
select
    m.id, 'Person ' || cast(m.id as text), null, null, null, -1, -1, null, null, false, false, null, null, null, null,
    null, null, null, null, 0, coalesce(a.canonical_person_id, m.id), false, null, true
from mart.ref_mention m
left join mart.ref_person_alias a on a.person_id = m.id
where m.dimension = 'person' and m.id not in (select id from raw_salesloft.people)
union all
select
    -1, 'No person', null, null, null, -1, -1, null, null, false, false, null, null, null, null, null, null, null,
    null, 0, -1, false, null, false
order by 1
