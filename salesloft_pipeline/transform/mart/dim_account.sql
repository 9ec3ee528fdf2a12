-- One row per account (account_id), as today; archived and deleted ones stay. -1 is no account.
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
    m.id, 'Account ' || cast(m.id as text), null, null, null, null, null, null, -1, null, false, null, null, false,
    null, true
from mart.ref_mention m
where m.dimension = 'account' and m.id not in (select id from raw_salesloft.accounts)
union all
select -1, 'No account', null, null, null, null, null, null, -1, null, false, null, null, false, null, false
order by 1
