-- One row per person and stretch of time in which stage, owner and opt-out stood still (person_id, valid_from).
-- Half open: valid_from <= t < valid_to. The first version reaches back to 1900, the last on to 9999, and people
-- without any version have one row, so that a join on the time of an activity never loses it.
with seen as (
    select
        id as person_id, coalesce(updated_at, observed_at) as updated_at, observed_at,
        person_stage_id as stage_id, coalesce(owner_id, -1) as owner_user_id,
        coalesce(do_not_contact, false) as do_not_contact
    from raw_salesloft.people_versions
    union all
    select
        id, coalesce(updated_at, _synced_at, timestamptz '1900-01-01 00:00:00+00'),
        coalesce(_synced_at, timestamptz '1900-01-01 00:00:00+00'),
        person_stage_id, coalesce(owner_id, -1), coalesce(do_not_contact, false)
    from raw_salesloft.people
),
contents as (
    select person_id, updated_at, stage_id, owner_user_id, do_not_contact, min(observed_at) as observed_at
    from seen
    group by person_id, updated_at, stage_id, owner_user_id, do_not_contact
),
-- A change need not move updated_at: then the time of the sighting counts.
numbered as (
    select contents.*, row_number() over (
        partition by person_id, updated_at order by observed_at, stage_id, owner_user_id, do_not_contact
    ) as content_no
    from contents
),
dated as (
    select numbered.*, case when content_no = 1 then updated_at else greatest(updated_at, observed_at) end as ver_at
    from numbered
),
newest as (
    select dated.*, row_number() over (
        partition by person_id, ver_at order by observed_at desc, stage_id, owner_user_id, do_not_contact
    ) as recency
    from dated
),
compared as (
    select
        newest.*,
        row_number() over in_order as version_no,
        lag(stage_id) over in_order is distinct from stage_id
        or lag(owner_user_id) over in_order is distinct from owner_user_id
        or lag(do_not_contact) over in_order is distinct from do_not_contact as is_change
    from newest
    where recency = 1
    window in_order as (partition by person_id order by ver_at)
),
versions as (
    select
        person_id,
        case when version_no = 1 then timestamptz '1900-01-01 00:00:00+00' else ver_at end as valid_from,
        stage_id, owner_user_id, do_not_contact
    from compared
    where version_no = 1 or is_change
    union all
    select id, timestamptz '1900-01-01 00:00:00+00', null, -1, false
    from mart.ref_mention
    where dimension = 'person' and id not in (select id from raw_salesloft.people)
        and id not in (select id from raw_salesloft.people_versions)
    union all
    select -1, timestamptz '1900-01-01 00:00:00+00', null, -1, false
)
select
    person_id,
    valid_from,
    lead(valid_from, 1, timestamptz '9999-12-31 00:00:00+00') over (partition by person_id order by valid_from)
        as valid_to,
    lead(valid_from) over (partition by person_id order by valid_from) is null as is_current,
    stage_id,
    owner_user_id,
    do_not_contact
from versions
order by person_id, valid_from
