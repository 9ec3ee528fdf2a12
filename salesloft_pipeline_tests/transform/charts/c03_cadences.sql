-- Which cadences work? People added in a quarter, and what became of them, each time they were added.
select
    c.cadence_name,
    count(*) as people_added,
    count(*) filter (where n.was_emailed) as people_emailed,
    count(*) filter (where n.was_replied) as people_replied,
    count(*) filter (where n.got_meeting) as people_with_meeting,
    count(*) filter (where n.got_success) as people_with_success,
    cast(count(*) filter (where n.was_replied) as double precision)
        / nullif(count(*) filter (where n.was_emailed), 0) as person_reply_rate,
    cast(count(*) filter (where n.got_success) as double precision) / count(*) as success_rate
from mart.fct_cadence_enrollment n
join mart.dim_cadence c on c.cadence_id = n.cadence_id
where not n.is_deleted and n.added_date > :as_of - 91
group by c.cadence_id, c.cadence_name
order by person_reply_rate desc nulls last, c.cadence_name
