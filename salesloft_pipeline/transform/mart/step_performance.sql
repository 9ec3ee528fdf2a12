-- One row per cadence, step and week (cadence_id, step_id, week_start): where in the cadence answers come from.
-- Mail by the week of sending, calls, meetings and successes by their own; step -1 is work outside any step.
with counts as (
    select
        e.cadence_id,
        e.step_id,
        d.week_start,
        cast(sum(e.emails_sent) as bigint) as emails_sent,
        cast(sum(e.emails_bounced) as bigint) as emails_bounced,
        cast(sum(e.emails_delivered) as bigint) as emails_delivered,
        cast(sum(e.emails_view_tracked) as bigint) as emails_view_tracked,
        cast(sum(e.emails_click_tracked) as bigint) as emails_click_tracked,
        cast(sum(e.emails_opened) as bigint) as emails_opened,
        cast(sum(e.emails_clicked) as bigint) as emails_clicked,
        cast(sum(e.emails_replied) as bigint) as emails_replied,
        cast(sum(e.emails_replied_with_outcome) as bigint) as emails_replied_with_outcome,
        cast(sum(e.calls_logged) as bigint) as calls_logged,
        cast(sum(e.calls_connected) as bigint) as calls_connected,
        cast(sum(e.other_touches) as bigint) as other_touches,
        cast(sum(e.meetings_booked) as bigint) as meetings_booked,
        cast(sum(e.successes) as bigint) as successes
    from mart.daily_engagement e
    join mart.dim_date d on d.date_day = e.engagement_date
    group by e.cadence_id, e.step_id, d.week_start
)
select
    cadence_id,
    step_id,
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
    calls_logged,
    calls_connected,
    other_touches,
    meetings_booked,
    successes,
    cast(emails_bounced as double precision) / nullif(emails_sent, 0) as bounce_rate,
    cast(emails_opened as double precision) / nullif(emails_view_tracked, 0) as open_rate,
    cast(emails_clicked as double precision) / nullif(emails_click_tracked, 0) as click_rate,
    cast(emails_replied as double precision) / nullif(emails_delivered, 0) as reply_rate,
    cast(emails_replied_with_outcome as double precision) / nullif(emails_replied, 0) as outcome_reply_rate,
    cast(calls_connected as double precision) / nullif(calls_logged, 0) as connect_rate
from counts
where emails_sent + calls_logged + other_touches + meetings_booked + successes > 0
order by cadence_id, step_id, week_start
