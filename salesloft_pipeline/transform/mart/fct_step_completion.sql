-- One row per completed cadence step in the feed (activity_id); deleted ones stay, marked is_deleted.
-- Email and phone steps have their own facts; the other touches are steps of type other and integration.
-- Whether skipped steps are marked is not documented: was_skipped stays NULL where the feed does not say.
select
    activity_id,
    user_id,
    person_id,
    account_id,
    cadence_id,
    step_id,
    step_type,
    occurred_at as completed_at,
    occurred_date as completed_date,
    was_skipped,
    coalesce(
        step_type in ('other', 'integration') and not coalesce(was_skipped, false) and not is_deleted, false
    ) as is_other_touch,
    is_deleted,
    deleted_at
from mart.fct_activity
where activity_type = 'completed_action'
order by activity_id
