-- The email_id of rows that may differ.
select id from changed.emails
union select email_id from changed.fct_email_version
union select email_id from changed.fct_activity
union select email_id from mart.fct_email where sent_at > :as_of_before and sent_at <= :as_of
union select email_id from mart.fct_email where person_id in (
    select id from changed.people
    union select person_id from changed.fct_meeting
    union select person_id from changed.fct_success
)
