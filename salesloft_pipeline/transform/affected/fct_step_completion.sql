-- The activity_id of rows that may differ.
select activity_id from changed.fct_activity
