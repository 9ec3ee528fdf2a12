-- The call_id of rows that may differ.
select id from changed.calls
union select call_id from changed.call_data_records
union select call_id from mart.fct_dial where dial_id in (select id from changed.call_data_records)
union select call_id from mart.fct_call where person_id in (select id from changed.people)
