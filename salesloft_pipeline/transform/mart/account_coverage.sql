-- One row per account (account_id), as of the load: how many of its people were touched, and how many answered.
-- multi_thread_depth counts the people engaged within 90 days: one is a thread that may tear. Deleted ones have left.
with people as (
    select
        account_id,
        count(*) as people,
        count(*) filter (where last_touch_at > :as_of - interval '30 days') as people_touched_30d,
        count(*) filter (where last_engaged_at > :as_of - interval '90 days') as people_engaged_90d,
        max(last_touch_at) as last_touch_at
    from mart.person_engagement
    group by account_id
)
select
    a.account_id,
    cast(:as_of at time zone :time_zone as date) as as_of_date,
    a.account_name,
    a.tier_name,
    a.owner_user_id,
    coalesce(p.people, 0) as people,
    coalesce(p.people_touched_30d, 0) as people_touched_30d,
    coalesce(p.people_engaged_90d, 0) as multi_thread_depth,
    p.last_touch_at,
    p.last_touch_at is null as is_untouched
from mart.dim_account a
left join people p on p.account_id = a.account_id
where a.account_id <> -1 and not a.is_deleted
order by a.account_id
