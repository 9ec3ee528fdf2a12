-- One row per meeting (meeting_id); deleted ones stay, marked is_deleted.
-- The user is who booked it, else who owns it: meetings name both by guid.
with users as (
    select guid, max(id) as user_id from raw_salesloft.users where guid is not null group by guid
),
meetings as (
    select
        m.*,
        coalesce(m.status = 'booked', false) and m._deleted_at is null as is_booked,
        m.canceled_at is not null as is_canceled,
        coalesce(m.no_show, false) as is_no_show
    from raw_salesloft.meetings m
)
select
    m.id as meeting_id,
    coalesce(b.user_id, o.user_id, -1) as user_id,
    coalesce(m.person_id, -1) as person_id,
    coalesce(m.account_id, p.account_id, -1) as account_id,
    coalesce(m.cadence_id, -1) as cadence_id,
    coalesce(m.step_id, -1) as step_id,
    m.created_at as booked_at,
    cast(m.created_at at time zone :time_zone as date) as booked_date,
    m.start_time as start_at,
    cast(m.start_time at time zone :time_zone as date) as start_date,
    m.end_time as end_at,
    m.is_booked,
    m.is_canceled,
    m.is_no_show,
    m.is_booked and not m.is_canceled and not m.is_no_show and coalesce(m.start_time <= :as_of, false) as is_held,
    m.meeting_type,
    m.strict_attribution,
    m.reschedule_status,
    m._deleted_at is not null as is_deleted,
    m._deleted_at as deleted_at
from meetings m
left join users b on b.guid = m.booked_by_user_id
left join users o on o.guid = m.owned_by_user_id
left join raw_salesloft.people p on p.id = m.person_id
order by m.id
