-- One row per note on a person or an account (note_id), without its text (see fct_note_pii); deleted ones stay.
with notes as (
    select
        n.*,
        case when lower(n.associated_type) = 'person' then n.associated_with_id end as person_id,
        case when lower(n.associated_type) = 'account' then n.associated_with_id end as account_id
    from raw_salesloft.notes n
)
select
    n.id as note_id,
    coalesce(n.user_id, -1) as user_id,
    coalesce(n.person_id, -1) as person_id,
    coalesce(n.account_id, p.account_id, -1) as account_id,
    n.call_id,
    n.created_at,
    cast(n.created_at at time zone :time_zone as date) as note_date,
    n._deleted_at is not null as is_deleted,
    n._deleted_at as deleted_at
from notes n
left join raw_salesloft.people p on p.id = n.person_id
order by n.id
