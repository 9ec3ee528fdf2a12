-- One row per time a person was put on a cadence (membership_id, added_at).
-- SalesLoft keeps one row per person and cadence and overwrites added_at when the person is added again, so the
-- earlier times come from observed versions, from the feed, and from created_at (the first time). The sources
-- stamp the same enrollment some moments apart: times within ten minutes of each other are one.
with states as (
    select id as membership_id, added_at, updated_at, observed_at, current_state, currently_on_cadence, user_id
    from raw_salesloft.cadence_memberships_versions
    union all
    select id, added_at, updated_at, _synced_at, current_state, currently_on_cadence, user_id
    from raw_salesloft.cadence_memberships
),
members as (
    select person_id, cadence_id, max(id) as membership_id
    from raw_salesloft.cadence_memberships
    group by person_id, cadence_id
),
clues as (
    select membership_id, added_at as clue_at, 1 as rank, updated_at, observed_at, current_state,
        currently_on_cadence, user_id
    from states
    union all
    select m.membership_id, a.occurred_at, 2, null, null, null, null, nullif(a.user_id, -1)
    from mart.fct_activity a
    join members m on m.person_id = a.person_id and m.cadence_id = a.cadence_id
    where a.activity_type = 'added_to_cadence' and not a.is_deleted
    union all
    select id, created_at, 3, null, null, null, null, null
    from raw_salesloft.cadence_memberships
),
gaps as (
    select clues.*, case
        when clue_at - lag(clue_at) over (partition by membership_id order by clue_at) <= interval '10 minutes' then 0
        else 1
    end as is_new
    from clues
    where clue_at is not null
),
numbered as (
    -- The default frame takes in all clues of one instant, so that they stay together.
    select gaps.*, sum(is_new) over (partition by membership_id order by clue_at) as enrollment_number
    from gaps
),
latest as (
    select numbered.*, row_number() over (
        partition by membership_id, enrollment_number
        order by case when user_id is null then 1 else 0 end, rank, updated_at desc, observed_at desc,
            currently_on_cadence, current_state, user_id
    ) as recency
    from numbered
),
enrollments as (
    select
        membership_id,
        enrollment_number,
        coalesce(min(case when rank = 1 then clue_at end), min(clue_at)) as added_at,
        max(case when recency = 1 then user_id end) as user_id,
        max(case when recency = 1 then current_state end) as current_state,
        min(case when not currently_on_cadence then updated_at end) as left_at
    from latest
    group by membership_id, enrollment_number
),
windows as (
    select
        e.*,
        lead(e.added_at) over (partition by e.membership_id order by e.added_at) as next_added_at,
        m.person_id,
        m.cadence_id,
        m.user_id as member_user_id,
        m._deleted_at
    from enrollments e
    join raw_salesloft.cadence_memberships m on m.id = e.membership_id
),
touches as (
    select cadence_id, person_id, sent_at as touched_at, 1 as emails, 0 as calls, was_replied
    from mart.fct_email
    where is_sent and cadence_id <> -1
    union all
    select cadence_id, person_id, called_at, 0, 1, false
    from mart.fct_call
    where not is_deleted and cadence_id <> -1
    union all
    select cadence_id, person_id, completed_at, 0, 0, false
    from mart.fct_step_completion
    where is_other_touch and cadence_id <> -1
),
touched as (
    select
        w.membership_id,
        w.added_at,
        min(t.touched_at) as first_touch_at,
        sum(t.emails) as emails,
        sum(t.calls) as calls,
        bool_or(t.was_replied) as was_replied
    from windows w
    join touches t
        on t.cadence_id = w.cadence_id and t.person_id = w.person_id and t.touched_at >= w.added_at
        and (w.next_added_at is null or t.touched_at < w.next_added_at)
    group by w.membership_id, w.added_at
),
met as (
    select distinct w.membership_id, w.added_at
    from windows w
    join mart.fct_meeting m
        on m.cadence_id = w.cadence_id and m.person_id = w.person_id and m.is_booked and m.booked_at >= w.added_at
        and (w.next_added_at is null or m.booked_at < w.next_added_at)
),
succeeded as (
    select distinct w.membership_id, w.added_at
    from windows w
    join mart.fct_success s
        on s.cadence_id = w.cadence_id and s.person_id = w.person_id and not s.is_deleted
        and s.succeeded_at >= w.added_at and (w.next_added_at is null or s.succeeded_at < w.next_added_at)
)
select
    w.membership_id,
    w.added_at,
    cast(w.enrollment_number as integer) as enrollment_number,
    coalesce(w.person_id, -1) as person_id,
    coalesce(w.cadence_id, -1) as cadence_id,
    coalesce(w.user_id, w.member_user_id, -1) as user_id,
    cast(w.added_at at time zone :time_zone as date) as added_date,
    w.next_added_at,
    coalesce(w.left_at, w.next_added_at) as ended_at,
    w.current_state,
    t.first_touch_at,
    cast(extract(epoch from t.first_touch_at - w.added_at) as double precision) / 3600 as hours_to_first_touch,
    cast(coalesce(t.emails, 0) as bigint) as emails,
    cast(coalesce(t.calls, 0) as bigint) as calls,
    coalesce(t.emails > 0, false) as was_emailed,
    coalesce(t.was_replied, false) as was_replied,
    met.membership_id is not null as got_meeting,
    succeeded.membership_id is not null as got_success,
    w._deleted_at is not null as is_deleted,
    w._deleted_at as deleted_at
from windows w
left join touched t on t.membership_id = w.membership_id and t.added_at = w.added_at
left join met on met.membership_id = w.membership_id and met.added_at = w.added_at
left join succeeded on succeeded.membership_id = w.membership_id and succeeded.added_at = w.added_at
order by w.membership_id, w.added_at
