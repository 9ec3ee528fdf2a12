-- One row per entry of SalesLoft's activity feed (activity_id), with the ids it names; deleted ones stay, marked.
-- The feed's JSON promises no shape: an id that is absent or not a number is -1, and of the email NULL.
-- A reply names its email as email_id; older entries say in_reply_to_id, and some stand on the email itself.
with users as (
    select guid, max(id) as user_id from raw_salesloft.users where guid is not null group by guid
),
named as (
    select
        id as activity_id,
        type as activity_type,
        occurred_at,
        user_guid,
        resource_type,
        case when resource_id ~ '^[0-9]{1,18}$' then cast(resource_id as bigint) end as resource_number,
        static_data ->> 'email_id' as email_text,
        static_data ->> 'in_reply_to_id' as in_reply_to_text,
        static_data ->> 'person_id' as person_text,
        static_data ->> 'cadence_id' as cadence_text,
        static_data ->> 'step_id' as step_text,
        lower(coalesce(static_data ->> 'step_type', static_data ->> 'action_type')) as step_type,
        lower(static_data ->> 'skipped') as skipped_text,
        _deleted_at
    from raw_salesloft.activity_histories
    where occurred_at is not null
),
numbered as (
    select
        named.*,
        case when email_text ~ '^[0-9]{1,18}$' then cast(email_text as bigint) end as email_number,
        case when in_reply_to_text ~ '^[0-9]{1,18}$' then cast(in_reply_to_text as bigint) end as replied_number,
        case when person_text ~ '^[0-9]{1,18}$' then cast(person_text as bigint) end as person_number,
        case when cadence_text ~ '^[0-9]{1,18}$' then cast(cadence_text as bigint) end as cadence_number,
        case when step_text ~ '^[0-9]{1,18}$' then cast(step_text as bigint) end as step_number
    from named
)
select
    n.activity_id,
    n.activity_type,
    n.occurred_at,
    cast(n.occurred_at at time zone :time_zone as date) as occurred_date,
    coalesce(u.user_id, -1) as user_id,
    coalesce(case when n.resource_type = 'person' then n.resource_number end, n.person_number, -1) as person_id,
    coalesce(case when n.resource_type = 'account' then n.resource_number end, p.account_id, -1) as account_id,
    coalesce(n.cadence_number, s.cadence_id, -1) as cadence_id,
    coalesce(n.step_number, -1) as step_id,
    coalesce(
        n.email_number, case when n.resource_type = 'email' then n.resource_number end, n.replied_number
    ) as email_id,
    coalesce(n.step_type, lower(s.type)) as step_type,
    case n.skipped_text when 'true' then true when 'false' then false end as was_skipped,
    n._deleted_at is not null as is_deleted,
    n._deleted_at as deleted_at
from numbered n
left join users u on u.guid = n.user_guid
left join raw_salesloft.people p
    on p.id = coalesce(case when n.resource_type = 'person' then n.resource_number end, n.person_number)
left join raw_salesloft.steps s on s.id = n.step_number
order by n.occurred_at, n.activity_id
