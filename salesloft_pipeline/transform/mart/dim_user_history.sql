-- One row per user and stretch of time in which name, team, role and activity stood still (user_id, valid_from).
-- Half open: valid_from <= t < valid_to. The first version reaches back to 1900, the last on to 9999, and users
-- without any version have one row, so that a join on the time of an activity never loses it.
with seen as (
    select
        id as user_id, coalesce(updated_at, observed_at) as updated_at, observed_at, name, coalesce(active, false) as active,
        role_id, coalesce(group_id, -1) as group_id, job_role
    from raw_salesloft.users_versions
    union all
    select
        id, coalesce(updated_at, _synced_at), _synced_at, name, coalesce(active, false), role_id,
        coalesce(group_id, -1), job_role
    from raw_salesloft.users
),
contents as (
    select user_id, updated_at, name, active, role_id, group_id, job_role, min(observed_at) as observed_at
    from seen
    group by user_id, updated_at, name, active, role_id, group_id, job_role
),
-- Moving a user between teams need not move updated_at: then the time of the sighting counts.
numbered as (
    select contents.*, row_number() over (
        partition by user_id, updated_at order by observed_at, name, active, role_id, group_id, job_role
    ) as content_no
    from contents
),
dated as (
    select numbered.*, case when content_no = 1 then updated_at else greatest(updated_at, observed_at) end as ver_at
    from numbered
),
newest as (
    select dated.*, row_number() over (
        partition by user_id, ver_at order by observed_at desc, name, active, role_id, group_id, job_role
    ) as recency
    from dated
),
compared as (
    select
        newest.*,
        row_number() over in_order as version_no,
        lag(name) over in_order is distinct from name
        or lag(active) over in_order is distinct from active
        or lag(role_id) over in_order is distinct from role_id
        or lag(group_id) over in_order is distinct from group_id
        or lag(job_role) over in_order is distinct from job_role as is_change
    from newest
    where recency = 1
    window in_order as (partition by user_id order by ver_at)
),
changes as (
    select
        user_id,
        case when version_no = 1 then timestamptz '1900-01-01 00:00:00+00' else ver_at end as valid_from,
        name, active, role_id, group_id, job_role
    from compared
    where version_no = 1 or is_change
),
versions as (
    select user_id, valid_from, name, active, role_id, group_id, job_role from changes
    union all
    select id, timestamptz '1900-01-01 00:00:00+00', 'User ' || cast(id as text), false, null, -1, null
    from mart.ref_mention
    where dimension = 'user' and id not in (select user_id from changes)
    union all
    select -1, timestamptz '1900-01-01 00:00:00+00', 'No user', false, null, -1, null
)
select
    md5(concat_ws('|', v.user_id, v.valid_from)) as user_key,
    v.user_id,
    v.valid_from,
    lead(v.valid_from, 1, timestamptz '9999-12-31 00:00:00+00') over (partition by v.user_id order by v.valid_from)
        as valid_to,
    lead(v.valid_from) over (partition by v.user_id order by v.valid_from) is null as is_current,
    v.name as user_name,
    v.active as is_active,
    v.role_id,
    v.group_id,
    coalesce(g.name, case when v.group_id = -1 then 'No team' else 'Group ' || cast(v.group_id as text) end)
        as group_name,
    v.job_role
from versions v
left join raw_salesloft.groups g on g.id = v.group_id
order by v.user_id, v.valid_from
