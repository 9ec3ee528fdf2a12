-- One row per content an email was seen with (email_id, version_no), in the order it became true.
-- The same content seen twice, by webhook and by poll, is one version. A counter may move while updated_at
-- stands still: then the time of the sighting is all that is known. d_* is the rise over the highest value before,
-- so that a counter which drops and recovers is not counted twice; has_drop marks what lies below it.
with seen as (
    select
        id as email_id, coalesce(updated_at, observed_at) as updated_at, observed_at, source,
        coalesce(bounced, false) as bounced, coalesce(counts_views, 0) as views,
        coalesce(counts_clicks, 0) as clicks, coalesce(counts_replies, 0) as replies
    from raw_salesloft.emails_versions
    union all
    select
        id, coalesce(updated_at, _synced_at), _synced_at, _source,
        coalesce(bounced, false), coalesce(counts_views, 0), coalesce(counts_clicks, 0), coalesce(counts_replies, 0)
    from raw_salesloft.emails
),
first_seen as (
    select seen.*, row_number() over (
        partition by email_id, updated_at, bounced, views, clicks, replies order by observed_at, source
    ) as sighting
    from seen
),
contents as (
    select first_seen.*, row_number() over (
        partition by email_id, updated_at order by observed_at, views, clicks, replies, bounced
    ) as content_no
    from first_seen
    where sighting = 1
),
dated as (
    select contents.*, case when content_no = 1 then updated_at else greatest(updated_at, observed_at) end as ver_at
    from contents
),
compared as (
    select
        dated.*,
        row_number() over in_order as version_no,
        lag(ver_at) over in_order as ver_at_before,
        coalesce(max(views) over before, 0) as views_before,
        coalesce(max(clicks) over before, 0) as clicks_before,
        coalesce(max(replies) over before, 0) as replies_before
    from dated
    window
        in_order as (partition by email_id order by ver_at, observed_at, views, clicks, replies, bounced),
        before as (
            partition by email_id order by ver_at, observed_at, views, clicks, replies, bounced
            rows between unbounded preceding and 1 preceding
        )
)
select
    v.email_id,
    cast(v.version_no as integer) as version_no,
    v.ver_at,
    least(v.ver_at, greatest(v.ver_at_before, e.sent_at)) as not_before,
    v.observed_at,
    v.source,
    v.views,
    v.clicks,
    v.replies,
    v.bounced,
    greatest(v.views - v.views_before, 0) as d_views,
    greatest(v.clicks - v.clicks_before, 0) as d_clicks,
    greatest(v.replies - v.replies_before, 0) as d_replies,
    v.views < v.views_before or v.clicks < v.clicks_before or v.replies < v.replies_before as has_drop
from compared v
left join raw_salesloft.emails e on e.id = v.email_id
order by v.email_id, version_no
