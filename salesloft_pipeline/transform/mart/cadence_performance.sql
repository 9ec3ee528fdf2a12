-- One row per cadence and month in which people were added (cadence_id, cohort_month): what became of them since.
-- A person counts once for each time of being added. Meetings and successes are those before being added again.
with enrollments as (
    select n.*, d.month_start
    from mart.fct_cadence_enrollment n
    join mart.dim_date d on d.date_day = n.added_date
    where not n.is_deleted
),
counts as (
    select
        cadence_id,
        month_start,
        count(*) as people_added,
        count(*) filter (where was_emailed) as people_emailed,
        count(*) filter (where was_replied) as people_replied,
        count(*) filter (where got_meeting) as people_meeting,
        count(*) filter (where got_success) as people_success,
        sum(emails) as emails,
        sum(calls) as calls,
        -- Of whole microseconds: the last digits of a mean of fractions depend on the order of the rows.
        cast(avg(cast(round(hours_to_first_touch * 3600000000) as bigint)) as double precision) / 3600000000
            as mean_hours_to_first_touch
    from enrollments
    group by cadence_id, month_start
)
select
    cadence_id,
    month_start as cohort_month,
    people_added,
    people_emailed,
    people_replied,
    people_meeting,
    people_success,
    cast(emails as bigint) as emails,
    cast(calls as bigint) as calls,
    mean_hours_to_first_touch,
    cast(people_replied as double precision) / nullif(people_emailed, 0) as person_reply_rate,
    cast(people_meeting as double precision) / nullif(people_added, 0) as meeting_rate,
    cast(people_success as double precision) / nullif(people_added, 0) as success_rate
from counts
order by cadence_id, cohort_month
