-- One row per thing that happened (event_id: md5 of type, source, natural id and time), with how exactly it is dated.
-- Opens and clicks have no time of their own: each is dated by the version that first showed it, at the latest
-- moment it can have happened (event_at), and not_before says the earliest. The k-th reply of an email is dated by
-- its k-th feed entry where there is one, else by the version that reached k, so no reply counts twice.
-- Bounced mail cannot be opened, and untracked mail cannot be seen to be.
with delivered as (
    select * from mart.fct_email where is_sent and not is_bounced
),
rises as (
    select
        v.email_id,
        v.ver_at,
        min(v.not_before) as not_before,
        sum(case when e.view_tracking then v.d_views else 0 end) as views,
        sum(case when e.click_tracking then v.d_clicks else 0 end) as clicks,
        sum(v.d_replies) as replies
    from mart.fct_email_version v
    join delivered e on e.email_id = v.email_id
    where v.d_views > 0 or v.d_clicks > 0 or v.d_replies > 0
    group by v.email_id, v.ver_at
),
replies_seen as (
    select rises.*, sum(replies) over (partition by email_id order by ver_at) as replies_so_far
    from rises
    where replies > 0
),
reply_total as (
    select email_id, sum(replies) as replies from rises where replies > 0 group by email_id
),
reply_entries as (
    select email_id, activity_id, occurred_at, row_number() over (
        partition by email_id order by occurred_at, activity_id
    ) as reply_no
    from mart.fct_activity
    where activity_type = 'email_reply' and email_id is not null and not is_deleted
),
reply_entry_count as (
    select email_id, count(*) as entries from reply_entries group by email_id
),
reply_rises as (
    select
        r.email_id,
        r.ver_at,
        r.not_before,
        r.replies_so_far - greatest(r.replies_so_far - r.replies, coalesce(c.entries, 0)) as undated
    from replies_seen r
    left join reply_entry_count c on c.email_id = r.email_id
),
bounces as (
    select email_id, ver_at, not_before, row_number() over (partition by email_id order by version_no) as bounce_no
    from mart.fct_email_version
    where bounced
),
email_events as (
    select 'email_sent' as event_type, 'email' as source, cast(email_id as text) as natural_id, email_id,
        sent_at as event_at, sent_at as not_before, 1 as quantity
    from mart.fct_email
    where is_sent
    union all
    select 'email_viewed', 'version_delta', cast(email_id as text), email_id, ver_at, not_before, views
    from rises
    where views > 0
    union all
    select 'email_clicked', 'version_delta', cast(email_id as text), email_id, ver_at, not_before, clicks
    from rises
    where clicks > 0
    union all
    select 'email_replied', 'version_delta', cast(email_id as text), email_id, ver_at, not_before, undated
    from reply_rises
    where undated > 0
    union all
    select 'email_replied', 'activity_history', a.activity_id, a.email_id, a.occurred_at, a.occurred_at, 1
    from reply_entries a
    join reply_total t on t.email_id = a.email_id and a.reply_no <= t.replies
    union all
    select 'email_bounced', 'version_delta', cast(email_id as text), email_id, ver_at, not_before, 1
    from bounces
    where bounce_no = 1
),
happened as (
    select
        v.event_type, v.source, v.natural_id, v.event_at, v.not_before, v.quantity,
        e.user_id, e.person_id, e.account_id, e.cadence_id, e.step_id,
        v.email_id, cast(null as bigint) as call_id, cast(null as bigint) as meeting_id,
        cast(null as bigint) as success_id
    from email_events v
    join mart.fct_email e on e.email_id = v.email_id and e.is_sent
    union all
    select 'call_logged', 'call', cast(call_id as text), called_at, called_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, call_id, null, null
    from mart.fct_call
    where not is_deleted
    union all
    select 'call_connected', 'call', cast(call_id as text), called_at, called_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, call_id, null, null
    from mart.fct_call
    where not is_deleted and disposition_category = 'connected'
    union all
    select 'meeting_booked', 'meeting', cast(meeting_id as text), booked_at, booked_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, meeting_id, null
    from mart.fct_meeting
    where is_booked
    union all
    select case when is_held then 'meeting_held' else 'meeting_no_show' end, 'meeting', cast(meeting_id as text),
        start_at, start_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, meeting_id, null
    from mart.fct_meeting
    where is_held or (is_booked and is_no_show)
    union all
    select 'success', 'success', cast(success_id as text), succeeded_at, succeeded_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, null, success_id
    from mart.fct_success
    where not is_deleted
    union all
    select 'added_to_cadence', 'cadence_membership', cast(n.membership_id as text), n.added_at, n.added_at, 1,
        n.user_id, n.person_id, coalesce(p.account_id, -1), n.cadence_id, -1, null, null, null, null
    from mart.fct_cadence_enrollment n
    left join raw_salesloft.people p on p.id = n.person_id
    where not n.is_deleted
    union all
    select 'step_completed', 'activity_history', activity_id, completed_at, completed_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, null, null
    from mart.fct_step_completion
    where not is_deleted and not coalesce(was_skipped, false)
    union all
    select 'other_touch', 'activity_history', activity_id, completed_at, completed_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, null, null
    from mart.fct_step_completion
    where is_other_touch
    union all
    select 'opt_out', 'activity_history', activity_id, occurred_at, occurred_at, 1,
        user_id, person_id, account_id, cadence_id, step_id, null, null, null, null
    from mart.fct_activity
    where activity_type = 'dnc_event' and not is_deleted
),
placed as (
    select
        happened.*,
        cast(event_at at time zone :time_zone as date) as event_date,
        case when source = 'version_delta' then cast(not_before at time zone :time_zone as date) end as not_before_date,
        cast(round(extract(epoch from event_at) * 1000000) as bigint) as event_microseconds
    from happened
    where event_at is not null
)
select
    md5(concat_ws('|', event_type, source, natural_id, cast(event_microseconds as text))) as event_id,
    event_type,
    event_at,
    event_date,
    not_before,
    case
        when source <> 'version_delta' then 'exact'
        when not_before_date = event_date then 'day'
        else 'interval'
    end as date_precision,
    cast(quantity as integer) as quantity,
    user_id,
    person_id,
    account_id,
    cadence_id,
    step_id,
    email_id,
    call_id,
    meeting_id,
    success_id,
    source
from placed
order by event_at, event_id
