-- The person_id of rows that may differ.
select id from changed.people
