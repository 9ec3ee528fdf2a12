-- The person_id of rows that may differ.
select coalesce(person_id, -1) from changed.cadence_memberships
union select person_id from changed.fct_cadence_membership
union select person_id from mart.fct_cadence_membership where membership_id in (
    select id from changed.cadence_memberships_versions
)
union select person_id from changed.fct_activity
union select person_id from changed.fct_email
union select person_id from changed.fct_call
union select person_id from changed.fct_step_completion
union select person_id from changed.fct_meeting
union select person_id from changed.fct_success
