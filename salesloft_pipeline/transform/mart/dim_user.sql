-- One row per user (user_id), as today; deactivated ones stay. -1 is no user; users only seen in facts are inferred.
with acting as (
    select
        user_id,
        min(case
            when event_type in (
                'email_sent', 'call_logged', 'other_touch', 'step_completed', 'meeting_booked', 'added_to_cadence'
            ) then event_date
        end) as first_activity_date
    from mart.fct_engagement_event
    group by user_id
),
crm_users as (
    select user_id, min(crm_id) as crm_user_id
    from raw_salesloft.crm_users
    where _deleted_at is null and user_id is not null
    group by user_id
),
members as (
    select
        id as user_id, guid, name, email, active and _deleted_at is null as active, role_id, job_role, group_id,
        team_id, time_zone, work_country, created_at, false as is_inferred
    from raw_salesloft.users
    union all
    select m.id, null, 'User ' || cast(m.id as text), null, false, null, null, null, null, null, null, null, true
    from mart.ref_mention m
    where m.dimension = 'user' and m.id not in (select id from raw_salesloft.users)
    union all
    select -1, null, 'No user', null, false, null, null, null, null, null, null, null, false
)
select
    u.user_id,
    case
        when u.guid ~ '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
            then cast(u.guid as uuid)
    end as user_guid,
    u.name as user_name,
    u.email,
    coalesce(u.active, false) as is_active,
    u.role_id,
    -- Built-in roles are their own name; a custom role is a bare id, and unknown where its list may not be read.
    coalesce(r.name, case when u.role_id !~ '^[0-9a-fA-F-]{32,36}$' then u.role_id end) as role_name,
    u.job_role,
    coalesce(u.group_id, -1) as group_id,
    g.group_name,
    u.team_id,
    u.time_zone as time_zone_raw,
    z.time_zone_iana,
    u.work_country,
    c.crm_user_id,
    coalesce(a.canonical_user_id, u.user_id) as canonical_user_id,
    u.created_at,
    acting.first_activity_date,
    u.is_inferred
from members u
left join mart.dim_group g on g.group_id = coalesce(u.group_id, -1)
left join mart.ref_time_zone z on z.time_zone_raw = u.time_zone
left join mart.ref_user_alias a on a.user_id = u.user_id
left join raw_salesloft.custom_roles r on r.id = u.role_id
left join crm_users c on c.user_id = u.user_id
left join acting on acting.user_id = u.user_id
order by u.user_id
