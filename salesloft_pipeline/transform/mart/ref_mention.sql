-- One row per id that a fact or another dimension names (dimension, id); of a step, with the cadence it was named with.
-- What the source does not list although it is named here becomes an inferred row of its dimension, so that every
-- join to a dimension is an inner join.
with users as (
    select user_id as id from mart.fct_email
    union
    select user_id from mart.fct_call
    union
    select user_id from mart.fct_dial
    union
    select user_id from mart.fct_meeting
    union
    select user_id from mart.fct_success
    union
    select user_id from mart.fct_cadence_membership
    union
    select user_id from mart.fct_cadence_enrollment
    union
    select user_id from mart.fct_activity
    union
    select user_id from mart.fct_task
    union
    select user_id from mart.fct_note
    union
    select user_id from mart.fct_backlog_daily
    union
    select user_id from mart.daily_engagement_reported
    union
    select canonical_user_id from mart.ref_user_alias
    union
    select owner_id from raw_salesloft.people
    union
    select owner_id from raw_salesloft.people_versions
    union
    select id from raw_salesloft.users_versions
    union
    select owner_id from raw_salesloft.accounts
    union
    select owner_id from raw_salesloft.cadences
    union
    select template_owner_id from raw_salesloft.email_templates
),
people as (
    select person_id as id from mart.fct_email
    union
    select person_id from mart.fct_call
    union
    select person_id from mart.fct_dial
    union
    select person_id from mart.fct_meeting
    union
    select person_id from mart.fct_success
    union
    select person_id from mart.fct_cadence_membership
    union
    select person_id from mart.fct_activity
    union
    select person_id from mart.fct_task
    union
    select person_id from mart.fct_note
    union
    select canonical_person_id from mart.ref_person_alias
    union
    -- A webhook told of them, and they were gone before anybody could read them.
    select id from raw_salesloft.people_versions
),
accounts as (
    select account_id as id from mart.fct_email
    union
    select account_id from mart.fct_call
    union
    select account_id from mart.fct_dial
    union
    select account_id from mart.fct_meeting
    union
    select account_id from mart.fct_success
    union
    select account_id from mart.fct_activity
    union
    select account_id from mart.fct_task
    union
    select account_id from mart.fct_note
    union
    select account_id from raw_salesloft.people
),
cadences as (
    select cadence_id as id from mart.fct_email
    union
    select cadence_id from mart.fct_call
    union
    select cadence_id from mart.fct_meeting
    union
    select cadence_id from mart.fct_success
    union
    select cadence_id from mart.fct_cadence_membership
    union
    select cadence_id from mart.fct_activity
    union
    select cadence_id from mart.fct_backlog_daily
    union
    select cadence_id from mart.daily_engagement_reported
    union
    select cadence_id from raw_salesloft.steps
),
steps as (
    select step_id as id, cadence_id from mart.fct_email
    union
    select step_id, cadence_id from mart.fct_call
    union
    select step_id, cadence_id from mart.fct_meeting
    union
    select step_id, cadence_id from mart.fct_success
    union
    select step_id, cadence_id from mart.fct_activity
    union
    select step_id, -1 from mart.fct_cadence_membership
    union
    select step_id, cadence_id from mart.daily_engagement_reported
),
templates as (
    select distinct template_id as id from mart.fct_email
)
select 'user' as dimension, id, cast(null as bigint) as cadence_id from users where id <> -1
union all
select 'person', id, null from people where id <> -1
union all
select 'account', id, null from accounts where id <> -1
union all
select 'cadence', id, null from cadences where id <> -1
union all
select 'step', id, max(cadence_id) from steps where id <> -1 group by id
union all
select 'template', id, null from templates where id <> -1
order by 1, 2
