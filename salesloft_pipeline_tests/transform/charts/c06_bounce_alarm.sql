-- Are we burning the domain? Senders of at least 50 emails in a week of which more than 5 % bounced.
select
    u.user_name,
    cast(sum(e.emails_sent) as bigint) as sent,
    cast(sum(e.emails_bounced) as bigint) as bounced,
    cast(sum(e.emails_bounced) as double precision) / nullif(sum(e.emails_sent), 0) as bounce_rate
from mart.daily_engagement e
join mart.dim_user u on u.user_id = e.user_id
where e.engagement_date > :as_of - 7
group by u.user_id, u.user_name
having sum(e.emails_sent) >= 50 and sum(e.emails_bounced) * 20 > sum(e.emails_sent)
order by bounce_rate desc, u.user_name
