-- One row per day, user, cadence and step on which something happened (engagement_date, user_id, cadence_id, step_id).
-- Two families that never share a ratio: cohort counts (emails_*, *_total, every rate) belong to the day of sending
-- and mature for about 14 days; evt_* belong to the day on which a thing happened. A rate is NULL where its
-- denominator is 0; roll up as sum of numerators over sum of denominators, never as a mean of rates.
with sent as (
    select
        e.sent_date as engagement_date, e.user_id, e.cadence_id, e.step_id,
        count(*) as emails_sent,
        count(*) filter (where e.is_bounced) as emails_bounced,
        count(*) filter (where not e.is_bounced) as emails_delivered,
        count(*) filter (where not e.is_bounced and e.view_tracking) as emails_view_tracked,
        count(*) filter (where not e.is_bounced and e.click_tracking) as emails_click_tracked,
        count(*) filter (where e.was_opened) as emails_opened,
        count(*) filter (where e.was_clicked) as emails_clicked,
        count(*) filter (where e.was_replied) as emails_replied,
        count(*) filter (where e.was_replied_with_outcome) as emails_replied_with_outcome,
        sum(e.views) filter (where e.was_opened) as views_total,
        sum(e.clicks) filter (where e.was_clicked) as clicks_total,
        sum(e.replies) filter (where e.was_replied) as replies_total,
        count(*) filter (where e.email_kind = 'cadence') as emails_cadence,
        count(*) filter (where e.email_kind = 'bulk') as emails_bulk,
        count(*) filter (where e.email_kind = 'one_off') as emails_one_off,
        count(*) filter (where e.email_kind = 'external') as emails_external
    from mart.fct_email e
    where e.is_sent
    group by e.sent_date, e.user_id, e.cadence_id, e.step_id
),
events as (
    select
        event_date as engagement_date, user_id, cadence_id, step_id,
        sum(quantity) filter (where event_type = 'email_viewed') as evt_views,
        sum(quantity) filter (where event_type = 'email_clicked') as evt_clicks,
        sum(quantity) filter (where event_type = 'email_replied') as evt_replies,
        sum(quantity) filter (where event_type = 'email_bounced') as evt_bounces,
        sum(quantity) filter (where event_type = 'opt_out') as evt_opt_outs,
        sum(quantity) filter (where date_precision = 'interval') as evt_inexact
    from mart.fct_engagement_event
    where event_type in ('email_viewed', 'email_clicked', 'email_replied', 'email_bounced', 'opt_out')
    group by event_date, user_id, cadence_id, step_id
),
calls as (
    select
        call_date as engagement_date, user_id, cadence_id, step_id,
        count(*) as calls_logged,
        count(*) filter (where disposition_category = 'connected') as calls_connected,
        count(*) filter (where disposition_category = 'voicemail') as calls_voicemail,
        count(*) filter (where disposition_category = 'not_set') as calls_not_set,
        count(*) filter (where disposition_category = 'connected' and sentiment_category = 'positive')
            as calls_positive,
        sum(coalesce(duration_seconds, 0)) as talk_seconds
    from mart.fct_call
    where not is_deleted and call_date is not null
    group by call_date, user_id, cadence_id, step_id
),
legs as (
    select * from mart.fct_dial where not is_deleted
),
-- A leg counts where its call does; a call without any leg was dialled outside of SalesLoft and counts as one.
dials as (
    select d.dial_date as engagement_date, coalesce(c.user_id, d.user_id) as user_id, d.cadence_id, d.step_id
    from legs d
    left join mart.fct_call c on c.call_id = d.call_id
    where d.is_outbound and d.dial_date is not null
    union all
    select c.call_date, c.user_id, c.cadence_id, c.step_id
    from mart.fct_call c
    where not c.is_deleted and c.call_date is not null
        and not exists (select 1 from legs d where d.call_id = c.call_id)
),
dialed as (
    select engagement_date, user_id, cadence_id, step_id, count(*) as dials
    from dials
    group by engagement_date, user_id, cadence_id, step_id
),
other_steps as (
    select completed_date as engagement_date, user_id, cadence_id, step_id, count(*) as other_touches
    from mart.fct_step_completion
    where is_other_touch
    group by completed_date, user_id, cadence_id, step_id
),
added as (
    select added_date as engagement_date, user_id, cadence_id, -1 as step_id, count(*) as people_added
    from mart.fct_cadence_enrollment
    where not is_deleted
    group by added_date, user_id, cadence_id
),
booked as (
    select
        booked_date as engagement_date, user_id, cadence_id, step_id,
        count(*) as meetings_booked,
        count(*) filter (where is_held) as held_of_booked,
        count(*) filter (where start_at <= :as_of) as started_of_booked
    from mart.fct_meeting
    where is_booked and booked_date is not null
    group by booked_date, user_id, cadence_id, step_id
),
met as (
    select
        start_date as engagement_date, user_id, cadence_id, step_id,
        count(*) filter (where is_held) as meetings_held,
        count(*) filter (where is_no_show) as meetings_no_show
    from mart.fct_meeting
    where is_held or (is_booked and is_no_show and start_date is not null)
    group by start_date, user_id, cadence_id, step_id
),
succeeded as (
    select
        success_date as engagement_date, user_id, cadence_id, step_id,
        count(*) as successes,
        sum(touches) as success_touches
    from mart.fct_success
    where not is_deleted and success_date is not null
    group by success_date, user_id, cadence_id, step_id
),
keys as (
    select engagement_date, user_id, cadence_id, step_id from sent
    union
    select engagement_date, user_id, cadence_id, step_id from events
    union
    select engagement_date, user_id, cadence_id, step_id from calls
    union
    select engagement_date, user_id, cadence_id, step_id from dialed
    union
    select engagement_date, user_id, cadence_id, step_id from other_steps
    union
    select engagement_date, user_id, cadence_id, step_id from added
    union
    select engagement_date, user_id, cadence_id, step_id from booked
    union
    select engagement_date, user_id, cadence_id, step_id from met
    union
    select engagement_date, user_id, cadence_id, step_id from succeeded
),
counts as (
    select
        k.engagement_date, k.user_id, k.cadence_id, k.step_id,
        coalesce(s.emails_sent, 0) as emails_sent,
        coalesce(s.emails_bounced, 0) as emails_bounced,
        coalesce(s.emails_delivered, 0) as emails_delivered,
        coalesce(s.emails_view_tracked, 0) as emails_view_tracked,
        coalesce(s.emails_click_tracked, 0) as emails_click_tracked,
        coalesce(s.emails_opened, 0) as emails_opened,
        coalesce(s.emails_clicked, 0) as emails_clicked,
        coalesce(s.emails_replied, 0) as emails_replied,
        coalesce(s.emails_replied_with_outcome, 0) as emails_replied_with_outcome,
        coalesce(s.views_total, 0) as views_total,
        coalesce(s.clicks_total, 0) as clicks_total,
        coalesce(s.replies_total, 0) as replies_total,
        coalesce(s.emails_cadence, 0) as emails_cadence,
        coalesce(s.emails_bulk, 0) as emails_bulk,
        coalesce(s.emails_one_off, 0) as emails_one_off,
        coalesce(s.emails_external, 0) as emails_external,
        coalesce(e.evt_views, 0) as evt_views,
        coalesce(e.evt_clicks, 0) as evt_clicks,
        coalesce(e.evt_replies, 0) as evt_replies,
        coalesce(e.evt_bounces, 0) as evt_bounces,
        coalesce(e.evt_opt_outs, 0) as evt_opt_outs,
        coalesce(e.evt_inexact, 0) as evt_inexact,
        coalesce(c.calls_logged, 0) as calls_logged,
        coalesce(c.calls_connected, 0) as calls_connected,
        coalesce(c.calls_voicemail, 0) as calls_voicemail,
        coalesce(c.calls_not_set, 0) as calls_not_set,
        coalesce(c.calls_positive, 0) as calls_positive,
        coalesce(c.talk_seconds, 0) as talk_seconds,
        coalesce(d.dials, 0) as dials,
        coalesce(o.other_touches, 0) as other_touches,
        coalesce(s.emails_sent, 0) + coalesce(c.calls_logged, 0) + coalesce(o.other_touches, 0) as total_touches,
        coalesce(a.people_added, 0) as people_added,
        coalesce(b.meetings_booked, 0) as meetings_booked,
        coalesce(m.meetings_held, 0) as meetings_held,
        coalesce(m.meetings_no_show, 0) as meetings_no_show,
        coalesce(w.successes, 0) as successes,
        b.held_of_booked,
        b.started_of_booked,
        w.success_touches
    from keys k
    left join sent s on s.engagement_date = k.engagement_date and s.user_id = k.user_id
        and s.cadence_id = k.cadence_id and s.step_id = k.step_id
    left join events e on e.engagement_date = k.engagement_date and e.user_id = k.user_id
        and e.cadence_id = k.cadence_id and e.step_id = k.step_id
    left join calls c on c.engagement_date = k.engagement_date and c.user_id = k.user_id
        and c.cadence_id = k.cadence_id and c.step_id = k.step_id
    left join dialed d on d.engagement_date = k.engagement_date and d.user_id = k.user_id
        and d.cadence_id = k.cadence_id and d.step_id = k.step_id
    left join other_steps o on o.engagement_date = k.engagement_date and o.user_id = k.user_id
        and o.cadence_id = k.cadence_id and o.step_id = k.step_id
    left join added a on a.engagement_date = k.engagement_date and a.user_id = k.user_id
        and a.cadence_id = k.cadence_id and a.step_id = k.step_id
    left join booked b on b.engagement_date = k.engagement_date and b.user_id = k.user_id
        and b.cadence_id = k.cadence_id and b.step_id = k.step_id
    left join met m on m.engagement_date = k.engagement_date and m.user_id = k.user_id
        and m.cadence_id = k.cadence_id and m.step_id = k.step_id
    left join succeeded w on w.engagement_date = k.engagement_date and w.user_id = k.user_id
        and w.cadence_id = k.cadence_id and w.step_id = k.step_id
)
select
    engagement_date,
    user_id,
    cadence_id,
    step_id,
    emails_sent,
    emails_bounced,
    emails_delivered,
    emails_view_tracked,
    emails_click_tracked,
    emails_opened,
    emails_clicked,
    emails_replied,
    emails_replied_with_outcome,
    cast(views_total as bigint) as views_total,
    cast(clicks_total as bigint) as clicks_total,
    cast(replies_total as bigint) as replies_total,
    emails_cadence,
    emails_bulk,
    emails_one_off,
    emails_external,
    cast(evt_views as bigint) as evt_views,
    cast(evt_clicks as bigint) as evt_clicks,
    cast(evt_replies as bigint) as evt_replies,
    cast(evt_bounces as bigint) as evt_bounces,
    cast(evt_opt_outs as bigint) as evt_opt_outs,
    cast(evt_inexact as bigint) as evt_inexact,
    calls_logged,
    calls_connected,
    calls_voicemail,
    calls_not_set,
    calls_positive,
    cast(talk_seconds as bigint) as talk_seconds,
    cast(dials as bigint) as dials,
    other_touches,
    total_touches,
    people_added,
    meetings_booked,
    meetings_held,
    meetings_no_show,
    successes,
    cast(emails_bounced as double precision) / nullif(emails_sent, 0) as bounce_rate,
    cast(emails_opened as double precision) / nullif(emails_view_tracked, 0) as open_rate,
    cast(emails_clicked as double precision) / nullif(emails_click_tracked, 0) as click_rate,
    cast(emails_replied as double precision) / nullif(emails_delivered, 0) as reply_rate,
    cast(emails_replied_with_outcome as double precision) / nullif(emails_replied, 0) as outcome_reply_rate,
    cast(calls_connected as double precision) / nullif(calls_logged, 0) as connect_rate,
    cast(calls_connected as double precision) / nullif(calls_logged - calls_not_set, 0) as connect_rate_known,
    cast(calls_logged - calls_not_set as double precision) / nullif(calls_logged, 0) as disposition_fill_rate,
    cast(calls_positive as double precision) / nullif(calls_connected, 0) as positive_rate,
    cast(held_of_booked as double precision) / nullif(started_of_booked, 0) as meeting_held_rate,
    cast(1000 * evt_opt_outs as double precision) / nullif(emails_delivered, 0) as opt_outs_per_1000,
    cast(success_touches as double precision) / nullif(successes, 0) as touches_per_success
from counts
order by engagement_date, user_id, cadence_id, step_id
