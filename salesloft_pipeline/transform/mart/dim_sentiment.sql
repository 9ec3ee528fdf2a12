-- One row per sentiment text (sentiment_key: lower case, trimmed) that is seeded, offered in SalesLoft or used on a call.
-- A sentiment nobody classified is 'neutral'; a call without one is 'not_set'.
with texts as (
    select lower(trim(sentiment)) as sentiment_key, sentiment as label from mart.ref_sentiment
    union all
    select lower(trim(name)), name from raw_salesloft.call_sentiments
    union all
    select lower(trim(sentiment)), sentiment from raw_salesloft.calls
),
keys as (
    select sentiment_key, min(trim(label)) as label from texts where sentiment_key <> '' group by sentiment_key
),
offered as (
    select distinct lower(trim(name)) as sentiment_key from raw_salesloft.call_sentiments where _deleted_at is null
)
select
    k.sentiment_key,
    k.label as sentiment,
    coalesce(s.category, 'neutral') as category,
    s.category is not null as is_mapped,
    o.sentiment_key is not null as is_active
from keys k
left join mart.ref_sentiment s on lower(trim(s.sentiment)) = k.sentiment_key
left join offered o on o.sentiment_key = k.sentiment_key
union all
select '', null, 'not_set', true, true
order by 1
