-- One row per cadence membership (membership_id): the latest state of a person on a cadence.
select
    m.id as membership_id,
    coalesce(m.person_id, -1) as person_id,
    coalesce(m.cadence_id, -1) as cadence_id,
    coalesce(m.user_id, -1) as user_id,
    coalesce(m.step_id, -1) as step_id,
    m.added_at,
    m.created_at,
    m.updated_at,
    m.current_state,
    coalesce(m.currently_on_cadence, false) as currently_on_cadence,
    coalesce(m.person_deleted, false) as person_deleted,
    coalesce(m.counts_sent_emails, 0) as sent_emails,
    coalesce(m.counts_views, 0) as views,
    coalesce(m.counts_clicks, 0) as clicks,
    coalesce(m.counts_replies, 0) as replies,
    coalesce(m.counts_bounces, 0) as bounces,
    coalesce(m.counts_calls, 0) as calls,
    m._deleted_at is not null as is_deleted,
    m._deleted_at as deleted_at
from raw_salesloft.cadence_memberships m
order by m.id
