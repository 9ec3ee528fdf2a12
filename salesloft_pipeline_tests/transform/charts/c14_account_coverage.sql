-- Do we reach our target accounts? The share of accounts with a person touched within 30 days, by tier.
select
    tier_name,
    count(*) as accounts,
    count(*) filter (where people_touched_30d > 0) as touched,
    cast(count(*) filter (where people_touched_30d > 0) as double precision) / count(*) as coverage
from mart.account_coverage
group by tier_name
order by tier_name
