-- How fast do replies come? Median and 90th percentile of the hours to the first reply.
select
    email_kind,
    count(*) as replied_emails,
    percentile_cont(0.5) within group (order by hours_to_first_reply) as median_hours,
    percentile_cont(0.9) within group (order by hours_to_first_reply) as p90_hours
from mart.fct_email
where was_replied
group by email_kind
order by email_kind
