-- One row per day and user (engagement_date, user_id), on every day of an active user, also those without anything.
-- A user's days begin with the first activity, or with the account if that is older, and end with the load. Users who
-- were not active have the days on which something of theirs happened. A person is engaged on a day with a reply, a
-- click, a connected call, a meeting booked or a success; an open is no sign of anybody, unless the team decided so (:opens_engage).
with calendar as (
    select
        date_day,
        is_weekday and not is_holiday as is_working_day,
        cast(date_day + 1 as timestamp) at time zone :time_zone as day_end
    from mart.dim_date
),
active_days as (
    select c.date_day as engagement_date, h.user_id
    from mart.dim_user_history h
    join mart.dim_user u on u.user_id = h.user_id
    join calendar c on h.valid_from < c.day_end and c.day_end <= h.valid_to
    where h.is_active and u.user_id <> -1 and c.date_day <= cast(:as_of at time zone :time_zone as date)
        and c.date_day >= coalesce(
            least(u.first_activity_date, cast(u.created_at at time zone :time_zone as date)), c.date_day
        )
),
days as (
    select engagement_date, user_id from active_days
    union
    select engagement_date, user_id from mart.daily_engagement
),
people as (
    select
        event_date as engagement_date,
        user_id,
        count(distinct case when event_type = 'email_sent' then person_id end) as people_emailed,
        count(distinct case when event_type = 'call_logged' then person_id end) as people_called,
        count(distinct case when event_type not in ('email_sent', 'call_logged') then person_id end) as people_engaged
    from mart.fct_engagement_event
    where person_id <> -1 and (
        event_type in (
            'email_sent', 'call_logged', 'email_replied', 'email_clicked', 'call_connected', 'meeting_booked', 'success'
        )
        or (:opens_engage and event_type = 'email_viewed')
    )
    group by event_date, user_id
)
select
    d.engagement_date,
    d.user_id,
    coalesce(c.is_working_day, false) as is_working_day,
    a.user_id is not null as is_active_user,
    cast(coalesce(sum(e.emails_sent), 0) as bigint) as emails_sent,
    cast(coalesce(sum(e.emails_bounced), 0) as bigint) as emails_bounced,
    cast(coalesce(sum(e.emails_delivered), 0) as bigint) as emails_delivered,
    cast(coalesce(sum(e.emails_view_tracked), 0) as bigint) as emails_view_tracked,
    cast(coalesce(sum(e.emails_click_tracked), 0) as bigint) as emails_click_tracked,
    cast(coalesce(sum(e.emails_opened), 0) as bigint) as emails_opened,
    cast(coalesce(sum(e.emails_clicked), 0) as bigint) as emails_clicked,
    cast(coalesce(sum(e.emails_replied), 0) as bigint) as emails_replied,
    cast(coalesce(sum(e.emails_replied_with_outcome), 0) as bigint) as emails_replied_with_outcome,
    cast(coalesce(sum(e.views_total), 0) as bigint) as views_total,
    cast(coalesce(sum(e.clicks_total), 0) as bigint) as clicks_total,
    cast(coalesce(sum(e.replies_total), 0) as bigint) as replies_total,
    cast(coalesce(sum(e.emails_cadence), 0) as bigint) as emails_cadence,
    cast(coalesce(sum(e.emails_bulk), 0) as bigint) as emails_bulk,
    cast(coalesce(sum(e.emails_one_off), 0) as bigint) as emails_one_off,
    cast(coalesce(sum(e.emails_external), 0) as bigint) as emails_external,
    cast(coalesce(sum(e.evt_views), 0) as bigint) as evt_views,
    cast(coalesce(sum(e.evt_clicks), 0) as bigint) as evt_clicks,
    cast(coalesce(sum(e.evt_replies), 0) as bigint) as evt_replies,
    cast(coalesce(sum(e.evt_bounces), 0) as bigint) as evt_bounces,
    cast(coalesce(sum(e.evt_opt_outs), 0) as bigint) as evt_opt_outs,
    cast(coalesce(sum(e.evt_inexact), 0) as bigint) as evt_inexact,
    cast(coalesce(sum(e.calls_logged), 0) as bigint) as calls_logged,
    cast(coalesce(sum(e.calls_connected), 0) as bigint) as calls_connected,
    cast(coalesce(sum(e.calls_voicemail), 0) as bigint) as calls_voicemail,
    cast(coalesce(sum(e.calls_not_set), 0) as bigint) as calls_not_set,
    cast(coalesce(sum(e.calls_positive), 0) as bigint) as calls_positive,
    cast(coalesce(sum(e.talk_seconds), 0) as bigint) as talk_seconds,
    cast(coalesce(sum(e.dials), 0) as bigint) as dials,
    cast(coalesce(sum(e.other_touches), 0) as bigint) as other_touches,
    cast(coalesce(sum(e.total_touches), 0) as bigint) as total_touches,
    cast(coalesce(sum(e.people_added), 0) as bigint) as people_added,
    cast(coalesce(sum(e.meetings_booked), 0) as bigint) as meetings_booked,
    cast(coalesce(sum(e.meetings_held), 0) as bigint) as meetings_held,
    cast(coalesce(sum(e.meetings_no_show), 0) as bigint) as meetings_no_show,
    cast(coalesce(sum(e.successes), 0) as bigint) as successes,
    coalesce(p.people_emailed, 0) as people_emailed,
    coalesce(p.people_called, 0) as people_called,
    coalesce(p.people_engaged, 0) as people_engaged
from days d
left join mart.daily_engagement e on e.engagement_date = d.engagement_date and e.user_id = d.user_id
left join people p on p.engagement_date = d.engagement_date and p.user_id = d.user_id
left join active_days a on a.engagement_date = d.engagement_date and a.user_id = d.user_id
left join calendar c on c.date_day = d.engagement_date
group by
    d.engagement_date, d.user_id, c.is_working_day, a.user_id, p.people_emailed, p.people_called, p.people_engaged
order by d.engagement_date, d.user_id
