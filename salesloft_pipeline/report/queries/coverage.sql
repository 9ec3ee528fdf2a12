-- Accounts by tier and owner as of the load, and how many had a person touched within 30 days of it.
select
    a.as_of_date as day, a.owner_user_id as rep, u.group_id as team, coalesce(a.tier_name, 'No tier') as tier,
    count(*) as accounts, count(*) filter (a.people_touched_30d > 0) as touched
from mart.account_coverage a
join mart.dim_user u on u.user_id = a.owner_user_id
group by all
order by all
