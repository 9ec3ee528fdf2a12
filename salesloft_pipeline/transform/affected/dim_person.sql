-- The person_id of rows that may differ.
select id from changed.people
union select id from changed.ref_mention where dimension = 'person'
