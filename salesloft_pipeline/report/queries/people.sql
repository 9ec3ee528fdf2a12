-- People by the day on which they were added to a cadence, and what became of them since.
select
    n.added_date as day, n.user_id as rep, h.group_id as team, n.cadence_id as cadence, count(*) as added,
    count(*) filter (n.was_emailed) as emailed, count(*) filter (n.was_replied) as answered,
    count(*) filter (n.got_meeting) as met, count(*) filter (n.got_success) as won
from mart.fct_cadence_enrollment n
join mart.dim_user_history h on h.user_id = n.user_id and n.added_at >= h.valid_from and n.added_at < h.valid_to
where not n.is_deleted and n.added_date >= :since and n.added_date < :until
group by all
order by all
