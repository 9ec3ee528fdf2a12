-- One row per email template and week of sending (template_id, week_start); -1 is mail without a template.
with counts as (
    select
        e.template_id,
        d.week_start,
        count(*) as emails_sent,
        count(*) filter (where e.is_bounced) as emails_bounced,
        count(*) filter (where not e.is_bounced) as emails_delivered,
        count(*) filter (where not e.is_bounced and e.view_tracking) as emails_view_tracked,
        count(*) filter (where not e.is_bounced and e.click_tracking) as emails_click_tracked,
        count(*) filter (where e.was_opened) as emails_opened,
        count(*) filter (where e.was_clicked) as emails_clicked,
        count(*) filter (where e.was_replied) as emails_replied,
        count(*) filter (where e.was_replied_with_outcome) as emails_replied_with_outcome
    from mart.fct_email e
    join mart.dim_date d on d.date_day = e.sent_date
    where e.is_sent
    group by e.template_id, d.week_start
)
select
    template_id,
    week_start,
    emails_sent,
    emails_bounced,
    emails_delivered,
    emails_view_tracked,
    emails_click_tracked,
    emails_opened,
    emails_clicked,
    emails_replied,
    emails_replied_with_outcome,
    cast(emails_bounced as double precision) / nullif(emails_sent, 0) as bounce_rate,
    cast(emails_opened as double precision) / nullif(emails_view_tracked, 0) as open_rate,
    cast(emails_clicked as double precision) / nullif(emails_click_tracked, 0) as click_rate,
    cast(emails_replied as double precision) / nullif(emails_delivered, 0) as reply_rate,
    cast(emails_replied_with_outcome as double precision) / nullif(emails_replied, 0) as outcome_reply_rate
from counts
order by template_id, week_start
