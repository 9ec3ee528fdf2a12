-- One row per success (success_id): a person converted. Undone ones stay, marked is_deleted.
with successes as (
    select s.*, coalesce(s.succeeded_at, s.created_at) as happened_at from raw_salesloft.successes s
)
select
    s.id as success_id,
    coalesce(s.user_id, -1) as user_id,
    coalesce(s.person_id, -1) as person_id,
    coalesce(p.account_id, -1) as account_id,
    coalesce(s.latest_cadence_id, -1) as cadence_id,
    coalesce(s.latest_step_id, -1) as step_id,
    s.happened_at as succeeded_at,
    cast(s.happened_at at time zone :time_zone as date) as success_date,
    s.success_window_started_at as window_started_at,
    cast(extract(epoch from s.happened_at - s.success_window_started_at) as double precision) / 86400
        as days_to_success,
    coalesce(s.counts_total_emails, 0) as emails,
    coalesce(s.counts_total_calls, 0) as calls,
    coalesce(s.counts_total_other_touches, 0) as other_touches,
    coalesce(s.counts_total_emails, 0) + coalesce(s.counts_total_calls, 0)
        + coalesce(s.counts_total_other_touches, 0) as touches,
    s._deleted_at is not null as is_deleted,
    s._deleted_at as deleted_at
from successes s
left join raw_salesloft.people p on p.id = s.person_id
order by s.id
