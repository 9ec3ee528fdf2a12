-- One row per note (note_id): its text; personal data, to be granted apart.
select id as note_id, content as note_text
from raw_salesloft.notes
order by id
