-- The dial_id of rows that may differ.
select id from changed.call_data_records
union select dial_id from mart.fct_dial where call_id in (select call_id from changed.fct_call)
union select dial_id from mart.fct_dial where person_id in (select id from changed.people)
