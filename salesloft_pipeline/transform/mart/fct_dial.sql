-- One row per telephone leg (dial_id), whether a call was logged for it or not; deleted ones stay, marked is_deleted.
-- Dials and calls are two counts of one thing and never added. A leg of a logged call has its cadence and step.
select
    d.id as dial_id,
    d.call_id,
    d.call_uuid,
    coalesce(d.user_id, -1) as user_id,
    coalesce(d.called_person_id, c.person_id, -1) as person_id,
    coalesce(p.account_id, -1) as account_id,
    coalesce(c.cadence_id, -1) as cadence_id,
    coalesce(c.step_id, -1) as step_id,
    d.direction,
    d.status,
    d.call_type,
    d.duration as duration_seconds,
    d.created_at as dialed_at,
    cast(d.created_at at time zone :time_zone as date) as dial_date,
    coalesce(lower(d.direction) = 'outbound', false) as is_outbound,
    d._deleted_at is not null as is_deleted,
    d._deleted_at as deleted_at
from raw_salesloft.call_data_records d
left join mart.fct_call c on c.call_id = d.call_id
left join raw_salesloft.people p on p.id = coalesce(d.called_person_id, nullif(c.person_id, -1))
order by d.id
