-- One row per disposition text (disposition_key: lower case, trimmed) that is seeded, offered in SalesLoft or used on a call.
-- A disposition nobody classified is 'other'; a call without one is 'not_set'.
with texts as (
    select lower(trim(disposition)) as disposition_key, disposition as label from mart.ref_disposition
    union all
    select lower(trim(name)), name from raw_salesloft.call_dispositions
    union all
    select lower(trim(disposition)), disposition from raw_salesloft.calls
),
keys as (
    select disposition_key, min(trim(label)) as label from texts where disposition_key <> '' group by disposition_key
),
offered as (
    select distinct lower(trim(name)) as disposition_key from raw_salesloft.call_dispositions where _deleted_at is null
)
select
    k.disposition_key,
    k.label as disposition,
    coalesce(s.category, 'other') as category,
    s.category is not null as is_mapped,
    o.disposition_key is not null as is_active
from keys k
left join mart.ref_disposition s on lower(trim(s.disposition)) = k.disposition_key
left join offered o on o.disposition_key = k.disposition_key
union all
select '', null, 'not_set', true, true
order by 1
