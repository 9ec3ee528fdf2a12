-- One row per person (person_id), as of the load: when last touched, when last heard of, and what a score may weigh.
-- A touch is an email sent, a call logged or another step completed; deleted people have left.
with events as (
    select
        person_id,
        event_type,
        event_at,
        quantity,
        event_type in ('email_sent', 'call_logged', 'other_touch') as is_touch,
        event_type in ('email_replied', 'email_clicked', 'call_connected', 'meeting_booked', 'success')
            or (:opens_engage and event_type = 'email_viewed') as is_engagement,
        event_at > :as_of - interval '90 days' as is_recent
    from mart.fct_engagement_event
    where person_id <> -1
),
replies as (
    select person_id, max(event_at) as last_reply_at from events where event_type = 'email_replied' group by person_id
),
counts as (
    select
        e.person_id,
        r.last_reply_at,
        min(e.event_at) filter (where e.is_touch) as first_touch_at,
        max(e.event_at) filter (where e.is_touch) as last_touch_at,
        max(e.event_at) filter (where e.is_engagement) as last_engaged_at,
        count(*) filter (where e.is_touch) as touches,
        count(*) filter (where e.is_touch and (r.last_reply_at is null or e.event_at > r.last_reply_at))
            as touches_since_last_reply,
        sum(e.quantity) filter (where e.event_type = 'email_replied' and e.is_recent) as replies_90d,
        sum(e.quantity) filter (where e.event_type = 'email_clicked' and e.is_recent) as clicks_90d,
        count(*) filter (where e.event_type = 'call_connected' and e.is_recent) as connects_90d,
        count(*) filter (where e.event_type = 'meeting_booked' and e.is_recent) as meetings_90d,
        count(*) filter (where e.event_type = 'success' and e.is_recent) as successes_90d
    from events e
    left join replies r on r.person_id = e.person_id
    group by e.person_id, r.last_reply_at
)
select
    p.person_id,
    p.account_id,
    p.owner_user_id,
    c.first_touch_at,
    c.last_touch_at,
    c.last_reply_at,
    c.last_engaged_at,
    coalesce(c.touches, 0) as touches,
    coalesce(c.touches_since_last_reply, 0) as touches_since_last_reply,
    cast(coalesce(c.replies_90d, 0) as bigint) as replies_90d,
    cast(coalesce(c.clicks_90d, 0) as bigint) as clicks_90d,
    coalesce(c.connects_90d, 0) as connects_90d,
    coalesce(c.meetings_90d, 0) as meetings_90d,
    coalesce(c.successes_90d, 0) as successes_90d
from mart.dim_person p
left join counts c on c.person_id = p.person_id
where p.person_id <> -1 and not p.is_deleted
order by p.person_id
