-- One row per logged call (call_id); deleted ones stay, marked is_deleted.
with legs as (
    select call_id, count(*) filter (where lower(direction) = 'outbound') as outbound
    from raw_salesloft.call_data_records
    where call_id is not null and _deleted_at is null
    group by call_id
)
select
    c.id as call_id,
    coalesce(c.user_id, -1) as user_id,
    coalesce(c.called_person_id, -1) as person_id,
    coalesce(p.account_id, -1) as account_id,
    coalesce(c.cadence_id, -1) as cadence_id,
    coalesce(c.step_id, -1) as step_id,
    c.created_at as called_at,
    cast(c.created_at at time zone :time_zone as date) as call_date,
    c.duration as duration_seconds,
    c.disposition,
    d.category as disposition_category,
    c.sentiment,
    s.category as sentiment_category,
    case
        when left(ltrim(cast(c.recordings as text)), 1) = '[' then cast(json_array_length(c.recordings) as integer)
        else 0
    end as recording_count,
    -- A logged call without any leg on record was dialled some other way: it counts as one.
    cast(coalesce(l.outbound, 1) as integer) as dial_count,
    -- No connect by the metrics, which go by disposition; for teams that compare with tools that go by length.
    c.duration >= :connected_seconds as connected_by_duration,
    c._deleted_at is not null as is_deleted,
    c._deleted_at as deleted_at
from raw_salesloft.calls c
join mart.dim_disposition d on d.disposition_key = coalesce(lower(trim(c.disposition)), '')
join mart.dim_sentiment s on s.sentiment_key = coalesce(lower(trim(c.sentiment)), '')
left join raw_salesloft.people p on p.id = c.called_person_id
left join legs l on l.call_id = c.id
order by c.id
