-- One row per account (account_id), as today; archived and deleted ones stay. -1 is no account.
with mentioned as (
    select account_id from mart.fct_email
    union
    select account_id from mart.fct_call
    union
    select account_id from mart.fct_meeting
    union
    select account_id from mart.fct_success
    union
    select account_id from mart.fct_activity
    union
    select account_id from mart.dim_person
    union
    select -1
)
select
    a.id as account_id,
    coalesce(a.name, 'Account ' || cast(a.id as text)) as account_name,
    a.domain,
    a.industry,
    a.size,
    a.revenue_range,
    t.name as tier_name,
    s.name as stage_name,
    coalesce(a.owner_id, -1) as owner_user_id,
    a.country,
    coalesce(a.do_not_contact, false) as do_not_contact,
    a.crm_id,
    a.archived_at,
    a._deleted_at is not null as is_deleted,
    a._deleted_at as deleted_at,
    false as is_inferred
from raw_salesloft.accounts a
left join raw_salesloft.account_tiers t on t.id = a.account_tier_id
left join raw_salesloft.account_stages s on s.id = a.company_stage_id
union all
select
    m.account_id, case m.account_id when -1 then 'No account' else 'Account ' || cast(m.account_id as text) end,
    null, null, null, null, null, null, -1, null, false, null, null, false, null, m.account_id <> -1
from mentioned m
where m.account_id not in (select id from raw_salesloft.accounts)
order by 1
