-- One row per email (email_id) in its latest state; deleted ones stay, marked is_deleted.
-- The first reply is dated by the feed where it knows, else by the version that first showed one. Its outcome is a
-- meeting booked or a success of the same person within 14 days after.
with seen_replies as (
    select email_id, min(ver_at) as seen_at from mart.fct_email_version where replies > 0 group by email_id
),
fed_replies as (
    select email_id, min(occurred_at) as replied_at
    from mart.fct_activity
    where activity_type = 'email_reply' and email_id is not null and not is_deleted
    group by email_id
),
first_replies as (
    select s.email_id, coalesce(f.replied_at, s.seen_at) as first_reply_at
    from seen_replies s
    left join fed_replies f on f.email_id = s.email_id
),
outcomes as (
    select person_id, booked_at as outcome_at from mart.fct_meeting where is_booked and person_id <> -1
    union all
    select person_id, succeeded_at from mart.fct_success where not is_deleted and person_id <> -1
),
-- Materialized, because DuckDB does not know the sizes of tables made in this transaction, and would compare every
-- reply with every outcome before it looks at the person.
replied as materialized (
    select e.id as email_id, e.recipient_id as person_id, f.first_reply_at
    from raw_salesloft.emails e
    join first_replies f on f.email_id = e.id
),
followed as (
    select distinct r.email_id
    from replied r
    join outcomes o
        on o.person_id = r.person_id and o.outcome_at >= r.first_reply_at
        and o.outcome_at <= r.first_reply_at + interval '14 days'
),
user_zones as (
    select u.id as user_id, z.time_zone_iana
    from raw_salesloft.users u
    join mart.ref_time_zone z on z.time_zone_raw = u.time_zone
),
emails as (
    select
        e.*,
        coalesce(
            e.status in ('sent', 'sent_from_gmail', 'sent_from_external')
            and e.sent_at <= :as_of and e._deleted_at is null,
            false
        ) as is_sent,
        coalesce(e.bounced, false) as is_bounced,
        coalesce(z.time_zone_iana, :time_zone) as zone,
        cast(floor(extract(epoch from e.sent_at) / 900) as bigint) as quarter_hour
    from raw_salesloft.emails e
    left join user_zones z on z.user_id = e.user_id
),
-- Zones differ by quarters of an hour, and one conversion for each is much cheaper than one for each email.
local_hours as (
    select quarter_hour, zone, cast(extract(hour from min(sent_at) at time zone zone) as integer) as hour_of_day
    from emails
    where sent_at is not null
    group by quarter_hour, zone
)
select
    e.id as email_id,
    coalesce(e.user_id, -1) as user_id,
    coalesce(e.recipient_id, -1) as person_id,
    coalesce(p.account_id, -1) as account_id,
    coalesce(e.cadence_id, -1) as cadence_id,
    coalesce(e.step_id, -1) as step_id,
    coalesce(e.email_template_id, -1) as template_id,
    e.mailing_id,
    e.task_id,
    e.crm_activity_id,
    case
        when e.status = 'sent_from_external' then 'external'
        when e.cadence_id is not null then 'cadence'
        when e.mailing_id is not null then 'bulk'
        else 'one_off'
    end as email_kind,
    e.status,
    e.created_at,
    e.sent_at,
    e.send_after,
    e.updated_at,
    cast(e.sent_at at time zone :time_zone as date) as sent_date,
    h.hour_of_day as sent_hour_local,
    e.is_sent,
    e.is_bounced,
    coalesce(e.view_tracking, false) as view_tracking,
    coalesce(e.click_tracking, false) as click_tracking,
    coalesce(e.counts_views, 0) as views,
    coalesce(e.counts_clicks, 0) as clicks,
    coalesce(e.counts_replies, 0) as replies,
    coalesce(e.counts_unique_devices, 0) as unique_devices,
    coalesce(e.counts_unique_locations, 0) as unique_locations,
    coalesce(e.counts_attachments, 0) as attachments,
    e.is_sent and not e.is_bounced and coalesce(e.view_tracking and e.counts_views > 0, false) as was_opened,
    e.is_sent and not e.is_bounced and coalesce(e.click_tracking and e.counts_clicks > 0, false) as was_clicked,
    e.is_sent and not e.is_bounced and coalesce(e.counts_replies > 0, false) as was_replied,
    e.is_sent and not e.is_bounced and coalesce(e.counts_replies > 0, false) and o.email_id is not null
        as was_replied_with_outcome,
    case
        when cast(e.personalization as text) ~ '^[0-9]{1,9}([.][0-9]{1,9})?$'
            then cast(e.personalization as double precision)
    end as personalization_pct,
    f.first_reply_at,
    cast(extract(epoch from f.first_reply_at - e.sent_at) as double precision) / 3600 as hours_to_first_reply,
    e._deleted_at is not null as is_deleted,
    e._deleted_at as deleted_at
from emails e
left join raw_salesloft.people p on p.id = e.recipient_id
left join local_hours h on h.quarter_hour = e.quarter_hour and h.zone = e.zone
left join first_replies f on f.email_id = e.id
left join followed o on o.email_id = e.id
order by e.id
