-- The engagement_date of rows that may differ.
select sent_date from changed.fct_email
union select event_date from changed.fct_engagement_event
union select call_date from changed.fct_call
union select call_date from mart.fct_call where call_id in (select call_id from changed.fct_dial)
union select dial_date from changed.fct_dial
union select dial_date from mart.fct_dial where call_id in (select call_id from changed.fct_call)
union select completed_date from changed.fct_step_completion
-- What became of an enrollment changes often, and is nothing to its day.
union select added_date from changed.fct_cadence_enrollment
group by membership_id, added_at, added_date, user_id, cadence_id, is_deleted having count(*) = 1
union select booked_date from changed.fct_meeting
union select booked_date from mart.fct_meeting where start_at > :as_of_before and start_at <= :as_of
union select start_date from changed.fct_meeting
union select success_date from changed.fct_success
