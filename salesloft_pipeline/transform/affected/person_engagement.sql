-- The person_id of rows that may differ.
select person_id from changed.dim_person
union select person_id from changed.fct_engagement_event
union select person_id from mart.fct_engagement_event
where event_at > :as_of_before - interval '90 days' and event_at <= :as_of - interval '90 days'
