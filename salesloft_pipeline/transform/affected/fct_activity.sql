-- The activity_id of rows that may differ.
select id from changed.activity_histories
union select activity_id from mart.fct_activity where person_id in (select id from changed.people)
