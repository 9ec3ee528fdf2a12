-- The engagement_date of rows that may differ.
select engagement_date from changed.daily_engagement
union select event_date from changed.fct_engagement_event
