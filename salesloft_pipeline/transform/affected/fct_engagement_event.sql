-- The person_id of rows that may differ.
select person_id from changed.fct_email
union select person_id from mart.fct_email where email_id in (
    select email_id from changed.fct_email_version union select email_id from changed.fct_activity
)
union select person_id from changed.fct_activity
union select person_id from changed.fct_call
union select person_id from changed.fct_meeting
union select person_id from changed.fct_success
union select person_id from changed.fct_cadence_enrollment
union select person_id from changed.fct_step_completion
union select id from changed.people
