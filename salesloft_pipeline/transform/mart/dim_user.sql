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
mentioned as (
    select user_id from acting
    union
    select user_id from mart.fct_email
    union
    select user_id from mart.fct_call
    union
    select user_id from mart.fct_meeting
    union
    select user_id from mart.fct_success
    union
    select user_id from mart.fct_cadence_membership
    union
    select user_id from mart.fct_cadence_enrollment
    union
    select canonical_user_id from mart.ref_user_alias
),
members as (
    select
        id as user_id, guid, name, email, active, role_id, job_role, group_id, team_id, time_zone, work_country,
        created_at, false as is_inferred
    from raw_salesloft.users
    union all
    select
        m.user_id, null, 'User ' || cast(m.user_id as text), null, false, null, null, null, null, null, null, null, true
    from mentioned m
    where m.user_id <> -1 and m.user_id not in (select id from raw_salesloft.users)
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
    -- Built-in roles are their own name; a custom role is a bare id, whose name the user record does not hold.
    case when u.role_id !~ '^[0-9a-fA-F-]{32,36}$' then u.role_id end as role_name,
    u.job_role,
    coalesce(u.group_id, -1) as group_id,
    g.group_name,
    u.team_id,
    u.time_zone as time_zone_raw,
    z.time_zone_iana,
    u.work_country,
    cast(null as text) as crm_user_id,
    coalesce(a.canonical_user_id, u.user_id) as canonical_user_id,
    u.created_at,
    acting.first_activity_date,
    u.is_inferred
from members u
left join mart.dim_group g on g.group_id = coalesce(u.group_id, -1)
left join mart.ref_time_zone z on z.time_zone_raw = u.time_zone
left join mart.ref_user_alias a on a.user_id = u.user_id
left join acting on acting.user_id = u.user_id
order by u.user_id
