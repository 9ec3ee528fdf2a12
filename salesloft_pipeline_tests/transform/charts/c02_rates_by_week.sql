-- Are our emails getting better? Reply and bounce rate by week of sending; the last two weeks still mature.
select
    d.week_start,
    cast(sum(e.emails_delivered) as bigint) as delivered,
    cast(sum(e.emails_replied) as double precision) / nullif(sum(e.emails_delivered), 0) as reply_rate,
    cast(sum(e.emails_bounced) as double precision) / nullif(sum(e.emails_sent), 0) as bounce_rate,
    max(e.engagement_date) > :as_of - 14 as still_maturing
from mart.daily_engagement e
join mart.dim_date d on d.date_day = e.engagement_date
where e.emails_sent > 0 and e.engagement_date > :as_of - 91
group by d.week_start
order by d.week_start
